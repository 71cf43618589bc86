import Box from '@mui/material/Box';
import { useTheme } from '@mui/material/styles';
import { useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import type { Columns } from '../charts/columns';
import { nearestIndex } from '../charts/columns';
import { chartGeometry, type ChartGeometry, type MarkedSpan } from '../charts/geometry';
import type { TimeTick } from '../charts/ticks';
import { formatNumber, formatValue } from '../lib/format';
import type { Zone } from '../lib/time-zone';
import { ChartCanvas } from './chart-canvas';
import { ChartFrame } from './chart-frame';
import { ChartTooltip } from './chart-tooltip';
import { useCursor } from './cursor';
import { useElementWidth } from './use-element-size';

export interface TimeChartProps {
  readonly columns: Columns;
  readonly t0: number;
  readonly t1: number;
  readonly zone: Zone;
  readonly unit: string;
  /** What the chart shows, for whoever cannot see it. */
  readonly label: string;
  readonly spans: readonly MarkedSpan[];
  readonly height: number;
  readonly trace?: 'average' | 'extremes';
  readonly xTicks?: readonly TimeTick[];
  readonly formatTime: (time: number) => string;
  readonly onZoom?: (t0: number, t1: number) => void;
  readonly onZoomOut?: () => void;
}

/** A drag shorter than this is a click. */
const shortestDrag = 6;

/**
 * A live line over time. Drag zooms, double click goes back, arrows move the crosshair, which all
 * charts of the page share. The line is drawn on canvas, everything else in SVG.
 */
export function TimeChart(props: TimeChartProps) {
  const { columns, t0, t1, zone, unit, label, spans, height, xTicks, formatTime } = props;
  const { onZoom, onZoomOut, trace = 'average' } = props;
  const [measure, width] = useElementWidth();
  const theme = useTheme();
  const { cursor, time } = useCursor();
  const [focused, setFocused] = useState(false);
  const [hovered, setHovered] = useState(false);
  const [drag, setDrag] = useState<{ from: number; to: number } | undefined>();
  const dragFrom = useRef<number | undefined>(undefined);

  const geometry = useMemo(
    () =>
      width > 0
        ? chartGeometry({
            columns,
            t0,
            t1,
            width,
            height,
            spans,
            offsetAt: zone.offsetAt,
            xTicks,
            trace,
          })
        : undefined,
    [columns, t0, t1, width, height, spans, zone, xTicks, trace],
  );
  const at = time !== undefined && time >= t0 && time <= t1 ? nearest(columns, time, t0, t1) : -1;

  const pixelOf = (event: PointerEvent<HTMLElement>): number => {
    const left = event.currentTarget.getBoundingClientRect().left;
    const { plot } = geometry ?? { plot: { left: 0, right: 0 } };
    return Math.min(plot.right, Math.max(plot.left, event.clientX - left));
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    if (!geometry) return;
    const pixel = pixelOf(event);
    cursor.set(geometry.invertX(pixel));
    if (dragFrom.current !== undefined) setDrag({ from: dragFrom.current, to: pixel });
  };
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (!geometry || !onZoom || event.button !== 0) return;
    dragFrom.current = pixelOf(event);
    event.currentTarget.setPointerCapture?.(event.pointerId);
  };
  const onPointerUp = (event: PointerEvent<HTMLElement>) => {
    const from = dragFrom.current;
    endDrag();
    if (!geometry || from === undefined) return;
    const to = pixelOf(event);
    if (Math.abs(to - from) < shortestDrag) return;
    onZoom?.(geometry.invertX(Math.min(from, to)), geometry.invertX(Math.max(from, to)));
  };
  const endDrag = () => {
    dragFrom.current = undefined;
    setDrag(undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = stepTo(event.key, at, columns, t0, t1);
    if (next === undefined) return;
    event.preventDefault();
    cursor.set(columns.t[next]);
  };

  return (
    <Box
      ref={measure}
      role="group"
      aria-label={label}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
      onPointerMove={onPointerMove}
      onPointerDown={onPointerDown}
      onPointerUp={onPointerUp}
      onPointerCancel={endDrag}
      onPointerEnter={() => setHovered(true)}
      onPointerLeave={() => {
        setHovered(false);
        cursor.set(undefined);
      }}
      onDoubleClick={onZoomOut}
      sx={{
        position: 'relative',
        height,
        touchAction: 'pan-y',
        userSelect: 'none',
        cursor: onZoom ? 'crosshair' : 'default',
      }}
    >
      {geometry ? (
        <>
          <ChartFrame geometry={geometry} theme={theme} />
          <ChartCanvas geometry={geometry} theme={theme} />
          {at >= 0 ? (
            <Crosshair
              geometry={geometry}
              columns={columns}
              at={at}
              color={theme.palette.text.primary}
            />
          ) : null}
          {drag ? <DragArea geometry={geometry} from={drag.from} to={drag.to} /> : null}
          {at >= 0 && (hovered || focused) ? (
            <ChartTooltip
              geometry={geometry}
              columns={columns}
              at={at}
              unit={unit}
              time={formatTime(columns.t[at]!)}
              spans={spans}
            />
          ) : null}
        </>
      ) : null}
      <Box component="span" role="status" sx={hidden}>
        {focused && at >= 0
          ? `${formatValue(columns.avg[at]!, unit)} at ${formatTime(columns.t[at]!)}`
          : ''}
      </Box>
    </Box>
  );
}

/** Shown to screen readers only. */
const hidden = {
  position: 'absolute',
  width: 1,
  height: 1,
  overflow: 'hidden',
  clipPath: 'inset(50%)',
  whiteSpace: 'nowrap',
} as const;

function nearest(columns: Columns, time: number, t0: number, t1: number): number {
  const at = nearestIndex(columns.t, time);
  const found = columns.t[at];
  return found !== undefined && found >= t0 && found <= t1 ? at : -1;
}

/** Where an arrow key leads: the neighbouring point, a tenth of the range with Page keys, the ends. */
function stepTo(
  key: string,
  at: number,
  columns: Columns,
  t0: number,
  t1: number,
): number | undefined {
  const first = columns.t.findIndex((t) => t >= t0);
  const last = columns.t.findLastIndex((t) => t <= t1);
  if (first < 0 || last < first) return undefined;
  const page = Math.max(1, Math.round((last - first) / 10));
  const from = at < 0 ? last + 1 : at;
  const targets: Record<string, number> = {
    ArrowLeft: from - 1,
    ArrowRight: from + 1,
    PageUp: from - page,
    PageDown: from + page,
    Home: first,
    End: last,
  };
  const target = targets[key];
  return target === undefined ? undefined : Math.min(last, Math.max(first, target));
}

interface CrosshairProps {
  readonly geometry: ChartGeometry;
  readonly columns: Columns;
  readonly at: number;
  readonly color: string;
}

function Crosshair({ geometry, columns, at, color }: CrosshairProps) {
  const x = geometry.x(columns.t[at]!);
  const y = geometry.y(columns.avg[at]!);
  const { top, bottom } = geometry.plot;
  return (
    <svg
      width={geometry.width}
      height={geometry.height}
      aria-hidden="true"
      style={{ position: 'absolute', inset: 0, pointerEvents: 'none' }}
    >
      <line
        x1={x}
        x2={x}
        y1={top}
        y2={bottom}
        stroke={color}
        strokeOpacity="0.5"
        strokeDasharray="3 3"
      />
      <circle cx={x} cy={y} r="3.5" fill={color} data-value={formatNumber(columns.avg[at]!)} />
    </svg>
  );
}

function DragArea({ geometry, from, to }: { geometry: ChartGeometry; from: number; to: number }) {
  return (
    <Box
      sx={{
        position: 'absolute',
        left: Math.min(from, to),
        width: Math.abs(to - from),
        top: geometry.plot.top,
        height: geometry.plot.bottom - geometry.plot.top,
        bgcolor: 'primary.main',
        opacity: 0.2,
        pointerEvents: 'none',
      }}
    />
  );
}
