import Box from '@mui/material/Box';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import { memo, useMemo } from 'react';
import { noColumns, withLive, type Columns } from '../../../charts/columns';
import type { MarkedSpan } from '../../../charts/geometry';
import { gapThreshold } from '../../../charts/gaps';
import { ColumnsTable } from '../../../components/columns-table';
import { TimeChart } from '../../../components/time-chart';
import { formatAge, formatDuration, formatValue } from '../../../lib/format';
import { localClock, localTime, type Zone } from '../../../lib/time-zone';
import type { Anomaly, Metric } from '../api/queries';
import { useLiveSamples } from '../hooks/use-live';
import type { LiveBuffer } from '../live-buffer';
import { metricName } from '../sections';
import { anomalyKind } from '../words';
import { ChartCard } from './chart-card';
import { ChartLegend } from './chart-legend';

export const chartHeight = 158;

interface MetricCardProps {
  readonly metric: Metric;
  /** Missing while the first answer is on its way. */
  readonly base: Columns | undefined;
  readonly loading: boolean;
  readonly buffer: LiveBuffer;
  /** Whether the right edge is now, so that live samples belong into the picture. */
  readonly live: boolean;
  readonly start: number;
  readonly end: number;
  readonly zone: Zone;
  readonly anomalies: readonly Anomaly[];
  readonly onZoom: (t0: number, t1: number) => void;
  readonly onZoomOut: () => void;
}

/** One scalar metric: its line over the range, live. */
export const MetricCard = memo(function MetricCard(props: MetricCardProps) {
  const { metric, base, loading, buffer, live, start, end, zone, anomalies } = props;
  const samples = useLiveSamples(buffer, metric.path, metric.metricIdentifier);
  const columns = useMemo(
    () => (live ? withLive(base ?? noColumns, samples) : (base ?? noColumns)),
    [base, samples, live],
  );
  const own = useMemo(
    () =>
      anomalies.filter(
        (one) => one.path === metric.path && one.metricIdentifier === metric.metricIdentifier,
      ),
    [anomalies, metric],
  );
  const openEnd = own.some((one) => !one.end) ? end : 0;
  const spans = useMemo(() => own.map((one) => spanOf(one, openEnd)), [own, openEnd]);

  const name = metricName(metric);
  const latest = newestValue(metric, samples.t.at(-1), samples.value.at(-1));
  const age = live ? end - latest.t : 0;
  const stale = age > Math.max(10_000, gapThreshold(columns.t, columns.columnMs));
  const formatTime = (time: number) => `${localTime(time, zone)} ${zone.name}`;
  const hasData = columns.t.some((t) => t >= start - columns.columnMs && t <= end);
  const label = summary(name, columns, metric.unit, spans.length);

  const chart =
    loading && !hasData ? (
      <Skeleton variant="rounded" height={chartHeight} />
    ) : hasData ? (
      <TimeChart
        columns={columns}
        t0={start}
        t1={end}
        zone={zone}
        unit={metric.unit}
        label={label}
        spans={spans}
        height={chartHeight}
        formatTime={formatTime}
        onZoom={props.onZoom}
        onZoomOut={props.onZoomOut}
      />
    ) : (
      <NoSamples latest={latest.t} zone={zone} onZoom={props.onZoom} />
    );

  return (
    <ChartCard
      title={name}
      identifier={metric.metricIdentifier}
      value={Number.isNaN(latest.value) ? '–' : formatValue(latest.value, metric.unit)}
      valueNote={latestWords(latest.t, zone, stale ? age : 0)}
      stale={stale}
      legend={
        <ChartLegend
          line="average"
          band={columns.count.some((count) => count > 1)}
          anomaly={spans.some((span) => span.end >= start && span.start <= end)}
          gap={hasData && hasGap(columns, start, end)}
          resolution={columns.columnMs > 0 ? `1 column = ${formatDuration(columns.columnMs)}` : ''}
        />
      }
      chart={chart}
      renderTable={() => (
        <ColumnsTable
          columns={columns}
          t0={start}
          t1={end}
          unit={metric.unit}
          label={name}
          height={chartHeight}
          formatTime={(time) => localTime(time, zone)}
        />
      )}
      note={own[0] ? <AnomalyNote anomaly={own[0]} more={own.length - 1} /> : null}
    />
  );
});

function AnomalyNote({ anomaly, more }: { readonly anomaly: Anomaly; readonly more: number }) {
  const text = `${anomalyKind(anomaly.kind)}${anomaly.end ? '' : ' (open)'}: ${anomaly.reason}`;
  return (
    <Typography variant="caption" component="div" noWrap title={text} sx={{ px: 0.5, pb: 0.5 }}>
      <Box component="span" aria-hidden="true" sx={{ color: 'warning.main' }}>
        ▲{' '}
      </Box>
      {text}
      {more > 0 ? ` (and ${more} more)` : ''}
    </Typography>
  );
}

interface NoSamplesProps {
  readonly latest: number;
  readonly zone: Zone;
  readonly onZoom: (t0: number, t1: number) => void;
}

function NoSamples({ latest, zone, onZoom }: NoSamplesProps) {
  const around = 5 * 60_000;
  return (
    <Box
      sx={{
        height: chartHeight,
        display: 'grid',
        placeContent: 'center',
        textAlign: 'center',
        p: 1,
      }}
    >
      <Typography variant="body2" sx={{ fontWeight: 600 }}>
        No samples in this range
      </Typography>
      {Number.isNaN(latest) ? (
        <Typography variant="body2" color="textSecondary">
          The first one appears here by itself.
        </Typography>
      ) : (
        <Typography variant="body2" color="textSecondary">
          The newest is of {localTime(latest, zone)}.{' '}
          <Box
            component="button"
            type="button"
            onClick={() => onZoom(latest - around, latest + around / 5)}
            sx={{
              font: 'inherit',
              color: 'primary.main',
              background: 'none',
              border: 0,
              p: 0,
              textDecoration: 'underline',
              cursor: 'pointer',
            }}
          >
            Show it
          </Box>
        </Typography>
      )}
    </Box>
  );
}

function spanOf(anomaly: Anomaly, openEnd: number): MarkedSpan {
  return {
    id: anomaly.id,
    start: Date.parse(anomaly.start),
    end: anomaly.end ? Date.parse(anomaly.end) : openEnd,
    title: anomaly.reason,
  };
}

function newestValue(
  metric: Metric,
  liveTime: number | undefined,
  liveValue: number | undefined,
): { t: number; value: number } {
  const t = metric.latestTimestamp ? Date.parse(metric.latestTimestamp) : Number.NaN;
  if (liveTime !== undefined && liveValue !== undefined && !(t > liveTime)) {
    return { t: liveTime, value: liveValue };
  }
  return { t, value: metric.latestValue ?? Number.NaN };
}

function latestWords(t: number, zone: Zone, age: number): string {
  if (Number.isNaN(t)) return 'no value yet';
  return age > 0 ? `${formatAge(age)}, at ${localClock(t, zone)}` : localClock(t, zone);
}

function hasGap(columns: Columns, start: number, end: number): boolean {
  const threshold = gapThreshold(columns.t, columns.columnMs);
  const inside = columns.t.filter((t) => t >= start && t <= end);
  const ends = [start, ...inside, end];
  return ends.some((t, i) => i > 0 && t - ends[i - 1]! > threshold);
}

function summary(name: string, columns: Columns, unit: string, anomalies: number): string {
  if (columns.t.length === 0) return `${name}: no samples`;
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < columns.t.length; i += 1) {
    low = Math.min(low, columns.min[i]!);
    high = Math.max(high, columns.max[i]!);
  }
  const marked =
    anomalies === 0 ? '' : `, ${anomalies} ${anomalies === 1 ? 'anomaly' : 'anomalies'} marked`;
  return `Line chart of ${name}: ${formatValue(low, unit)} to ${formatValue(high, unit)}${marked}. Arrow keys read single points.`;
}
