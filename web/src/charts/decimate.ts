import type { Columns } from './columns';

/**
 * At most `width` columns between t0 and t1, one a pixel, plus one neighbour on each side so that
 * the line runs out of the picture. A minimum or maximum is never lost; averages are weighted.
 */
export function decimate(columns: Columns, t0: number, t1: number, width: number): Columns {
  const first = Math.max(0, lowerBound(columns.t, t0) - 1);
  const end = Math.min(columns.t.length, lowerBound(columns.t, t1) + 1);
  if (end - first <= width + 2 || !(t1 > t0)) return slice(columns, first, end);

  const t: number[] = [];
  const min: number[] = [];
  const max: number[] = [];
  const avg: number[] = [];
  const count: number[] = [];
  const perPixel = (t1 - t0) / width;
  let pixel = -Infinity;
  for (let i = first; i < end; i += 1) {
    const here = Math.floor((columns.t[i]! - t0) / perPixel);
    const n = columns.count[i]!;
    if (here !== pixel) {
      pixel = here;
      t.push(columns.t[i]!);
      min.push(columns.min[i]!);
      max.push(columns.max[i]!);
      avg.push(columns.avg[i]!);
      count.push(n);
      continue;
    }
    const last = t.length - 1;
    min[last] = Math.min(min[last]!, columns.min[i]!);
    max[last] = Math.max(max[last]!, columns.max[i]!);
    avg[last] = (avg[last]! * count[last]! + columns.avg[i]! * n) / (count[last]! + n);
    count[last] = count[last]! + n;
  }
  return { t, min, max, avg, count, columnMs: Math.max(perPixel, columns.columnMs) };
}

function lowerBound(t: readonly number[], time: number): number {
  let low = 0;
  let high = t.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (t[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function slice(columns: Columns, first: number, end: number): Columns {
  return {
    t: columns.t.slice(first, end),
    min: columns.min.slice(first, end),
    max: columns.max.slice(first, end),
    avg: columns.avg.slice(first, end),
    count: columns.count.slice(first, end),
    columnMs: columns.columnMs,
  };
}
