import { expect, test } from 'vitest';
import { gapThreshold, segments } from './gaps';

test('a pause of more than three intervals divides the line', () => {
  const t = [0, 1000, 2000, 3000, 13_000, 14_000];
  expect(segments(t, gapThreshold(t, 0))).toEqual([
    { from: 0, to: 4 },
    { from: 4, to: 6 },
  ]);
});

test('a pause of two intervals does not', () => {
  const t = [0, 1000, 2000, 4000, 5000];
  expect(segments(t, gapThreshold(t, 0))).toEqual([{ from: 0, to: 5 }]);
});

test('columns wider than the sampling interval set the measure', () => {
  const t = [0, 100, 200, 500, 600];
  expect(segments(t, gapThreshold(t, 1000))).toHaveLength(1);
});

test('two points are no ground to speak of an interval', () => {
  expect(gapThreshold([0, 86_400_000], 0)).toBe(Infinity);
});

test('no points make no segment', () => {
  expect(segments([], 1000)).toEqual([]);
});
