import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import { useMemo, useState, type ReactNode } from 'react';
import { Cursor, CursorContext } from '../../../components/cursor';
import { ErrorNotice } from '../../../components/notices';
import { useElementWidth, useInView } from '../../../components/use-element-size';
import type { Zone } from '../../../lib/time-zone';
import { useNow } from '../../../lib/use-now';
import type { Anomaly, Machine } from '../api/queries';
import { useNewestBursts, usePathSeries } from '../api/series';
import type { RangeControl } from '../hooks/use-range';
import type { LiveBuffer } from '../live-buffer';
import { boundsOf, lengthOf, zoomRange } from '../range';
import { pathWords, type Section } from '../sections';
import { BurstCard } from './burst-card';
import { MetricCard } from './metric-card';

interface PathSectionProps {
  readonly machine: Machine;
  readonly section: Section;
  readonly control: RangeControl;
  readonly zone: Zone;
  readonly buffer: LiveBuffer;
  readonly anomalies: readonly Anomaly[];
  /** What models say about this path, beside its charts. */
  readonly panel: ReactNode;
}

const gap = 12;
const narrowestChart = 340;
const asideWidth = 250;
/** Height of a card before its chart is drawn, so that the page does not jump. */
const cardHeight = 252;

export function PathSection(props: PathSectionProps) {
  const { machine, section, control, zone, buffer, anomalies, panel } = props;
  const { range, choose, back } = control;
  const [seen, inView] = useInView();
  const [measure, width] = useElementWidth();
  const count = section.scalars.length + section.waveforms.length;
  const across = Math.max(
    1,
    Math.min(count, 3, Math.floor((width + gap) / (narrowestChart + gap))),
  );
  const pixels = width === 0 ? 0 : pixelsOf((width - gap * (across - 1)) / across);

  const fixed = range.kind === 'fixed';
  const now = useNow(tickMs(lengthOf(range), pixels), fixed || !inView);
  const { start, end } = boundsOf(range, now);
  const series = usePathSeries(machine, section.path, section.scalars, range, inView ? pixels : 0);
  const bursts = useNewestBursts(machine, section.path, section.waveforms, inView);
  const [burstCursor] = useState(() => new Cursor());
  const onZoom = useMemo(() => (t0: number, t1: number) => choose(zoomRange(t0, t1)), [choose]);
  const own = anomalies.filter(({ path }) => path === section.path);
  const title = pathWords(section.path);

  return (
    <Box
      component="section"
      ref={seen}
      aria-label={title}
      sx={{ minHeight: Math.ceil(count / across) * cardHeight }}
    >
      <Box sx={{ display: 'flex', alignItems: 'baseline', gap: 1.5, mb: 0.75 }}>
        <Typography variant="h2">{title}</Typography>
        <Typography variant="body2" color="textSecondary">
          {count} {count === 1 ? 'metric' : 'metrics'}
        </Typography>
        {own.length > 0 ? (
          <Typography variant="body2" sx={{ color: 'warning.main', fontWeight: 600 }}>
            ▲ {own.length} {own.length === 1 ? 'anomaly' : 'anomalies'} in this range
          </Typography>
        ) : null}
      </Box>
      <Box
        sx={{
          display: 'grid',
          gap: `${gap}px`,
          gridTemplateColumns: panel
            ? { xs: '100%', md: `minmax(0, 1fr) ${asideWidth}px` }
            : '100%',
          alignItems: 'start',
        }}
      >
        <Box ref={measure} sx={{ minWidth: 0 }}>
          {series.error === undefined ? null : (
            <ErrorNotice
              error={series.error}
              lastSuccess={series.receivedAt}
              onRetry={series.refresh}
            />
          )}
          {bursts.error === undefined ? null : (
            <ErrorNotice
              error={bursts.error}
              lastSuccess={bursts.receivedAt}
              onRetry={bursts.refresh}
            />
          )}
          <Box
            sx={{
              display: 'grid',
              gap: `${gap}px`,
              gridTemplateColumns: `repeat(${across}, minmax(0, 1fr))`,
            }}
          >
            {inView ? null : <Placeholders count={count} />}
            {inView
              ? section.scalars.map((metric) => (
                  <MetricCard
                    key={metric.metricIdentifier}
                    metric={metric}
                    base={series.data?.get(metric.metricIdentifier)}
                    loading={series.data === undefined && series.error === undefined}
                    buffer={buffer}
                    live={!fixed}
                    start={start}
                    end={end}
                    zone={zone}
                    anomalies={own}
                    onZoom={onZoom}
                    onZoomOut={back}
                  />
                ))
              : null}
            <CursorContext value={burstCursor}>
              {inView
                ? section.waveforms.map((metric) => (
                    <BurstCard
                      key={metric.metricIdentifier}
                      metric={metric}
                      burst={bursts.data?.get(metric.metricIdentifier)}
                      loading={bursts.data === undefined && bursts.error === undefined}
                      zone={zone}
                      anomalies={own}
                    />
                  ))
                : null}
            </CursorContext>
          </Box>
          <OtherMetrics section={section} />
        </Box>
        {panel ? (
          <Paper
            component="aside"
            aria-label={`Predictions, ${title}`}
            sx={{ p: 1.5, order: { xs: -1, md: 0 }, position: { md: 'sticky' }, top: 56 }}
          >
            {panel}
          </Paper>
        ) : null}
      </Box>
    </Box>
  );
}

function Placeholders({ count }: { readonly count: number }) {
  return Array.from({ length: count }, (_, i) => (
    <Skeleton key={i} variant="rounded" animation={false} height={cardHeight - gap} />
  ));
}

function OtherMetrics({ section }: { readonly section: Section }) {
  if (section.others.length === 0) return null;
  return (
    <Typography variant="body2" color="textSecondary" sx={{ mt: 1 }}>
      Without a chart: {section.others.map(({ metricIdentifier }) => metricIdentifier).join(', ')}
    </Typography>
  );
}

/** In steps of 50, so that a dragged window border does not ask the server at every pixel. */
function pixelsOf(width: number): number {
  return Math.min(4000, Math.max(100, Math.ceil(width / 50) * 50));
}

/** Now and then moves the right edge by a pixel or so, four times a second at most. */
function tickMs(rangeMs: number, pixels: number): number {
  return Math.min(10_000, Math.max(250, rangeMs / Math.max(100, pixels)));
}
