import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { ErrorNotice } from '../../../components/notices';
import { unitSign } from '../../../lib/format';
import type { DeviceId, TenantId } from '../../../lib/ids';
import { useSession } from '../../../lib/session';
import type { Zone } from '../../../lib/time-zone';
import { useLifeHistory } from '../api/life-history';
import { deleteLimit, useLimits, type Limit } from '../api/limits';
import { LifeHistory } from './life-history';
import { LimitForm } from './limit-form';

interface LimitsCardProps {
  readonly tenant: TenantId;
  readonly device: DeviceId;
  readonly zone: Zone;
}

const mayLimit = new Set(['technician', 'engineer', 'administrator', 'operator']);

/** The levels at which parts of the device are worn out, and what was foretold towards each. */
export function LimitsCard({ tenant, device, zone }: LimitsCardProps) {
  const { roles, readOnly } = useSession();
  const { data, error, receivedAt, refresh } = useLimits(tenant, device);
  const may = !readOnly && roles.some((role) => mayLimit.has(role));
  if (error !== undefined && data === undefined) {
    return <ErrorNotice error={error} lastSuccess={receivedAt} onRetry={refresh} />;
  }
  if (!data || (!may && data.degradationLimits.length === 0)) return null;
  const numeric = data.metrics.filter(
    ({ metricType }) => metricType === 'NUMERIC_SCALAR' || metricType === 'WAVEFORM',
  );
  return (
    <Paper component="section" aria-label="Degradation limits" sx={{ p: 1.5 }}>
      <Typography variant="h2">Degradation limits</Typography>
      <Box sx={{ display: 'grid', gap: 2, mt: 1 }}>
        {data.degradationLimits.map((limit) => (
          <LimitRow
            key={limit.id}
            limit={limit}
            unit={
              data.metrics.find(
                (one) => one.path === limit.path && one.metricIdentifier === limit.metricIdentifier,
              )?.unit ?? ''
            }
            tenant={tenant}
            device={device}
            zone={zone}
            onDeleted={may ? refresh : undefined}
          />
        ))}
        {may ? (
          <LimitForm tenant={tenant} device={device} metrics={numeric} onCreated={refresh} />
        ) : null}
      </Box>
    </Paper>
  );
}

interface LimitRowProps extends LimitsCardProps {
  readonly limit: Limit;
  readonly unit: string;
  /** Missing for those who may not delete. */
  readonly onDeleted: (() => void) | undefined;
}

function LimitRow({ limit, unit, tenant, device, zone, onDeleted }: LimitRowProps) {
  const history = useLifeHistory(tenant, device, limit);
  const [asked, setAsked] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const remove = async () => {
    try {
      await deleteLimit(limit.id);
      onDeleted?.();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Box>
      <Typography>
        {limit.path} {limit.metricIdentifier}: worn out {limit.side.toLowerCase()}{' '}
        <strong>
          {limit.value} {unitSign(unit)}
        </strong>
        , says {limit.author}
        {limit.note ? ` (${limit.note})` : ''}
      </Typography>
      {history.error === undefined ? null : (
        <ErrorNotice error={history.error} onRetry={history.refresh} />
      )}
      {history.data ? <LifeHistory points={history.data} zone={zone} /> : null}
      {onDeleted === undefined ? null : asked ? (
        <Box sx={{ display: 'flex', gap: 1 }}>
          <Button color="error" onClick={() => void remove()}>
            Delete the limit and its prediction
          </Button>
          <Button onClick={() => setAsked(false)}>Keep it</Button>
        </Box>
      ) : (
        <Button size="small" onClick={() => setAsked(true)}>
          Delete …
        </Button>
      )}
      {error === undefined ? null : <ErrorNotice error={error} />}
    </Box>
  );
}
