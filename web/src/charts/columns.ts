/** Samples reduced to columns: arrays of one length, `t` ascending. A raw sample is a column of count 1. */
export interface Columns {
  /** Start of each non-empty column, milliseconds since the epoch. */
  readonly t: readonly number[];
  readonly min: readonly number[];
  readonly max: readonly number[];
  readonly avg: readonly number[];
  readonly count: readonly number[];
  /** Width of a column in milliseconds; 0 for raw samples. */
  readonly columnMs: number;
}

export interface RawSamples {
  readonly t: readonly number[];
  readonly value: readonly number[];
}

export const noColumns: Columns = { t: [], min: [], max: [], avg: [], count: [], columnMs: 0 };

/** Raw samples as columns of one sample each; sorted by time where a clock went backwards. */
export function fromRaw(samples: RawSamples): Columns {
  const { t, value } = inTimeOrder(samples);
  return { t, min: value, max: value, avg: value, count: t.map(() => 1), columnMs: 0 };
}

function inTimeOrder(samples: RawSamples): RawSamples {
  const ascending = samples.t.every((time, i) => i === 0 || samples.t[i - 1]! <= time);
  if (ascending) return samples;
  const order = samples.t.map((_, i) => i).toSorted((a, b) => samples.t[a]! - samples.t[b]!);
  return { t: order.map((i) => samples.t[i]!), value: order.map((i) => samples.value[i]!) };
}

/**
 * Columns followed by the live samples that came after them. Samples inside the newest column are
 * kept: it may have been read before they were stored, and a point drawn twice harms nobody.
 */
export function withLive(columns: Columns, live: RawSamples): Columns {
  const newest = columns.t.at(-1) ?? -Infinity;
  const later: RawSamples = { t: [], value: [] };
  const t = later.t as number[];
  const value = later.value as number[];
  for (let i = 0; i < live.t.length; i += 1) {
    if (live.t[i]! < newest) continue;
    t.push(live.t[i]!);
    value.push(live.value[i]!);
  }
  if (t.length === 0) return columns;
  const tail = fromRaw(later);
  return {
    t: [...columns.t, ...tail.t],
    min: [...columns.min, ...tail.min],
    max: [...columns.max, ...tail.max],
    avg: [...columns.avg, ...tail.avg],
    count: [...columns.count, ...tail.count],
    columnMs: columns.columnMs,
  };
}

/** Index of the column nearest to a time, -1 when there is none. O(log n). */
export function nearestIndex(t: readonly number[], time: number): number {
  if (t.length === 0) return -1;
  let low = 0;
  let high = t.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (t[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low > 0 && time - t[low - 1]! <= t[low]! - time ? low - 1 : low;
}
