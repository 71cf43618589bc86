import { expect, test } from 'vitest';
import { lifeGeometry, type LifePoint } from './life';

const hour = 3_600_000;
const start = Date.UTC(2026, 5, 1);
const size = { width: 300, height: 150 };
const utc = () => 0;

/** Foretold at an hour; bounds in hours of life. */
function told(at: number, lower?: number, end?: number, upper?: number): LifePoint {
  const instant = (hours: number | undefined) =>
    hours === undefined ? undefined : start + (at + hours) * hour;
  return { at: start + at * hour, lower: instant(lower), end: instant(end), upper: instant(upper) };
}

test('a band narrows around the end that came', () => {
  const geometry = lifeGeometry(
    [told(0, 60, 100, 140), told(50, 40, 50, 60), told(100, 0, 0, 0)],
    size,
    utc,
  );
  // The end is at hour 100, of the hours 60 to 140 halfway up the plot from 126 to 10.
  expect(geometry?.line).toBe('M60,68L175,68L290,68');
  expect(geometry?.band).toBe(
    'M60,10L175,53.5L290,68L290,68L175,82.5L60,126Z'.replaceAll('.0', ''),
  );
  expect(geometry?.reachedY).toBe(68);
  expect(geometry?.laterThan).toEqual([]);
  expect(geometry?.yTicks.length).toBeGreaterThan(1);
});

test('later than is a mark, and what said nothing is left out', () => {
  const geometry = lifeGeometry([told(0), told(10, 20), told(20, 20, 30, 40), told(30)], size, utc);
  expect(geometry?.laterThan).toHaveLength(1);
  expect(geometry?.band).toBe('');
  expect(geometry?.reachedY).toBeUndefined();
});

test('without anything foretold there is no picture', () => {
  expect(lifeGeometry([], size, utc)).toBeUndefined();
  expect(lifeGeometry([told(0), told(1)], size, utc)).toBeUndefined();
});

test('one prediction has a range around it', () => {
  const geometry = lifeGeometry([told(5, 10)], size, utc);
  expect(geometry?.laterThan).toEqual([{ x: 175, y: 68 }]);
});
