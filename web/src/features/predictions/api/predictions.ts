import { query } from '../../../lib/graphql/client';
import { graphql } from '../../../lib/graphql/generated';
import type { PredictionsQuery } from '../../../lib/graphql/generated/graphql';
import type { DeviceId, TenantId } from '../../../lib/ids';
import { usePolled, type Polled } from '../../../lib/use-polled';

const PredictionsDocument = graphql(`
  query Predictions($tenantIdentifier: String!, $deviceIdentifier: String!) {
    predictions(tenantIdentifier: $tenantIdentifier, deviceIdentifier: $deviceIdentifier) {
      path
      kind
      model
      version
      timestamp
      predicted
      probability
      state
      value
      lower
      upper
      unit
      reason
    }
  }
`);

export type Prediction = PredictionsQuery['predictions'][number];

const refreshMs = 5000;

export function usePredictions(tenant: TenantId, device: DeviceId): Polled<readonly Prediction[]> {
  return usePolled(
    `predictions/${tenant}/${device}`,
    async () =>
      (await query(PredictionsDocument, { tenantIdentifier: tenant, deviceIdentifier: device }))
        .predictions,
    refreshMs,
  );
}
