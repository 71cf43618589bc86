import { scaleLinear } from 'd3-scale';
import type { Columns } from './columns';
import { decimate } from './decimate';
import { gapThreshold, segments } from './gaps';
import { bandPath, extremesPath, linePath, lonePoints, round } from './path';
import { valueDomain, valueScale, valueTicks } from './scale';
import { timeTicks, type OffsetAt, type TimeTick } from './ticks';

/** A stretch of time to mark, for example an anomaly. */
export interface MarkedSpan {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly title: string;
}

export interface ChartInput {
  readonly columns: Columns;
  readonly t0: number;
  readonly t1: number;
  readonly width: number;
  readonly height: number;
  readonly spans: readonly MarkedSpan[];
  readonly offsetAt: OffsetAt;
  /** The line through the averages, or through minimum and maximum of each column for a waveform. */
  readonly trace?: 'average' | 'extremes';
  /** Ticks of the time axis when it is not a clock, as in a burst of vibration. */
  readonly xTicks?: readonly TimeTick[];
}

export interface PlacedSpan {
  readonly span: MarkedSpan;
  readonly x: number;
  readonly width: number;
}

export interface ChartGeometry {
  readonly width: number;
  readonly height: number;
  readonly plot: { left: number; right: number; top: number; bottom: number };
  readonly x: (time: number) => number;
  readonly invertX: (pixel: number) => number;
  readonly y: (value: number) => number;
  readonly line: string;
  readonly band: string;
  readonly dots: readonly { x: number; y: number }[];
  readonly gaps: readonly { x: number; width: number }[];
  readonly spans: readonly PlacedSpan[];
  readonly xTicks: readonly { x: number; label: string }[];
  readonly yTicks: readonly { y: number; label: string }[];
  readonly drawn: Columns;
}

const margin = { top: 8, right: 18, bottom: 22 };
const pixelsPerCharacter = 6.4;
const pixelsPerTimeTick = 84;
/** A marked moment is drawn at least this wide, or nobody sees it. */
const smallestMark = 3;

/** Everything that a chart draws, in pixels. Pure; O(columns). */
export function chartGeometry(input: ChartInput): ChartGeometry {
  const { columns, t0, t1, width, height } = input;
  const bottom = Math.max(margin.top + 1, height - margin.bottom);
  const y = valueScale(valueDomain(columns, t0, t1), bottom, margin.top);
  const yTicks = valueTicks(y);
  const longest = Math.max(...yTicks.map(({ label }) => label.length));
  const left = Math.min(width / 3, Math.max(34, 12 + longest * pixelsPerCharacter));
  const right = Math.max(left + 1, width - margin.right);
  const x = scaleLinear().domain([t0, t1]).range([left, right]);

  const drawn = decimate(columns, t0, t1, Math.max(1, Math.round(right - left)));
  const threshold = gapThreshold(drawn.t, drawn.columnMs);
  const parts = segments(drawn.t, threshold);
  const ticks =
    input.xTicks ??
    timeTicks(t0, t1, Math.max(1, Math.floor((right - left) / pixelsPerTimeTick)), input.offsetAt);

  return {
    width,
    height,
    plot: { left, right, top: margin.top, bottom },
    x,
    invertX: (pixel) => x.invert(pixel),
    y,
    line:
      input.trace === 'extremes' ? extremesPath(drawn, parts, x, y) : linePath(drawn, parts, x, y),
    band: bandPath(drawn, parts, x, y),
    dots: lonePoints(parts)
      .filter((i) => drawn.t[i]! >= t0 && drawn.t[i]! <= t1)
      .map((i) => ({ x: round(x(drawn.t[i]!)), y: round(y(drawn.avg[i]!)) })),
    gaps: gapRectangles(drawn.t, parts, threshold, x, [t0, t1]),
    spans: placeSpans(input.spans, t0, t1, x),
    xTicks: ticks
      .filter(({ t }) => t >= t0 && t <= t1)
      .map(({ t, label }) => ({ x: round(x(t)), label })),
    yTicks: yTicks.map(({ value, label }) => ({ y: round(y(value)), label })),
    drawn,
  };
}

/** Where there is no data: between segments, and before the first and after the last sample. */
function gapRectangles(
  t: readonly number[],
  parts: readonly { from: number; to: number }[],
  threshold: number,
  x: (time: number) => number,
  [t0, t1]: readonly [number, number],
): { x: number; width: number }[] {
  const first = t[0];
  const last = t.at(-1);
  if (first === undefined || last === undefined) return [];
  const missing: [number, number][] = [];
  if (first - t0 > threshold) missing.push([t0, first]);
  for (let i = 1; i < parts.length; i += 1) {
    missing.push([t[parts[i - 1]!.to - 1]!, t[parts[i]!.from]!]);
  }
  if (t1 - last > threshold) missing.push([last, t1]);
  return missing
    .map(([start, end]) => [x(Math.max(t0, start)), x(Math.min(t1, end))] as const)
    .filter(([start, end]) => end > start)
    .map(([start, end]) => ({ x: round(start), width: round(end - start) }));
}

function placeSpans(
  spans: readonly MarkedSpan[],
  t0: number,
  t1: number,
  x: (time: number) => number,
): PlacedSpan[] {
  const placed = [];
  for (const span of spans) {
    if (span.end < t0 || span.start > t1) continue;
    const start = x(Math.max(t0, span.start));
    const end = x(Math.min(t1, span.end));
    const width = Math.max(smallestMark, end - start);
    placed.push({ span, x: round(Math.min(start, x(t1) - width)), width: round(width) });
  }
  return placed;
}
