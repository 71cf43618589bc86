import { describe, expect, test } from 'vitest';
import { zoneOf } from '../lib/time-zone';
import { timeTicks } from './ticks';

const utc = () => 0;
const zurich = zoneOf('Europe/Zurich').offsetAt;
const at = (text: string) => Date.parse(text);
const labels = (ticks: { label: string }[]) => ticks.map(({ label }) => label);

describe('timeTicks', () => {
  test('stands on round times', () => {
    const ticks = timeTicks(at('2026-01-05T10:03:20Z'), at('2026-01-05T10:18:20Z'), 8, utc);
    expect(labels(ticks)).toEqual([
      '10:04',
      '10:06',
      '10:08',
      '10:10',
      '10:12',
      '10:14',
      '10:16',
      '10:18',
    ]);
  });

  test('is in local time, and midnight shows its date', () => {
    const ticks = timeTicks(at('2026-01-05T21:30:00Z'), at('2026-01-06T00:30:00Z'), 4, zurich);
    expect(labels(ticks)).toEqual(['23:00', '6 Jan', '01:00']);
  });

  test('stays on round hours across the spring change, without the hour that does not exist', () => {
    const ticks = timeTicks(at('2026-03-28T23:30:00Z'), at('2026-03-29T03:30:00Z'), 5, zurich);
    expect(labels(ticks)).toEqual(['01:00', '03:00', '04:00', '05:00']);
    expect(ticks[1]?.t).toBe(at('2026-03-29T01:00:00Z'));
  });

  test('ascends across the autumn change, marking the double hour once', () => {
    const ticks = timeTicks(at('2026-10-24T23:30:00Z'), at('2026-10-25T03:30:00Z'), 5, zurich);
    expect(labels(ticks)).toEqual(['02:00', '03:00', '04:00']);
    expect(ticks.map(({ t }) => t)).toEqual([
      at('2026-10-25T00:00:00Z'),
      at('2026-10-25T02:00:00Z'),
      at('2026-10-25T03:00:00Z'),
    ]);
  });

  test('shows seconds and milliseconds where the range is that short', () => {
    expect(
      labels(timeTicks(at('2026-01-05T10:00:01Z'), at('2026-01-05T10:00:16Z'), 3, utc)),
    ).toEqual(['10:00:05', '10:00:10', '10:00:15']);
    expect(
      labels(timeTicks(at('2026-01-05T10:00:00.000Z'), at('2026-01-05T10:00:00.400Z'), 3, utc)),
    ).toEqual(['10:00:00.000', '10:00:00.200', '10:00:00.400']);
  });

  test('answers nothing for a range that is empty or turned round', () => {
    expect(timeTicks(5, 5, 8, utc)).toEqual([]);
    expect(timeTicks(9, 5, 8, utc)).toEqual([]);
  });

  test('never makes more ticks than asked for, from a second to a century', () => {
    for (let span = 1000; span < 3.2e12; span *= 3) {
      expect(timeTicks(1e12, 1e12 + span, 6, zurich).length).toBeLessThanOrEqual(7);
    }
  });
});
