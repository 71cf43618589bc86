import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import { formatAge, formatNumber, formatPercent, unitSign } from '../../../lib/format';
import { localTime, type Zone } from '../../../lib/time-zone';
import type { Prediction } from '../api/predictions';
import { faultWords, isHealthy } from '../fault-words';

interface PredictionPanelProps {
  readonly prediction: Prediction;
  readonly zone: Zone;
  readonly now: number;
}

/** One model's newest verdict, with what it looked at and when. */
export function PredictionPanel({ prediction, zone, now }: PredictionPanelProps) {
  const at = Date.parse(prediction.timestamp);
  const title = prediction.kind === 'FAULT_CLASS' ? 'Predicted condition' : 'Remaining useful life';
  return (
    <Box component="section" aria-label={`${title}, ${prediction.path}`} sx={{ minWidth: 0 }}>
      <Typography variant="body2" color="textSecondary">
        {title}
      </Typography>
      {prediction.kind === 'FAULT_CLASS' ? (
        <FaultClass prediction={prediction} />
      ) : (
        <RemainingLife prediction={prediction} />
      )}
      <Typography variant="body2" sx={{ mt: 0.75 }}>
        {prediction.reason}
      </Typography>
      <Typography variant="body2" color="textSecondary" sx={{ mt: 0.5 }}>
        Model {prediction.model}, version {prediction.version}
        <br />
        <span title={`${localTime(at, zone)} ${zone.name}`}>{formatAge(now - at)}</span>
      </Typography>
    </Box>
  );
}

function FaultClass({ prediction }: { readonly prediction: Prediction }) {
  if (!prediction.predicted) return <Verdict color="textSecondary">Not enough data yet</Verdict>;
  const healthy = isHealthy(prediction.predicted);
  const { probability } = prediction;
  return (
    <>
      <Verdict color={healthy ? 'success.main' : 'warning.main'} healthy={healthy}>
        {faultWords(prediction.predicted)}
      </Verdict>
      {probability === null || probability === undefined ? null : (
        <>
          <Bar from={0} to={probability} color={healthy ? 'success.main' : 'warning.main'} />
          <Typography variant="body2">
            Probability <strong>{formatPercent(probability)}</strong>
          </Typography>
        </>
      )}
    </>
  );
}

function RemainingLife({ prediction }: { readonly prediction: Prediction }) {
  const { value, lower, upper } = prediction;
  const unit = unitSign(prediction.unit ?? '');
  if (prediction.state === 'MORE_THAN' && typeof lower === 'number') {
    return (
      <Verdict color="text.primary">
        More than {formatLife(lower)} {unit}
      </Verdict>
    );
  }
  if (value === null || value === undefined) {
    return <Verdict color="textSecondary">{withoutNumbers(prediction.state)}</Verdict>;
  }
  const range = typeof lower === 'number' && typeof upper === 'number';
  const whole = range ? Math.max(upper * 1.15, value, 1e-9) : Math.max(value, 1e-9);
  return (
    <>
      <Verdict color="text.primary">
        {formatLife(value)} {unit}
      </Verdict>
      {range ? (
        <>
          <Bar from={lower / whole} to={upper / whole} mark={value / whole} color="primary.main" />
          <Typography variant="body2">
            Likely between <strong>{formatLife(lower)}</strong> and{' '}
            <strong>{formatLife(upper)}</strong> {unit}
          </Typography>
        </>
      ) : null}
    </>
  );
}

/** Why there is no number; the reason below it says more. */
function withoutNumbers(state: Prediction['state']): string {
  if (state === 'PENDING') return 'Not enough data yet';
  if (state === 'ERROR') return 'Cannot be told now';
  return 'No wear to extrapolate yet';
}

/** A life is an estimate: no more than three digits. */
function formatLife(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return value >= 10 ? String(Math.round(value)) : formatNumber(Math.round(value * 10) / 10);
}

interface VerdictProps {
  readonly color: string;
  readonly healthy?: boolean;
  readonly children: ReactNode;
}

function Verdict({ color, healthy, children }: VerdictProps) {
  return (
    <Typography
      sx={{
        fontSize: '1.15rem',
        fontWeight: 650,
        color,
        display: 'flex',
        alignItems: 'center',
        gap: 0.75,
      }}
    >
      {healthy === undefined ? null : (
        <svg
          width="14"
          height="14"
          viewBox="0 0 14 14"
          aria-hidden="true"
          style={{ flexShrink: 0 }}
        >
          {healthy ? (
            <path
              d="M1.5 7.5L5.5 11.5L12.5 3"
              fill="none"
              stroke="currentColor"
              strokeWidth="2.2"
            />
          ) : (
            <path
              d="M7 1L13.5 13H0.5ZM6.2 5v4h1.6V5ZM6.2 10v1.6h1.6V10Z"
              fill="currentColor"
              fillRule="evenodd"
            />
          )}
        </svg>
      )}
      <span>{children}</span>
    </Typography>
  );
}

interface BarProps {
  readonly from: number;
  readonly to: number;
  readonly mark?: number;
  readonly color: string;
}

/** A stretch of a 0 to 1 line; the words beside it say the same. */
function Bar({ from, to, mark, color }: BarProps) {
  return (
    <Box
      aria-hidden="true"
      sx={{
        position: 'relative',
        height: 8,
        my: 0.75,
        borderRadius: 1,
        bgcolor: 'action.selected',
      }}
    >
      <Box
        sx={{
          position: 'absolute',
          top: 0,
          bottom: 0,
          left: percent(from),
          width: percent(to - from),
          borderRadius: 1,
          bgcolor: color,
        }}
      />
      {mark === undefined ? null : (
        <Box
          sx={{
            position: 'absolute',
            top: -3,
            bottom: -3,
            left: percent(mark),
            width: 3,
            ml: '-1.5px',
            bgcolor: 'text.primary',
          }}
        />
      )}
    </Box>
  );
}

function percent(share: number): string {
  return `${Math.min(1, Math.max(0, share)) * 100}%`;
}
