import { graphql } from '../../../lib/graphql/generated';
import type { DevicesQuery } from '../../../lib/graphql/generated/graphql';
import { query } from '../../../lib/graphql/client';
import type { TenantId } from '../../../lib/ids';
import { usePolled, type Polled } from '../../../lib/use-polled';

const DevicesDocument = graphql(`
  query Devices($tenantIdentifier: String!) {
    devices(body: { tenantIdentifier: $tenantIdentifier }) {
      deviceIdentifier
      description
      city
      country
      timezone
      status
      latestAlive
    }
  }
`);

export type ListedDevice = DevicesQuery['devices'][number];

const refreshMs = 2000;

export function useDevices(tenant: TenantId): Polled<readonly ListedDevice[]> {
  return usePolled(
    `devices/${tenant}`,
    async () => (await query(DevicesDocument, { tenantIdentifier: tenant })).devices,
    refreshMs,
  );
}
