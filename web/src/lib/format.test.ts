import { describe, expect, test } from 'vitest';
import { formatAge, formatDuration, formatNumber, formatPercent, formatValue } from './format';

describe('numbers', () => {
  test('have about four digits', () => {
    expect([0, 0.01234, 1.23456, 12.3456, 123.456, 9052.13].map(formatNumber)).toEqual([
      '0',
      '0.0123',
      '1.235',
      '12.35',
      '123.5',
      '9\u2009052.1',
    ]);
  });

  test('use a real minus, and powers only for unusual sizes', () => {
    expect(formatNumber(-3.5)).toBe('−3.500');
    expect(formatNumber(123456789)).toBe('1.23e+8');
    expect(formatNumber(0.00001)).toBe('1.00e−5');
    expect(formatNumber(Number.NaN)).toBe('–');
  });

  test('carry the sign of their unit', () => {
    expect(formatValue(20, 'celsius')).toBe('20.00 °C');
    expect(formatValue(5, '')).toBe('5.000');
    expect(formatValue(5, '<b>')).toBe('5.000 <b>');
  });

  test('never make certainty of 99.97 percent', () => {
    expect([0, 0.5, 0.876, 0.9997, 1].map(formatPercent)).toEqual([
      '0 %',
      '50 %',
      '88 %',
      '99.9 %',
      '100 %',
    ]);
  });
});

describe('ages and durations', () => {
  test('use the largest unit that fits', () => {
    expect([500, 12_000, 240_000, 7_200_000, 3 * 86_400_000].map(formatAge)).toEqual([
      'just now',
      '12 s ago',
      '4 min ago',
      '2 h ago',
      '3 d ago',
    ]);
    expect([462, 1500, 90_000, 3_600_000].map(formatDuration)).toEqual([
      '462 ms',
      '1.5 s',
      '1.5 min',
      '1 h',
    ]);
  });

  test('tell a clock that is ahead, and no activity', () => {
    expect(formatAge(-120_000)).toBe('in 2 min');
    expect(formatAge(Number.NaN)).toBe('never');
  });
});
