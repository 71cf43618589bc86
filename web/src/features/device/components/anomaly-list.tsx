import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import { EmptyNotice, ErrorNotice } from '../../../components/notices';
import { formatDuration } from '../../../lib/format';
import { localTime, type Zone } from '../../../lib/time-zone';
import type { Polled } from '../../../lib/use-polled';
import type { Anomaly } from '../api/queries';
import { pathWords } from '../sections';
import { anomalyKind } from '../words';

interface AnomalyListProps {
  readonly anomalies: Polled<readonly Anomaly[]>;
  readonly zone: Zone;
  readonly onShow: (start: number, end: number) => void;
}

const shown = 30;

/** Spans in which a metric behaved unlike itself, each with the reason. */
export function AnomalyList({ anomalies, zone, onShow }: AnomalyListProps) {
  const { data, error, receivedAt, refresh } = anomalies;
  return (
    <Paper component="section" id="anomalies" aria-label="Anomalies" sx={{ p: 1.5, minWidth: 0 }}>
      <Typography variant="h2">Anomalies in this range</Typography>
      {error === undefined ? null : (
        <ErrorNotice error={error} lastSuccess={receivedAt} onRetry={refresh} />
      )}
      {data === undefined && error === undefined ? <Skeleton height={80} /> : null}
      {data?.length === 0 ? (
        <EmptyNotice title="None">
          Every metric behaved as usual. A longer range may show some.
        </EmptyNotice>
      ) : null}
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {data?.slice(0, shown).map((anomaly) => (
          <AnomalyRow key={anomaly.id} anomaly={anomaly} zone={zone} onShow={onShow} />
        ))}
      </Box>
      {data && data.length > shown ? (
        <Typography variant="body2" color="textSecondary">
          And {data.length - shown} older ones: choose a shorter range to see them.
        </Typography>
      ) : null}
    </Paper>
  );
}

interface AnomalyRowProps {
  readonly anomaly: Anomaly;
  readonly zone: Zone;
  readonly onShow: (start: number, end: number) => void;
}

function AnomalyRow({ anomaly, zone, onShow }: AnomalyRowProps) {
  const start = Date.parse(anomaly.start);
  const end = anomaly.end ? Date.parse(anomaly.end) : undefined;
  const around = Math.max(60_000, ((end ?? start) - start) / 2);
  return (
    <Box
      component="li"
      sx={{
        display: 'flex',
        gap: 1,
        py: 0.75,
        borderBottom: 1,
        borderColor: 'divider',
        '&:last-child': { borderBottom: 0 },
      }}
    >
      <Box sx={{ flexGrow: 1, minWidth: 0 }}>
        <Typography variant="body2">
          <Box component="span" aria-hidden="true" sx={{ color: 'warning.main' }}>
            ▲{' '}
          </Box>
          <strong>{anomalyKind(anomaly.kind)}</strong> · {pathWords(anomaly.path)} ·{' '}
          {anomaly.metricIdentifier}
        </Typography>
        <Typography variant="body2">{anomaly.reason}</Typography>
        <Typography variant="body2" color="textSecondary">
          {localTime(start, zone)} ·{' '}
          {end === undefined
            ? 'still open'
            : end > start
              ? `for ${formatDuration(end - start)}`
              : 'one sample'}{' '}
          · severity {Math.round(anomaly.severity * 10) / 10}
        </Typography>
      </Box>
      <Button
        size="small"
        variant="outlined"
        sx={{ alignSelf: 'center', flexShrink: 0 }}
        onClick={() => onShow(start - around, (end ?? start) + around)}
      >
        Show
      </Button>
    </Box>
  );
}
