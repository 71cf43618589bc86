import type { RawSamples } from '../../charts/columns';

interface LiveSeries {
  readonly path: string;
  readonly metricIdentifier: string;
  readonly t: readonly number[];
  readonly value: readonly number[];
}

const none: RawSamples = { t: [], value: [] };

export function seriesKey(path: string, metricIdentifier: string): string {
  return `${path}/${metricIdentifier}`;
}

/**
 * The live samples of a device since the page was opened, bounded in time and number. Listeners hear of
 * changes at most every `notifyMs`, however fast samples come: a chart redraws a few times a second.
 */
export class LiveBuffer {
  private readonly samples = new Map<string, RawSamples>();
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  private readonly notifyMs: number;
  private readonly keepMs: number;
  private readonly most: number;

  constructor(notifyMs = 200, keepMs = 180_000, most = 20_000) {
    this.notifyMs = notifyMs;
    this.keepMs = keepMs;
    this.most = most;
  }

  /** Adds one message; times in microseconds, as the wire has them. */
  add(series: readonly LiveSeries[]): void {
    for (const { path, metricIdentifier, t, value } of series) {
      const key = seriesKey(path, metricIdentifier);
      const before = this.samples.get(key) ?? none;
      const newest = (t.at(-1) ?? 0) / 1000;
      const keep = before.t.findIndex((time) => time >= newest - this.keepMs);
      const first = keep < 0 ? before.t.length : Math.max(keep, before.t.length - this.most);
      this.samples.set(key, {
        t: [...before.t.slice(first), ...t.map((us) => us / 1000)],
        value: [...before.value.slice(first), ...value],
      });
    }
    this.timer ??= setTimeout(() => this.notify(), this.notifyMs);
  }

  get(path: string, metricIdentifier: string): RawSamples {
    return this.samples.get(seriesKey(path, metricIdentifier)) ?? none;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private notify(): void {
    this.timer = undefined;
    for (const listener of this.listeners) listener();
  }
}
