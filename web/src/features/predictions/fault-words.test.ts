import { expect, test } from 'vitest';
import { faultWords, isHealthy } from './fault-words';

test('fault classes read as words, a customer’s own ones too', () => {
  expect(faultWords('tooth_chipped_fault')).toBe('Chipped tooth');
  expect(faultWords('outer_race_wear')).toBe('Outer race wear');
});

test('only classes that say so are healthy', () => {
  expect(isHealthy('no_fault')).toBe(true);
  expect(isHealthy('root_crack')).toBe(false);
});
