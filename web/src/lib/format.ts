const unitSigns: Record<string, string> = {
  c: '°C',
  celsius: '°C',
  degc: '°C',
  deg_c: '°C',
  '°c': '°C',
  f: '°F',
  fahrenheit: '°F',
  r: '°R',
  degr: '°R',
  degf: '°F',
  rankine: '°R',
  percent: '%',
  'm/s2': 'm/s²',
  'm/s^2': 'm/s²',
  'rev/s': 'rev/s',
  hours: 'h',
  hour: 'h',
  minutes: 'min',
  seconds: 's',
  days: 'd',
};

/** The sign of a unit as engineers write it; an unknown unit as it came. */
export function unitSign(unit: string): string {
  return unitSigns[unit.trim().toLowerCase()] ?? unit.trim();
}

/** About four significant digits, no exponent for everyday sizes. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e7 || size < 1e-3) return minus(value.toExponential(2));
  const digits = size >= 1000 ? 1 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
  const text = value.toFixed(digits);
  return minus(size >= 1000 ? grouped(text) : text);
}

export function formatValue(value: number, unit: string): string {
  const sign = unitSign(unit);
  return sign === '' ? formatNumber(value) : `${formatNumber(value)} ${sign}`;
}

export function formatPercent(probability: number): string {
  if (!Number.isFinite(probability)) return '–';
  const percent = probability * 100;
  // 99.97 % must not read as certainty.
  if (percent > 99 && percent < 100) return `${Math.floor(percent * 10) / 10} %`;
  return `${Math.round(percent)} %`;
}

/** `3 s`, `4 min`, `2 h`, `5 d`: the largest unit that is at least one. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.abs(milliseconds) / 1000;
  if (seconds < 1) return `${formatNumberShort(seconds * 1000)} ms`;
  if (seconds < 60) return `${formatNumberShort(seconds)} s`;
  if (seconds < 3600) return `${formatNumberShort(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${formatNumberShort(seconds / 3600)} h`;
  return `${formatNumberShort(seconds / 86400)} d`;
}

/** Age in words for a list: `just now`, `12 s ago`, `3 h ago`, `in 2 min` when a clock is ahead. */
export function formatAge(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return 'never';
  if (Math.abs(milliseconds) < 2000) return 'just now';
  const size = wholeUnits(Math.abs(milliseconds) / 1000);
  return milliseconds < 0 ? `in ${size}` : `${size} ago`;
}

function wholeUnits(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

function formatNumberShort(value: number): string {
  return value >= 10 ? String(Math.round(value)) : String(Math.round(value * 10) / 10);
}

function minus(text: string): string {
  return text.replace('-', '−');
}

function grouped(text: string): string {
  return text.replace(/\B(?=(\d{3})+(?!\d))/g, '\u2009');
}
