import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveBuffer } from './live-buffer';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const message = (t: number[], value: number[]) => [
  { path: 'store', metricIdentifier: 'temperature', t: t.map((ms) => ms * 1000), value },
];

test('many messages make few redraws', () => {
  const buffer = new LiveBuffer(100);
  const redraw = vi.fn<() => void>();
  buffer.subscribe(redraw);
  for (let i = 0; i < 50; i += 1) {
    buffer.add(message([i], [i]));
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(100);
  expect(redraw.mock.calls.length).toBeLessThanOrEqual(6);
  expect(redraw.mock.calls.length).toBeGreaterThanOrEqual(4);
  expect(buffer.get('store', 'temperature').t).toHaveLength(50);
});

test('samples that are too old or too many are let go', () => {
  const buffer = new LiveBuffer(100, 60_000, 10);
  buffer.add(message([0, 30_000], [1, 2]));
  buffer.add(message([80_000], [3]));
  expect(buffer.get('store', 'temperature')).toEqual({ t: [30_000, 80_000], value: [2, 3] });
  for (let i = 0; i < 40; i += 1) buffer.add(message([80_001 + i], [i]));
  expect(buffer.get('store', 'temperature').t.length).toBeLessThanOrEqual(11);
});

test('a metric that sent nothing has the same empty samples every time', () => {
  const buffer = new LiveBuffer();
  expect(buffer.get('a', 'b')).toBe(buffer.get('c', 'd'));
});
