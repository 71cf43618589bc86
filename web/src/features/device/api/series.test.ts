import { expect, test } from 'vitest';
import { fromRaw } from '../../../charts/columns';
import { burstFigures } from '../burst-figures';
import { newestRun } from './series';

test('only the newest burst is shown when an earlier one reaches into the span', () => {
  const before = Array.from({ length: 50 }, (_, i) => i * 0.2);
  const newest = Array.from({ length: 1024 }, (_, i) => 30_000 + i * 0.2);
  const t = [...before, ...newest];
  const run = newestRun(fromRaw({ t, value: t }), 0.2);
  expect(run.t).toHaveLength(1024);
  expect(run.t[0]).toBe(30_000);
});

test('a block longer than a burst shows its last samples', () => {
  const t = Array.from({ length: 3000 }, (_, i) => i * 0.2);
  const run = newestRun(fromRaw({ t, value: t }), 0.2);
  expect(run.t).toHaveLength(1024);
  expect(run.t.at(-1)).toBe(t.at(-1));
});

test('strength of a sine about an offset is its amplitude and that over the root of two', () => {
  const t = Array.from({ length: 1000 }, (_, i) => i);
  const figures = burstFigures(
    fromRaw({ t, value: t.map((i) => 9.81 + 2 * Math.sin((2 * Math.PI * i) / 100)) }),
  );
  expect(figures.peak).toBeCloseTo(2, 3);
  expect(figures.rms).toBeCloseTo(2 / Math.SQRT2, 3);
});

test('no burst has no strength', () => {
  expect(burstFigures(fromRaw({ t: [], value: [] })).rms).toBeNaN();
});
