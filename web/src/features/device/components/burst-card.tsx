import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import { memo, useMemo } from 'react';
import { noColumns, type Columns } from '../../../charts/columns';
import type { TimeTick } from '../../../charts/ticks';
import { EmptyNotice } from '../../../components/notices';
import { ColumnsTable } from '../../../components/columns-table';
import { TimeChart } from '../../../components/time-chart';
import { formatNumber, formatValue } from '../../../lib/format';
import { localTime, type Zone } from '../../../lib/time-zone';
import type { Anomaly, Metric } from '../api/queries';
import { burstFigures } from '../burst-figures';
import { metricName } from '../sections';
import { anomalyKind } from '../words';
import { ChartCard } from './chart-card';
import { ChartLegend } from './chart-legend';
import { chartHeight } from './metric-card';

interface BurstCardProps {
  readonly metric: Metric;
  readonly burst: Columns | undefined;
  readonly loading: boolean;
  readonly zone: Zone;
  readonly anomalies: readonly Anomaly[];
}

/** One waveform metric: its newest burst, time counted from the burst's start. */
export const BurstCard = memo(function BurstCard(props: BurstCardProps) {
  const { metric, burst, loading, zone, anomalies } = props;
  const columns = burst ?? noColumns;
  const start = columns.t[0];
  const end = columns.t.at(-1);
  const ticks = useMemo(() => burstTicks(start, end), [start, end]);
  const figures = useMemo(() => burstFigures(columns), [columns]);
  const own = anomalies.find(
    (one) => one.path === metric.path && one.metricIdentifier === metric.metricIdentifier,
  );
  const spans = useMemo(() => {
    if (!own || start === undefined || end === undefined) return [];
    const span = {
      id: own.id,
      start: Date.parse(own.start),
      end: own.end ? Date.parse(own.end) : end,
      title: own.reason,
    };
    return [span];
  }, [own, start, end]);
  const name = metricName(metric);
  const marked = spans.some(
    (span) => start !== undefined && span.end >= start && span.start <= (end ?? 0),
  );
  const sinceStart = (time: number) => `${formatNumber(time - (start ?? 0))} ms into the burst`;

  const chart =
    start === undefined || end === undefined ? (
      loading ? (
        <Skeleton variant="rounded" height={chartHeight} />
      ) : (
        <EmptyNotice title="No burst yet">The next one appears here by itself.</EmptyNotice>
      )
    ) : (
      <TimeChart
        columns={columns}
        t0={start}
        t1={end > start ? end : start + 1}
        zone={zone}
        unit={metric.unit}
        label={`Waveform of ${name}: RMS ${formatValue(figures.rms, metric.unit)}, peak ${formatValue(figures.peak, metric.unit)}. Arrow keys read single points.`}
        spans={spans}
        height={chartHeight}
        xTicks={ticks}
        trace="extremes"
        formatTime={sinceStart}
      />
    );

  return (
    <ChartCard
      title={name}
      identifier={metric.metricIdentifier}
      value={start === undefined ? '–' : `RMS ${formatValue(figures.rms, metric.unit)}`}
      valueNote={
        start === undefined
          ? 'no burst yet'
          : `peak ${formatValue(figures.peak, metric.unit)} · burst of ${localTime(start, zone).slice(11)}`
      }
      stale={false}
      legend={
        <ChartLegend
          line="newest burst"
          band={false}
          anomaly={marked}
          gap={false}
          resolution={
            metric.sampleRateHz
              ? `${columns.t.length} samples at ${Math.round(metric.sampleRateHz) / 1000} kHz, time in ms`
              : ''
          }
        />
      }
      chart={chart}
      renderTable={() => (
        <ColumnsTable
          columns={columns}
          t0={start ?? 0}
          t1={end ?? 0}
          unit={metric.unit}
          label={name}
          height={chartHeight}
          formatTime={(time) => localTime(time, zone, true)}
        />
      )}
      note={
        own ? (
          <Typography
            variant="caption"
            component="div"
            noWrap
            title={own.reason}
            sx={{ px: 0.5, pb: 0.5 }}
          >
            ▲ {anomalyKind(own.kind)}
            {own.end ? '' : ' (open)'}: {own.reason}
          </Typography>
        ) : null
      }
    />
  );
});

function burstTicks(start: number | undefined, end: number | undefined): TimeTick[] {
  if (start === undefined || end === undefined || end <= start) return [];
  const step =
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((ms) => (end - start) / ms <= 6) ?? 5000;
  const ticks: TimeTick[] = [];
  for (let ms = 0; ms <= end - start; ms += step) ticks.push({ t: start + ms, label: String(ms) });
  return ticks;
}
