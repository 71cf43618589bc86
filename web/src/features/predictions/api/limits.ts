import { mutate, query } from '../../../lib/graphql/client';
import { graphql } from '../../../lib/graphql/generated';
import type { DegradationLimitInput, LimitsQuery } from '../../../lib/graphql/generated/graphql';
import type { DeviceId, TenantId } from '../../../lib/ids';
import { usePolled, type Polled } from '../../../lib/use-polled';

const LimitsDocument = graphql(`
  query Limits($tenantIdentifier: String!, $deviceIdentifier: String!) {
    degradationLimits(tenantIdentifier: $tenantIdentifier, deviceIdentifier: $deviceIdentifier) {
      id
      path
      metricIdentifier
      value
      side
      author
      note
      model
    }
    metrics(tenantIdentifier: $tenantIdentifier, deviceIdentifier: $deviceIdentifier) {
      path
      metricIdentifier
      unit
      metricType
    }
  }
`);

const CreateLimitDocument = graphql(`
  mutation CreateLimit($input: DegradationLimitInput!) {
    createDegradationLimit(input: $input) {
      id
    }
  }
`);

const DeleteLimitDocument = graphql(`
  mutation DeleteLimit($id: ID!) {
    deleteDegradationLimit(id: $id)
  }
`);

export type Limits = LimitsQuery;
export type Limit = LimitsQuery['degradationLimits'][number];
export type LimitInput = DegradationLimitInput;

export function useLimits(tenant: TenantId, device: DeviceId): Polled<Limits> {
  return usePolled(
    `limits/${tenant}/${device}`,
    () => query(LimitsDocument, { tenantIdentifier: tenant, deviceIdentifier: device }),
    30_000,
  );
}

export async function createLimit(input: LimitInput): Promise<void> {
  await mutate(CreateLimitDocument, { input });
}

export async function deleteLimit(id: string): Promise<void> {
  await mutate(DeleteLimitDocument, { id });
}
