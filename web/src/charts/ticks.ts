/** Milliseconds to add to UTC for local time, at an instant. */
export type OffsetAt = (time: number) => number;

export interface TimeTick {
  readonly t: number;
  readonly label: string;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((n) => n * day),
];

/**
 * Round local times between t0 and t1, at most `most` of them. Midnight is labelled by its date. Across
 * a change of daylight-saving time ticks stay on round local hours; an hour that does not exist is
 * left out, one that comes twice is marked at its first pass.
 */
export function timeTicks(t0: number, t1: number, most: number, offsetAt: OffsetAt): TimeTick[] {
  const span = t1 - t0;
  if (!(span > 0) || most < 1) return [];
  if (span < 2 * second) return shortTicks(t0, t1, most, offsetAt);
  const step =
    steps.find((candidate) => span / candidate <= most) ?? Math.ceil(span / most / day) * day;
  const ticks: TimeTick[] = [];
  const firstLocal = Math.ceil((t0 + offsetAt(t0)) / step) * step;
  for (let local = firstLocal; ; local += step) {
    const t = toInstant(local, offsetAt);
    if (t > t1) break;
    const previous = ticks.at(-1);
    const exists = t + offsetAt(t) === local;
    if (t < t0 || !exists || (previous && t <= previous.t)) continue;
    ticks.push({ t, label: tickLabel(local, step) });
  }
  return ticks;
}

/** Below two seconds: milliseconds within the second. */
function shortTicks(t0: number, t1: number, most: number, offsetAt: OffsetAt): TimeTick[] {
  const span = t1 - t0;
  const candidates = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
  const step = candidates.find((candidate) => span / candidate <= most) ?? 1000;
  const ticks: TimeTick[] = [];
  for (let t = Math.ceil(t0 / step) * step; t <= t1; t += step) {
    const local = new Date(t + offsetAt(t));
    ticks.push({ t, label: `${clock(local, true)}.${pad(local.getUTCMilliseconds(), 3)}` });
  }
  return ticks;
}

/** The instant of a local time; the first of two in an autumn fold. */
function toInstant(local: number, offsetAt: OffsetAt): number {
  const before = local - offsetAt(local - day);
  if (before + offsetAt(before) === local) return before;
  return local - offsetAt(before);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function tickLabel(local: number, step: number): string {
  const date = new Date(local);
  if (local % day === 0) return `${date.getUTCDate()} ${months[date.getUTCMonth()]}`;
  return clock(date, step < minute);
}

function clock(local: Date, withSeconds: boolean): string {
  const hourAndMinute = `${pad(local.getUTCHours(), 2)}:${pad(local.getUTCMinutes(), 2)}`;
  return withSeconds ? `${hourAndMinute}:${pad(local.getUTCSeconds(), 2)}` : hourAndMinute;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
