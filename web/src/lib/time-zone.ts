import type { OffsetAt } from '../charts/ticks';

export interface Zone {
  readonly name: string;
  /** Milliseconds to add to UTC at an instant. */
  readonly offsetAt: OffsetAt;
}

const minute = 60_000;
const zones = new Map<string, Zone>();

/** The zone of an IANA name; UTC, and named so, where the browser does not know it. */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known) return known;
  const zone = makeZone(name);
  zones.set(name, zone);
  return zone;
}

function makeZone(name: string): Zone {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return { name: 'UTC', offsetAt: () => 0 };
  }
  // Offsets change at most a few times a year, always on a quarter of an hour.
  const cache = new Map<number, number>();
  const offsetAt = (time: number): number => {
    const quarter = Math.floor(time / (15 * minute));
    const cached = cache.get(quarter);
    if (cached !== undefined) return cached;
    const offset = offsetOf(format, quarter * 15 * minute);
    if (cache.size > 5000) cache.clear();
    cache.set(quarter, offset);
    return offset;
  };
  return { name, offsetAt };
}

function offsetOf(format: Intl.DateTimeFormat, time: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(new Date(time))) parts[type] = Number(value);
  const { year, month, day, hour, minute: minutes, second } = parts;
  const local = Date.UTC(year ?? 1970, (month ?? 1) - 1, day, hour, minutes, second);
  return local - time;
}

/** `2026-03-29 14:05:09` in the zone; with `milliseconds` three more digits. */
export function localTime(time: number, zone: Zone, milliseconds = false): string {
  if (!Number.isFinite(time)) return '–';
  const local = new Date(time + zone.offsetAt(time)).toISOString();
  return local.slice(0, milliseconds ? 23 : 19).replace('T', ' ');
}

/** `14:05:09` in the zone. */
export function localClock(time: number, zone: Zone): string {
  return localTime(time, zone).slice(11);
}

const pad = (value: number) => String(value).padStart(2, '0');

/** `UTC+02:00`, so that a reader need not know the zone's name. */
export function offsetLabel(time: number, zone: Zone): string {
  const minutes = Math.round(zone.offsetAt(time) / minute);
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? '−' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}
