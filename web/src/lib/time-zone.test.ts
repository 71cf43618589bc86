import { describe, expect, test } from 'vitest';
import { localTime, offsetLabel, zoneOf } from './time-zone';

const at = (text: string) => Date.parse(text);

describe('a zone', () => {
  test('knows both sides of the spring change', () => {
    const zone = zoneOf('Europe/Zurich');
    expect(localTime(at('2026-03-29T00:59:59Z'), zone)).toBe('2026-03-29 01:59:59');
    expect(localTime(at('2026-03-29T01:00:00Z'), zone)).toBe('2026-03-29 03:00:00');
  });

  test('knows zones of half and quarter hours', () => {
    expect(localTime(at('2026-01-01T00:00:00Z'), zoneOf('Asia/Kolkata'))).toBe(
      '2026-01-01 05:30:00',
    );
    expect(offsetLabel(at('2026-01-01T00:00:00Z'), zoneOf('Asia/Kathmandu'))).toBe('UTC+05:45');
    expect(offsetLabel(at('2026-01-01T00:00:00Z'), zoneOf('America/New_York'))).toBe('UTC−05:00');
  });

  test('of an unknown name is UTC and says so', () => {
    const zone = zoneOf('Mars/Olympus');
    expect(zone.name).toBe('UTC');
    expect(localTime(0, zone, true)).toBe('1970-01-01 00:00:00.000');
  });

  test('has no words for a time that is none', () => {
    expect(localTime(Number.NaN, zoneOf('UTC'))).toBe('–');
  });
});
