import { describe, expect, test } from 'vitest';
import { fromRaw, noColumns, withLive } from './columns';
import { decimate } from './decimate';

/** Numbers of a small linear generator, so that a failing case can be run again. */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

describe('decimate', () => {
  test('keeps the highest and the lowest sample of ten thousand, whatever the width', () => {
    const seed = Date.now() % 100000;
    const random = randoms(seed);
    const t = Array.from({ length: 10_000 }, (_, i) => i);
    const value = t.map(() => random());
    value[Math.floor(random() * 10_000)] = 50;
    value[Math.floor(random() * 10_000)] = -50;
    for (const width of [1, 7, 100, 999]) {
      const columns = decimate(fromRaw({ t, value }), 0, 10_000, width);
      expect(columns.t.length, `seed ${seed}`).toBeLessThanOrEqual(width + 2);
      expect(Math.max(...columns.max), `seed ${seed}`).toBe(Math.max(...value));
      expect(Math.min(...columns.min), `seed ${seed}`).toBe(Math.min(...value));
    }
  });

  test('weighs averages by the number of samples and loses none', () => {
    const columns = {
      t: [0, 1, 2, 3],
      min: [0, 0, 0, 0],
      max: [4, 4, 4, 4],
      avg: [1, 4, 2, 2],
      count: [3, 1, 1, 1],
      columnMs: 1,
    };
    const one = decimate(columns, 0, 4, 1);
    expect(one.count).toEqual([6]);
    expect(one.avg[0]).toBeCloseTo((3 * 1 + 4 + 2 + 2) / 6);
  });

  test('leaves few points as they are, with one neighbour outside on each side', () => {
    const columns = fromRaw({ t: [0, 10, 20, 30, 40], value: [1, 2, 3, 4, 5] });
    expect(decimate(columns, 15, 25, 100).t).toEqual([10, 20, 30]);
  });

  test('answers nothing for nothing', () => {
    expect(decimate(noColumns, 0, 1, 100).t).toEqual([]);
  });
});

describe('fromRaw', () => {
  test('puts samples of a clock that went backwards in order', () => {
    const columns = fromRaw({ t: [5, 3, 4], value: [50, 30, 40] });
    expect(columns.t).toEqual([3, 4, 5]);
    expect(columns.avg).toEqual([30, 40, 50]);
  });
});

describe('withLive', () => {
  const base = { t: [0, 10], min: [1, 1], max: [2, 2], avg: [1, 2], count: [5, 5], columnMs: 10 };

  test('adds only what is newer than the newest column', () => {
    const merged = withLive(base, { t: [5, 9, 12, 30], value: [7, 7, 8, 9] });
    expect(merged.t).toEqual([0, 10, 12, 30]);
    expect(merged.avg).toEqual([1, 2, 8, 9]);
  });

  test('changes nothing when there is nothing new', () => {
    expect(withLive(base, { t: [1], value: [1] })).toBe(base);
  });
});
