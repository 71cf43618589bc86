import type { DeviceStatus } from '../../lib/graphql/generated/graphql';
import { statusOrder } from '../../components/status-badge';
import type { ListedDevice } from './api/devices';

export const columns = ['name', 'description', 'city', 'country', 'latest', 'status'] as const;
export type Column = (typeof columns)[number];

/** What the reader chose; lives in the URL so that a view can be sent to a colleague. */
export interface ListState {
  readonly search: string;
  readonly status: DeviceStatus | undefined;
  readonly sort: Column;
  readonly descending: boolean;
}

/** The worst first: who opens the page wants to know what needs care. */
const usual: ListState = { search: '', status: undefined, sort: 'status', descending: false };

export function readListState(parameters: URLSearchParams): ListState {
  const sort = columns.find((column) => column === parameters.get('sort'));
  const status = statusOrder.find((one) => one === parameters.get('status'));
  return {
    search: parameters.get('q') ?? '',
    status,
    sort: sort ?? usual.sort,
    descending: sort !== undefined && parameters.get('dir') === 'desc',
  };
}

export function writeListState(state: ListState): URLSearchParams {
  const parameters = new URLSearchParams();
  if (state.search !== '') parameters.set('q', state.search);
  if (state.status) parameters.set('status', state.status);
  if (state.sort !== usual.sort || state.descending) {
    parameters.set('sort', state.sort);
    if (state.descending) parameters.set('dir', 'desc');
  }
  return parameters;
}

export function statusOf(device: ListedDevice): DeviceStatus {
  return device.status ?? 'UNKNOWN';
}

export function aliveAt(device: ListedDevice): number {
  return device.latestAlive ? Date.parse(device.latestAlive) : Number.NaN;
}

/** Devices of which every word of the search occurs in some column. */
export function searchDevices(devices: readonly ListedDevice[], search: string): ListedDevice[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return devices.filter((device) => {
    const text = [
      device.deviceIdentifier,
      device.description,
      device.city,
      device.country,
      device.timezone,
      statusOf(device),
    ]
      .join(' ')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export function countByStatus(devices: readonly ListedDevice[]): Map<DeviceStatus, number> {
  const counts = new Map<DeviceStatus, number>();
  for (const device of devices) {
    counts.set(statusOf(device), (counts.get(statusOf(device)) ?? 0) + 1);
  }
  return counts;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Sorted by a column, missing values last in either direction, ties by identifier. */
export function sortDevices(
  devices: readonly ListedDevice[],
  sort: Column,
  descending: boolean,
): ListedDevice[] {
  const sign = descending ? -1 : 1;
  return devices.toSorted((a, b) => {
    const left = sortKey(a, sort);
    const right = sortKey(b, sort);
    const byIdentifier = collator.compare(a.deviceIdentifier, b.deviceIdentifier);
    if (left === undefined || right === undefined) {
      if (left === right) return byIdentifier;
      return left === undefined ? 1 : -1;
    }
    const order =
      typeof left === 'number' && typeof right === 'number'
        ? left - right
        : collator.compare(String(left), String(right));
    return order === 0 ? byIdentifier : sign * order;
  });
}

function sortKey(device: ListedDevice, sort: Column): string | number | undefined {
  switch (sort) {
    case 'name':
      return device.deviceIdentifier;
    case 'description':
      return device.description || undefined;
    case 'city':
      return device.city || undefined;
    case 'country':
      return device.country || undefined;
    case 'latest': {
      const alive = aliveAt(device);
      return Number.isNaN(alive) ? undefined : alive;
    }
    case 'status':
      return statusOrder.indexOf(statusOf(device));
  }
}
