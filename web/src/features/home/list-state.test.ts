import { describe, expect, test } from 'vitest';
import type { ListedDevice } from './api/devices';
import { inOrder } from './hooks/use-resting-order';
import {
  columns,
  readListState,
  searchDevices,
  sortDevices,
  writeListState,
  type ListState,
} from './list-state';

function device(deviceIdentifier: string, part: Partial<ListedDevice> = {}): ListedDevice {
  return {
    deviceIdentifier,
    description: `Machine ${deviceIdentifier}`,
    city: 'Zürich',
    country: 'Switzerland',
    timezone: 'Europe/Zurich',
    status: 'ONLINE',
    latestAlive: '2026-03-01T10:00:00Z',
    ...part,
  };
}

const names = (devices: readonly ListedDevice[]) => devices.map((one) => one.deviceIdentifier);

describe('sorting', () => {
  const some = [
    device('000010', { status: 'ONLINE', city: null, latestAlive: null }),
    device('000002', { status: 'ERROR', city: 'Aarau', latestAlive: '2026-03-01T09:00:00Z' }),
    device('000001', { status: 'OFFLINE', city: 'Bern', latestAlive: '2026-03-02T09:00:00Z' }),
  ];

  test('by status puts the worst first', () => {
    expect(names(sortDevices(some, 'status', false))).toEqual(['000002', '000001', '000010']);
  });

  test('leaves missing values last in both directions', () => {
    expect(names(sortDevices(some, 'city', false)).at(-1)).toBe('000010');
    expect(names(sortDevices(some, 'city', true)).at(-1)).toBe('000010');
    expect(names(sortDevices(some, 'latest', true))).toEqual(['000001', '000002', '000010']);
  });

  test('by every column keeps every device', () => {
    for (const column of columns) {
      for (const descending of [false, true]) {
        expect(names(sortDevices(some, column, descending)).toSorted()).toEqual(
          names(some).toSorted(),
        );
      }
    }
  });
});

describe('searching', () => {
  const some = [device('000001'), device('000002', { city: 'New York', country: 'United States' })];

  test('finds every word in any column, whatever its case', () => {
    expect(names(searchDevices(some, 'york MACHINE'))).toEqual(['000002']);
    expect(names(searchDevices(some, '0001'))).toEqual(['000001']);
    expect(names(searchDevices(some, 'york zürich'))).toEqual([]);
    expect(searchDevices(some, '  ')).toHaveLength(2);
  });
});

describe('the address', () => {
  test('carries the whole state there and back', () => {
    const state: ListState = { search: 'a&b=c', status: 'OFFLINE', sort: 'city', descending: true };
    expect(readListState(new URLSearchParams(writeListState(state).toString()))).toEqual(state);
  });

  test('stays empty for the usual view, and nonsense is the usual view', () => {
    const usual = readListState(new URLSearchParams());
    expect(writeListState(usual).toString()).toBe('');
    expect(
      readListState(new URLSearchParams('sort=__proto__&status=constructor&dir=desc')),
    ).toEqual(usual);
  });
});

test('rows under a pointer keep their order, new ones come last', () => {
  const rows = [device('3'), device('1'), device('2')];
  expect(names(inOrder(rows, ['1', '2']))).toEqual(['1', '2', '3']);
});
