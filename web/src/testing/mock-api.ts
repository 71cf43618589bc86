// Answers the analytics API's own schema from the made-up factory. Loaded by unit tests and, through
// Node's type stripping, by tools/mock-server.mjs; hence the extension in the import.
import { buildSchema, graphql, GraphQLError, type GraphQLSchema } from 'graphql';
import {
  burstSamples,
  devices,
  isOnline,
  metrics,
  newestBurst,
  sampleTimes,
  type MadeDevice,
  type MadeMetric,
} from './factory.ts';

export const tenant = '100000';

interface Where {
  tenantIdentifier: string;
  deviceIdentifier: string;
  path?: string | null;
}

interface Ranged extends Where {
  start: string;
  end: string;
}

interface SeriesArguments extends Ranged {
  metricIdentifier?: string[] | null;
  pixels: number;
}

export interface MockOptions {
  /** The present, milliseconds since the epoch. */
  now: () => number;
  devices?: MadeDevice[];
}

export function makeSchema(sdl: string): GraphQLSchema {
  return buildSchema(sdl);
}

export function makeRoot(options: MockOptions) {
  const known = options.devices ?? devices;

  const deviceOf = (where: Where): MadeDevice => {
    if (where.tenantIdentifier !== tenant) {
      throw refusal(
        'not_found',
        `tenantIdentifier '${where.tenantIdentifier}' is not a tenant you may read`,
      );
    }
    const device = known.find((d) => d.deviceIdentifier === where.deviceIdentifier);
    if (!device) {
      throw refusal(
        'not_found',
        `deviceIdentifier '${where.deviceIdentifier}' is not a device of the tenant`,
      );
    }
    return device;
  };
  const metricsOf = (where: Where): MadeMetric[] => {
    deviceOf(where);
    const path = where.path ?? '';
    return metrics.filter(
      (metric) =>
        metric.deviceIdentifier === where.deviceIdentifier &&
        (path === '' || metric.path === path || metric.path.startsWith(`${path}.`)),
    );
  };

  return {
    devices: ({ body }: { body: { tenantIdentifier: string } }) => {
      if (body.tenantIdentifier !== tenant) {
        throw refusal(
          'not_found',
          `tenantIdentifier '${body.tenantIdentifier}' is not a tenant you may read`,
        );
      }
      return known.map((device) => deviceAnswer(device, options.now()));
    },
    metrics: (where: Where) =>
      metricsOf(where).map((metric) => metricAnswer(metric, options.now())),
    series: (where: SeriesArguments) =>
      metricsOf(where)
        .filter(({ metricIdentifier: id }) => where.metricIdentifier?.includes(id) ?? true)
        .map((metric) => seriesAnswer(metric, where, options.now())),
    events: (where: Ranged) =>
      eventsOf(deviceOf(where), options.now()).filter(({ timestamp }) =>
        overlaps(where, timestamp, timestamp),
      ),
    anomalies: (where: Ranged) =>
      anomaliesOf(deviceOf(where), options.now()).filter(({ start, end }) =>
        overlaps(where, start, end ?? where.end),
      ),
    predictions: (where: Where) => predictionsOf(deviceOf(where), options.now()),
    predictionHistory: () => [],
    degradationLimits: () => [],
    numericScalar: () => [],
    numericScalarModel: () => [],
    samples: (where: Where) => liveSamples(metricsOf(where), options.now),
  };
}

/** One request of the analytics API, answered in process. */
export async function answer(
  schema: GraphQLSchema,
  options: MockOptions,
  request: { query: string; variables?: Record<string, unknown> },
): Promise<unknown> {
  return graphql({
    schema,
    source: request.query,
    rootValue: makeRoot(options),
    variableValues: request.variables ?? {},
  });
}

function overlaps(range: Ranged, start: string, end: string): boolean {
  return Date.parse(end) >= Date.parse(range.start) && Date.parse(start) <= Date.parse(range.end);
}

function refusal(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

/** ISO 8601 in a zone, without an offset. */
export function localIso(time: number, zone: string): string {
  const text = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(time);
  return text.replace(' ', 'T');
}

function lastAlive(device: MadeDevice, now: number): number {
  if (isOnline(device, now)) return now - (now % 1000);
  const cycle = (device.cycleSeconds ?? 1) * 1000;
  return Math.floor(now / cycle) * cycle;
}

function deviceAnswer({ cycleSeconds, ...device }: MadeDevice, now: number) {
  const alive = lastAlive({ ...device, cycleSeconds }, now);
  return {
    ...device,
    status: isOnline({ ...device, cycleSeconds }, now) ? 'ONLINE' : 'OFFLINE',
    latestAlive: new Date(alive).toISOString(),
    latestAliveLocal: localIso(alive, device.timezone),
  };
}

function zoneName(metric: MadeMetric): string {
  return devices.find((d) => d.deviceIdentifier === metric.deviceIdentifier)?.timezone ?? 'UTC';
}

function metricAnswer({ valueAt, intervalMs: _interval, ...metric }: MadeMetric, now: number) {
  const device = devices.find((d) => d.deviceIdentifier === metric.deviceIdentifier);
  const alive = device ? lastAlive(device, now) : now;
  const latest =
    metric.metricType === 'WAVEFORM'
      ? newestBurst(now) + ((burstSamples - 1) * 1000) / 5000
      : alive;
  return {
    ...metric,
    latestValue: valueAt(latest),
    latestTimestamp: new Date(latest).toISOString(),
    latestTimestampLocal: localIso(latest, device?.timezone ?? 'UTC'),
  };
}

function seriesAnswer(metric: MadeMetric, where: SeriesArguments, now: number) {
  const start = Date.parse(where.start);
  const end = Date.parse(where.end);
  if (Number.isNaN(start) || Number.isNaN(end) || end < start) {
    throw refusal('invalid_argument', `end '${where.end}' is before start '${where.start}'`);
  }
  const columnMs = (end - start) / where.pixels;
  const columns = new Map<number, number[]>();
  for (const time of sampleTimes(metric, start, Math.min(end, now), where.pixels * 4)) {
    const column = Math.floor((time - start) / columnMs);
    const values = columns.get(column);
    if (values) values.push(metric.valueAt(time));
    else columns.set(column, [metric.valueAt(time)]);
  }
  const all = [...columns.entries()];
  const { valueAt: _value, intervalMs: _interval, sampleRateHz: _rate, ...fields } = metric;
  return {
    ...fields,
    t: all.map(([column]) => Math.round((start + column * columnMs) * 1000)),
    min: all.map(([, values]) => Math.min(...values)),
    max: all.map(([, values]) => Math.max(...values)),
    avg: all.map(([, values]) => values.reduce((sum, value) => sum + value, 0) / values.length),
    count: all.map(([, values]) => values.length),
    columnUs: columnMs * 1000,
  };
}

function eventsOf(device: MadeDevice, now: number) {
  const at = (ago: number, kind: string, message: string) => ({
    id: `${device.deviceIdentifier}-${kind}-${ago}`,
    deviceIdentifier: device.deviceIdentifier,
    kind,
    message,
    timestamp: new Date(now - ago).toISOString(),
    timestampLocal: localIso(now - ago, device.timezone),
  });
  return [
    at(120_000, 'status_changed', 'Status changed from offline to online.'),
    at(180_000, 'status_changed', 'Status changed from online to offline: no status for 20 s.'),
    at(300_000, 'registered', `Device ${device.deviceIdentifier} was registered.`),
  ];
}

function anomaliesOf(device: MadeDevice, now: number) {
  const metric = metrics.find((m) => m.deviceIdentifier === device.deviceIdentifier);
  if (!metric || device.deviceIdentifier === '000004') return [];
  const one = (
    ago: number,
    length: number | null,
    kind: string,
    severity: number,
    reason: string,
  ) => ({
    id: `${device.deviceIdentifier}-${kind}-${ago}`,
    deviceIdentifier: device.deviceIdentifier,
    metricIdentifier: metric.metricIdentifier,
    path: metric.path,
    kind,
    start: new Date(now - ago).toISOString(),
    startLocal: localIso(now - ago, zoneName(metric)),
    end: length === null ? null : new Date(now - ago + length).toISOString(),
    endLocal: length === null ? null : localIso(now - ago + length, zoneName(metric)),
    severity,
    reason,
  });
  return [
    one(
      40_000,
      null,
      'level_shift',
      9.3,
      '19.4 lies 9.3 robust standard deviations above the usual 12.1.',
    ),
    one(400_000, 60_000, 'point', 14.1, 'A single value of 41.0 where 20.2 to 22.1 is usual.'),
  ];
}

const conditions = [
  'no_fault',
  'eccentricity',
  'missing_tooth',
  'root_crack',
  'surface_fault',
  'tooth_chipped_fault',
];

function predictionsOf(device: MadeDevice, now: number) {
  const common = {
    deviceIdentifier: device.deviceIdentifier,
    version: '1',
    timestamp: new Date(newestBurst(now)).toISOString(),
    timestampLocal: localIso(newestBurst(now), device.timezone),
  };
  if (device.deviceIdentifier === '000001') {
    return conditions.map((predicted, i) => ({
      ...common,
      path: `conveyor.motor${i + 1}`,
      kind: 'FAULT_CLASS',
      model: 'gear',
      predicted,
      probability: [0.97, 0.88, 0.9997, 0.71, 0.93, 0.64][i],
      reason: '7 windows of 256 samples of both axes of the newest burst.',
    }));
  }
  if (device.deviceIdentifier === '000003') {
    return [
      {
        ...common,
        path: 'engine',
        kind: 'REMAINING_USEFUL_LIFE',
        model: 'rul',
        state: 'VALUE',
        value: 84.2,
        lower: 61,
        upper: 118,
        unit: 'cycles',
        reason: 'The health indicator of the last 60 cycles, extrapolated to its threshold.',
      },
    ];
  }
  return [];
}

async function* liveSamples(watched: MadeMetric[], now: () => number) {
  let from = now();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const to = now();
    const series = watched
      .filter(({ metricType }) => metricType === 'NUMERIC_SCALAR')
      .map((metric) => {
        const times = sampleTimes(metric, from + 1, to, 1000);
        const { valueAt, intervalMs: _interval, sampleRateHz: _rate, ...fields } = metric;
        return { ...fields, t: times.map((t) => t * 1000), value: times.map(valueAt) };
      })
      .filter(({ t }) => t.length > 0);
    from = to;
    if (series.length > 0) {
      yield { samples: { deviceIdentifier: watched[0]?.deviceIdentifier ?? '', series } };
    }
  }
}
