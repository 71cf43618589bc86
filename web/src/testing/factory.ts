// A made-up factory whose samples are pure functions of time: the same question has the same answer.
// No imports, and only syntax that Node strips, so that tools/mock-server.mjs can load it as it is.

export interface MadeDevice {
  deviceIdentifier: string;
  description: string | null;
  long: number | null;
  lat: number | null;
  country: string | null;
  city: string | null;
  timezone: string;
  /** Seconds online, then as many offline, over and over; always online where missing. */
  cycleSeconds?: number;
}

export interface MadeMetric {
  deviceIdentifier: string;
  metricIdentifier: string;
  path: string;
  unit: string;
  displayName: string;
  metricType: 'NUMERIC_SCALAR' | 'WAVEFORM';
  sampleRateHz: number | null;
  intervalMs: number;
  valueAt: (time: number) => number;
}

export const burstSamples = 1024;
export const burstIntervalMs = 30_000;
const waveformRateHz = 5000;
const minute = 60_000;

export const devices: MadeDevice[] = [
  {
    deviceIdentifier: '000001',
    description: 'Conveyor with six gear motors',
    long: 8.54,
    lat: 47.37,
    country: 'Switzerland',
    city: 'Zürich',
    timezone: 'Europe/Zurich',
  },
  {
    deviceIdentifier: '000002',
    description: 'Industrial machine, recorded temperature up to its failure',
    long: -73.94,
    lat: 40.67,
    country: 'United States',
    city: 'New York',
    timezone: 'America/New_York',
  },
  {
    deviceIdentifier: '000003',
    description: 'Turbofan engine, run to failure',
    long: 139.69,
    lat: 35.68,
    country: 'Japan',
    city: 'Tokyo',
    timezone: 'Asia/Tokyo',
  },
  {
    deviceIdentifier: '000004',
    description: 'Cold store whose edge agent comes and goes',
    long: 77.21,
    lat: 28.61,
    country: 'India',
    city: 'New Delhi',
    timezone: 'Asia/Kolkata',
    cycleSeconds: 60,
  },
];

/** Uniform in -1..1, always the same for the same numbers. */
export function noise(seed: number, time: number): number {
  let x = Math.imul(seed ^ Math.floor(time), 0x9e3779b1) ^ Math.floor(time / 4294967296);
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 2147483648 - 1;
}

const wave = (time: number, periodMs: number) => Math.sin((2 * Math.PI * time) / periodMs);

function scalar(
  deviceIdentifier: string,
  metricIdentifier: string,
  path: string,
  unit: string,
  displayName: string,
  intervalMs: number,
  valueAt: (time: number) => number,
): MadeMetric {
  return {
    deviceIdentifier,
    metricIdentifier,
    path,
    unit,
    displayName,
    metricType: 'NUMERIC_SCALAR',
    sampleRateHz: null,
    intervalMs,
    valueAt,
  };
}

function gearAxis(motor: number, axis: 'x' | 'y'): MadeMetric {
  const seed = motor * 10 + (axis === 'x' ? 1 : 2);
  return {
    deviceIdentifier: '000001',
    metricIdentifier: `vibration.gear${motor}.${axis}_axis`,
    path: `conveyor.motor${motor}`,
    unit: 'm/s2',
    displayName: `Gear vibration ${axis}`,
    metricType: 'WAVEFORM',
    sampleRateHz: waveformRateHz,
    intervalMs: burstIntervalMs,
    valueAt: (time) => {
      const mesh =
        Math.sin(2 * Math.PI * 0.7 * time) *
        (1 + (motor === 2 ? 0.6 : 0.1) * Math.sin(2 * Math.PI * 0.025 * time));
      const turn = (time * 0.025) % 1;
      const impact =
        motor === 3 || motor === 6 ? 4 * Math.exp(-turn * 40) * Math.sin(12 * time) : 0;
      return mesh + impact + 0.25 * noise(seed, time * 1000);
    },
  };
}

const engineSensors: [string, string, number][] = [
  ['temperature.fan_inlet', 'degR', 518.67],
  ['temperature.lpc_outlet', 'degR', 642],
  ['temperature.hpc_outlet', 'degR', 1589],
  ['temperature.lpt_outlet', 'degR', 1406],
  ['pressure.hpc_outlet', 'psia', 554],
  ['speed.fan', 'rpm', 2388],
  ['speed.core', 'rpm', 9052],
  ['pressure.static_hpc', 'psia', 47.4],
  ['ratio.fuel_flow', 'pps/psia', 521.8],
  ['speed.fan_corrected', 'rpm', 2388.02],
  ['speed.core_corrected', 'rpm', 8138],
  ['ratio.bypass', '', 8.42],
  ['bleed.enthalpy', '', 392],
  ['bleed.hpt_coolant', 'lbm/s', 38.9],
  ['bleed.lpt_coolant', 'lbm/s', 23.3],
];

export const metrics: MadeMetric[] = [
  scalar(
    '000001',
    'temperature.ambient',
    'conveyor',
    'C',
    'Ambient temperature',
    1000,
    (t) => 21 + 2 * wave(t, 20 * minute) + 0.3 * noise(1, t),
  ),
  scalar(
    '000001',
    'humidity.ambient',
    'conveyor',
    '%',
    'Ambient humidity',
    1000,
    (t) => 46 + 4 * wave(t, 33 * minute) + 0.6 * noise(2, t),
  ),
  ...[1, 2, 3, 4, 5, 6].flatMap((motor) => [gearAxis(motor, 'x'), gearAxis(motor, 'y')]),
  scalar(
    '000002',
    'temperature.machine',
    'machine',
    'F',
    'Machine temperature',
    1000,
    (t) =>
      88 +
      8 * wave(t, 11 * minute) +
      1.5 * noise(3, t) +
      (noise(4, Math.floor(t / 1000)) > 0.996 ? 24 : 0),
  ),
  ...engineSensors.map(([id, unit, level], i) =>
    scalar(
      '000003',
      id,
      'engine',
      unit,
      '',
      1000,
      (t) => level * (1 + 0.002 * wave(t, (17 + i) * minute) + 0.0008 * noise(20 + i, t)),
    ),
  ),
  scalar(
    '000004',
    'temperature.store',
    'store',
    'C',
    'Store temperature',
    1000,
    (t) => 4 + 0.8 * wave(t, 9 * minute) + 0.1 * noise(5, t),
  ),
];

export function isOnline(device: MadeDevice, time: number): boolean {
  if (!device.cycleSeconds) return true;
  return Math.floor(time / 1000 / device.cycleSeconds) % 2 === 0;
}

/** Start of the newest burst that is complete at a time. */
export function newestBurst(time: number): number {
  const length = (burstSamples / waveformRateHz) * 1000;
  return Math.floor((time - length) / burstIntervalMs) * burstIntervalMs;
}

/** Times of a metric's samples in [start, end], milliseconds; thinned out to about `most`. */
export function sampleTimes(
  metric: MadeMetric,
  start: number,
  end: number,
  most: number,
): number[] {
  const device = devices.find((d) => d.deviceIdentifier === metric.deviceIdentifier);
  const times: number[] = [];
  if (metric.metricType === 'WAVEFORM') {
    const step = 1000 / waveformRateHz;
    for (let burst = newestBurst(start); burst <= end; burst += burstIntervalMs) {
      for (let i = 0; i < burstSamples; i += 1) {
        const time = burst + i * step;
        if (time >= start && time <= end) times.push(time);
      }
    }
    return times;
  }
  const stride =
    Math.max(1, Math.floor((end - start) / metric.intervalMs / most)) * metric.intervalMs;
  for (let t = Math.ceil(start / metric.intervalMs) * metric.intervalMs; t <= end; t += stride) {
    if (!device || isOnline(device, t)) times.push(t);
  }
  return times;
}
