import type { Columns } from './columns';
import type { Segment } from './gaps';

export type Scale = (value: number) => number;

/** The line through the averages; one sub-path a segment, nothing across a gap. */
export function linePath(columns: Columns, parts: readonly Segment[], x: Scale, y: Scale): string {
  let path = '';
  for (const { from, to } of parts) {
    if (to - from < 2) continue;
    for (let i = from; i < to; i += 1) {
      path += `${i === from ? 'M' : 'L'}${round(x(columns.t[i]!))},${round(y(columns.avg[i]!))}`;
    }
  }
  return path;
}

/**
 * The line through minimum and maximum of each column: a waveform keeps its peaks when there are more
 * samples than pixels. The nearer of the two comes first.
 */
export function extremesPath(
  columns: Columns,
  parts: readonly Segment[],
  x: Scale,
  y: Scale,
): string {
  let path = '';
  for (const { from, to } of parts) {
    if (to - from < 2) continue;
    let before = columns.min[from]!;
    for (let i = from; i < to; i += 1) {
      const low = columns.min[i]!;
      const high = columns.max[i]!;
      const lowFirst = Math.abs(low - before) <= Math.abs(high - before);
      const [first, second] = lowFirst ? [low, high] : [high, low];
      const at = round(x(columns.t[i]!));
      path += `${i === from ? 'M' : 'L'}${at},${round(y(first))}`;
      if (second !== first) path += `L${at},${round(y(second))}`;
      before = second;
    }
  }
  return path;
}

/** The area between minimum and maximum: a spike of one sample stays visible at every zoom. */
export function bandPath(columns: Columns, parts: readonly Segment[], x: Scale, y: Scale): string {
  let path = '';
  for (const { from, to } of parts) {
    if (to - from < 2) continue;
    for (let i = from; i < to; i += 1) {
      path += `${i === from ? 'M' : 'L'}${round(x(columns.t[i]!))},${round(y(columns.max[i]!))}`;
    }
    for (let i = to - 1; i >= from; i -= 1) {
      path += `L${round(x(columns.t[i]!))},${round(y(columns.min[i]!))}`;
    }
    path += 'Z';
  }
  return path;
}

/** Points with a gap on both sides, which no line would show. */
export function lonePoints(parts: readonly Segment[]): number[] {
  return parts.filter(({ from, to }) => to - from === 1).map(({ from }) => from);
}

export function round(pixel: number): number {
  return Math.round(pixel * 10) / 10;
}
