import { describe, expect, test } from 'vitest';
import { boundsOf, lastRange, readRange, writeRange, zoomRange } from './range';

const read = (text: string) => readRange(new URLSearchParams(text));

describe('the range of an address', () => {
  test('is the last five minutes where it says nothing or nonsense', () => {
    for (const text of [
      '',
      'range=3m',
      'range=__proto__',
      'from=soon&to=later',
      'from=2026-01-02T00:00:00Z',
    ]) {
      expect(read(text), text).toEqual(lastRange('5m'));
    }
  });

  test('that ends before it starts is not taken', () => {
    expect(read('from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z')).toEqual(lastRange('5m'));
  });

  test('goes there and back', () => {
    const fixed = zoomRange(1_700_000_000_000.4, 1_700_000_060_000.6);
    expect(read(writeRange(fixed).toString())).toEqual(fixed);
    expect(read(writeRange(lastRange('24h')).toString())).toEqual(lastRange('24h'));
  });
});

test('a zoom into almost nothing still is a second', () => {
  expect(zoomRange(10_000, 10_001)).toEqual({ kind: 'fixed', start: 9501, end: 10_501 });
});

test('a last range ends now', () => {
  expect(boundsOf(lastRange('15m'), 1_000_000_000)).toEqual({
    start: 999_100_000,
    end: 1_000_000_000,
  });
});
