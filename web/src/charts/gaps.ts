import { median } from 'd3-array';

/** A gap is longer than this many expected intervals; nothing is drawn across it. */
const intervalsOfAGap = 3.5;

/** Half-open range [from, to) of indices that belong together. */
export interface Segment {
  readonly from: number;
  readonly to: number;
}

/** The distance above which two neighbours are not connected; infinite for fewer than 3 points. */
export function gapThreshold(t: readonly number[], columnMs: number): number {
  if (t.length < 3) return Infinity;
  const steps: number[] = [];
  for (let i = 1; i < t.length; i += 1) {
    const step = t[i]! - t[i - 1]!;
    if (step > 0) steps.push(step);
  }
  const expected = median(steps);
  return expected === undefined ? Infinity : intervalsOfAGap * Math.max(expected, columnMs);
}

export function segments(t: readonly number[], threshold: number): Segment[] {
  const result: Segment[] = [];
  let from = 0;
  for (let i = 1; i <= t.length; i += 1) {
    if (i < t.length && t[i]! - t[i - 1]! <= threshold) continue;
    result.push({ from, to: i });
    from = i;
  }
  return t.length === 0 ? [] : result;
}
