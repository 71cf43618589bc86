import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { useState, type FormEvent } from 'react';
import { ErrorNotice } from '../../../components/notices';
import { unitSign } from '../../../lib/format';
import type { DeviceId, TenantId } from '../../../lib/ids';
import { createLimit, type Limits } from '../api/limits';

interface LimitFormProps {
  readonly tenant: TenantId;
  readonly device: DeviceId;
  readonly metrics: Limits['metrics'];
  readonly onCreated: () => void;
}

/** Says at which level of a metric the part is worn out. */
export function LimitForm({ tenant, device, metrics, onCreated }: LimitFormProps) {
  const [chosen, setChosen] = useState('');
  const [side, setSide] = useState<'ABOVE' | 'BELOW'>('ABOVE');
  const [value, setValue] = useState('');
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const metric = metrics.find((one) => keyOf(one) === chosen);
  const level = Number(value.replace(',', '.'));
  const ready = metric !== undefined && value.trim() !== '' && Number.isFinite(level);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    setBusy(true);
    setError(undefined);
    try {
      await createLimit({
        tenantIdentifier: tenant,
        deviceIdentifier: device,
        path: metric.path,
        metricIdentifier: metric.metricIdentifier,
        value: level,
        side,
        note,
      });
      setValue('');
      setNote('');
      onCreated();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Box component="form" onSubmit={submit} sx={{ display: 'grid', gap: 1.5 }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1.5 }}>
        <TextField
          select
          size="small"
          label="Metric"
          value={chosen}
          onChange={(event) => setChosen(event.target.value)}
          sx={{ minWidth: 220 }}
        >
          {metrics.map((one) => (
            <MenuItem key={keyOf(one)} value={keyOf(one)}>
              {keyOf(one)}
            </MenuItem>
          ))}
        </TextField>
        <TextField
          select
          size="small"
          label="Worn out"
          value={side}
          onChange={(event) => setSide(event.target.value === 'BELOW' ? 'BELOW' : 'ABOVE')}
          sx={{ minWidth: 110 }}
        >
          <MenuItem value="ABOVE">above</MenuItem>
          <MenuItem value="BELOW">below</MenuItem>
        </TextField>
        <TextField
          size="small"
          label={metric?.unit ? `Limit, ${unitSign(metric.unit)}` : 'Limit'}
          inputMode="decimal"
          value={value}
          onChange={(event) => setValue(event.target.value)}
          sx={{ width: 130 }}
        />
        <TextField
          size="small"
          label="Note"
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        <Button type="submit" variant="contained" disabled={busy || !ready}>
          Set limit
        </Button>
      </Box>
      {error === undefined ? null : <ErrorNotice error={error} />}
    </Box>
  );
}

function keyOf(metric: { path: string; metricIdentifier: string }): string {
  return metric.path === '' ? metric.metricIdentifier : `${metric.path} ${metric.metricIdentifier}`;
}
