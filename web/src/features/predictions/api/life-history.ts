import { query } from '../../../lib/graphql/client';
import { graphql } from '../../../lib/graphql/generated';
import type { LifePoint } from '../../../charts/life';
import type { DeviceId, TenantId } from '../../../lib/ids';
import { usePolled, type Polled } from '../../../lib/use-polled';
import type { Limit } from './limits';

const LifeHistoryDocument = graphql(`
  query LifeHistory(
    $tenantIdentifier: String!
    $deviceIdentifier: String!
    $path: String
    $start: String!
    $end: String!
  ) {
    predictionHistory(
      tenantIdentifier: $tenantIdentifier
      deviceIdentifier: $deviceIdentifier
      path: $path
      kind: REMAINING_USEFUL_LIFE
      start: $start
      end: $end
      limit: 1000
    ) {
      path
      model
      timestamp
      value
      lower
      upper
    }
  }
`);

const hour = 3_600_000;
const kept = 180 * 24 * hour;

/** What was foretold towards a limit, as instants: the newest thousand hours of half a year. */
export function useLifeHistory(
  tenant: TenantId,
  device: DeviceId,
  limit: Limit,
): Polled<readonly LifePoint[]> {
  return usePolled(
    `life-history/${tenant}/${device}/${limit.path}/${limit.model}`,
    async () => {
      const now = Date.now();
      const { predictionHistory } = await query(LifeHistoryDocument, {
        tenantIdentifier: tenant,
        deviceIdentifier: device,
        path: limit.path,
        start: new Date(now - kept).toISOString(),
        end: new Date(now + hour).toISOString(),
      });
      return predictionHistory
        .filter(({ path, model }) => path === limit.path && model === limit.model)
        .map(({ timestamp, value, lower, upper }) => {
          const at = Date.parse(timestamp);
          const end = (hours: number | null | undefined) =>
            typeof hours === 'number' ? at + hours * hour : undefined;
          return { at, end: end(value), lower: end(lower), upper: end(upper) };
        })
        .toReversed();
    },
    60_000,
  );
}
