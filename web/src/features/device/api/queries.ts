import { query } from '../../../lib/graphql/client';
import { graphql } from '../../../lib/graphql/generated';
import type {
  AnomaliesQuery,
  DeviceFactsQuery,
  EventsQuery,
  MetricsQuery,
} from '../../../lib/graphql/generated/graphql';
import type { DeviceId, TenantId } from '../../../lib/ids';
import { usePolled, type Polled } from '../../../lib/use-polled';
import { boundsOf, type Range } from '../range';
import { serverNow } from '../../../lib/server-clock';

const DeviceFactsDocument = graphql(`
  query DeviceFacts($tenantIdentifier: String!) {
    devices(body: { tenantIdentifier: $tenantIdentifier }) {
      deviceIdentifier
      description
      city
      country
      long
      lat
      timezone
      status
      latestAlive
    }
  }
`);

const MetricsDocument = graphql(`
  query Metrics($tenantIdentifier: String!, $deviceIdentifier: String!) {
    metrics(tenantIdentifier: $tenantIdentifier, deviceIdentifier: $deviceIdentifier) {
      metricIdentifier
      path
      unit
      displayName
      metricType
      sampleRateHz
      latestValue
      latestTimestamp
    }
  }
`);

const AnomaliesDocument = graphql(`
  query Anomalies(
    $tenantIdentifier: String!
    $deviceIdentifier: String!
    $start: String!
    $end: String!
  ) {
    anomalies(
      tenantIdentifier: $tenantIdentifier
      deviceIdentifier: $deviceIdentifier
      start: $start
      end: $end
      limit: 200
    ) {
      id
      metricIdentifier
      path
      kind
      start
      end
      severity
      reason
    }
  }
`);

const EventsDocument = graphql(`
  query Events(
    $tenantIdentifier: String!
    $deviceIdentifier: String!
    $start: String!
    $end: String!
  ) {
    events(
      tenantIdentifier: $tenantIdentifier
      deviceIdentifier: $deviceIdentifier
      start: $start
      end: $end
      limit: 50
    ) {
      id
      kind
      message
      timestamp
    }
  }
`);

export type DeviceFacts = DeviceFactsQuery['devices'][number];
export type Metric = MetricsQuery['metrics'][number];
export type Anomaly = AnomaliesQuery['anomalies'][number];
export type DeviceEvent = EventsQuery['events'][number];

export interface Machine {
  readonly tenant: TenantId;
  readonly device: DeviceId;
}

const refreshMs = 5000;

const where = ({ tenant, device }: Machine) => ({
  tenantIdentifier: tenant,
  deviceIdentifier: device,
});

/** The device, or null when the tenant has none of that identifier. */
export function useDeviceFacts({ tenant, device }: Machine): Polled<DeviceFacts | null> {
  return usePolled(
    `device/${tenant}/${device}`,
    async () => {
      const { devices } = await query(DeviceFactsDocument, { tenantIdentifier: tenant });
      return devices.find(({ deviceIdentifier }) => deviceIdentifier === device) ?? null;
    },
    refreshMs,
  );
}

export function useMetrics(machine: Machine): Polled<readonly Metric[]> {
  return usePolled(
    `metrics/${machine.tenant}/${machine.device}`,
    async () => (await query(MetricsDocument, where(machine))).metrics,
    refreshMs,
  );
}

export function useAnomalies(machine: Machine, range: Range): Polled<readonly Anomaly[]> {
  return usePolled(
    `anomalies/${machine.tenant}/${machine.device}/${JSON.stringify(range)}`,
    async () =>
      (await query(AnomaliesDocument, { ...where(machine), ...isoBounds(range) })).anomalies,
    refreshMs,
  );
}

export function useEvents(machine: Machine, range: Range): Polled<readonly DeviceEvent[]> {
  return usePolled(
    `events/${machine.tenant}/${machine.device}/${JSON.stringify(range)}`,
    async () => (await query(EventsDocument, { ...where(machine), ...isoBounds(range) })).events,
    refreshMs,
  );
}

/** The range as the API reads it: instants in UTC. */
export function isoBounds(range: Range): { start: string; end: string } {
  const { start, end } = boundsOf(range, serverNow());
  return { start: new Date(start).toISOString(), end: new Date(end).toISOString() };
}
