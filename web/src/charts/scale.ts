import { scaleLinear, type ScaleLinear } from 'd3-scale';
import type { Columns } from './columns';

/** Pixels per tick on the value axis. */
const tickEvery = 38;
/** The axis ends on a round number, finer than its ticks so that the line keeps the height. */
const niceSteps = 10;
/** Groups of three digits are set apart as in the values beside the chart. */
const thinSpace = '\u2009';

/** The range of values with a margin; a flat or empty series gets a range around it, never a zero one. */
export function valueDomain(columns: Columns, t0: number, t1: number): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < columns.t.length; i += 1) {
    if (columns.t[i]! < t0 - columns.columnMs || columns.t[i]! > t1) continue;
    if (columns.min[i]! < low) low = columns.min[i]!;
    if (columns.max[i]! > high) high = columns.max[i]!;
  }
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const smallest = Math.max(Math.abs(low), Math.abs(high)) * 1e-6;
  if (high - low <= smallest) {
    const around = low === 0 ? 1 : Math.abs(low) * 0.05;
    return [low - around, high + around];
  }
  const margin = (high - low) * 0.06;
  return [low - margin, high + margin];
}

export function valueScale(
  domain: readonly [number, number],
  bottom: number,
  top: number,
): ScaleLinear<number, number> {
  return scaleLinear().domain(domain).nice(niceSteps).range([bottom, top]);
}

export function valueTicks(scale: ScaleLinear<number, number>): { value: number; label: string }[] {
  const [bottom, top] = scale.range() as [number, number];
  const count = Math.max(2, Math.round((bottom - top) / tickEvery));
  const format = scale.tickFormat(count);
  return scale
    .ticks(count)
    .map((value) => ({ value, label: format(value).replaceAll(',', thinSpace) }));
}
