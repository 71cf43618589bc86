/** The stretch of time that all charts of the page show; lives in the URL. */
export type Range =
  | { readonly kind: 'last'; readonly name: RangeName; readonly ms: number }
  | { readonly kind: 'fixed'; readonly start: number; readonly end: number };

const minute = 60_000;
const hour = 60 * minute;

export const ranges = {
  '5m': { ms: 5 * minute, label: '5 min' },
  '15m': { ms: 15 * minute, label: '15 min' },
  '1h': { ms: hour, label: '1 h' },
  '6h': { ms: 6 * hour, label: '6 h' },
  '24h': { ms: 24 * hour, label: '24 h' },
  '7d': { ms: 7 * 24 * hour, label: '7 d' },
} as const;

export type RangeName = keyof typeof ranges;

export const rangeNames = Object.keys(ranges) as RangeName[];

const usual: RangeName = '5m';
/** A zoom never goes below this; finer than any scalar metric is sampled. */
export const shortestRangeMs = 1000;

export function lastRange(name: RangeName): Range {
  return { kind: 'last', name, ms: ranges[name].ms };
}

/** The range of an address; the usual one where it says nothing that makes sense. */
export function readRange(parameters: URLSearchParams): Range {
  const start = instant(parameters.get('from'));
  const end = instant(parameters.get('to'));
  if (end - start >= shortestRangeMs) return { kind: 'fixed', start, end };
  const name = rangeNames.find((one) => one === parameters.get('range'));
  return lastRange(name ?? usual);
}

export function writeRange(range: Range): URLSearchParams {
  const parameters = new URLSearchParams();
  if (range.kind === 'fixed') {
    parameters.set('from', new Date(range.start).toISOString());
    parameters.set('to', new Date(range.end).toISOString());
  } else if (range.name !== usual) {
    parameters.set('range', range.name);
  }
  return parameters;
}

/** A part of a chart as a range; widened about its middle when it is too short. */
export function zoomRange(t0: number, t1: number): Range {
  const start = Math.floor(t0);
  const end = Math.ceil(t1);
  if (end - start >= shortestRangeMs) return { kind: 'fixed', start, end };
  const middle = Math.round((t0 + t1) / 2);
  return { kind: 'fixed', start: middle - shortestRangeMs / 2, end: middle + shortestRangeMs / 2 };
}

export function boundsOf(range: Range, now: number): { start: number; end: number } {
  return range.kind === 'fixed' ? range : { start: now - range.ms, end: now };
}

export function lengthOf(range: Range): number {
  return range.kind === 'fixed' ? range.end - range.start : range.ms;
}

function instant(text: string | null): number {
  return text === null ? Number.NaN : Date.parse(text);
}
