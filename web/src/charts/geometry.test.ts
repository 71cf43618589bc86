import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { zoneOf } from '../lib/time-zone';
import { fromRaw, noColumns, type Columns } from './columns';
import { chartGeometry, type ChartInput } from './geometry';
import { chartSvg } from './svg';

const start = Date.parse('2026-03-02T06:00:00Z');
const minute = 60_000;
const offsetAt = zoneOf('Europe/Zurich').offsetAt;

function input(columns: Columns, part: Partial<ChartInput> = {}): ChartInput {
  return {
    columns,
    t0: start,
    t1: start + 15 * minute,
    width: 640,
    height: 180,
    spans: [],
    offsetAt,
    ...part,
  };
}

/** Compares with the stored picture; UPDATE_GOLDEN=1 stores it. */
function expectGolden(name: string, svg: string): void {
  const folder = join(import.meta.dirname, 'golden');
  const file = join(folder, `${name}.svg`);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, svg);
  }
  expect(existsSync(file), `${file} is missing: run once with UPDATE_GOLDEN=1`).toBe(true);
  expect(svg).toBe(readFileSync(file, 'utf8'));
}

function minutes(
  from: number,
  to: number,
  value: (minute: number) => number,
): { t: number; v: number }[] {
  const points = [];
  for (let m = from; m < to; m += 0.25) points.push({ t: start + m * minute, v: value(m) });
  return points;
}

function raw(points: { t: number; v: number }[]): Columns {
  return fromRaw({ t: points.map(({ t }) => t), value: points.map(({ v }) => v) });
}

const curve = (m: number) => 20 + 3 * Math.sin(m / 2);

describe('chart geometry', () => {
  test('a temperature with a gap, a lone sample and an anomaly looks like its stored picture', () => {
    const points = [
      ...minutes(0, 6, curve),
      { t: start + 8 * minute, v: 21 },
      ...minutes(10, 15, curve),
    ];
    const geometry = chartGeometry(
      input(raw(points), {
        spans: [{ id: 'a', start: start + 3 * minute, end: start + 4 * minute, title: 'odd' }],
      }),
    );
    expect(geometry.gaps).toHaveLength(2);
    expect(geometry.dots).toHaveLength(1);
    expect(geometry.line.match(/M/g)).toHaveLength(2);
    expectGolden('temperature-with-gap', chartSvg(geometry, 'Temperature'));
  });

  test('columns of many samples show their spikes in the band', () => {
    const t = Array.from({ length: 60 }, (_, i) => start + i * 15_000);
    const avg = t.map((_, i) => 5 + Math.sin(i / 8));
    const columns: Columns = {
      t,
      avg,
      min: avg.map((v) => v - 0.5),
      max: avg.map((v, i) => (i === 30 ? 20 : v + 0.5)),
      count: t.map(() => 15),
      columnMs: 15_000,
    };
    const geometry = chartGeometry(input(columns));
    expect(geometry.y(20)).toBeGreaterThanOrEqual(geometry.plot.top);
    expectGolden('band-with-spike', chartSvg(geometry, 'Pressure'));
  });

  test('a burst of vibration keeps its peaks when pixels are fewer than samples', () => {
    const t = Array.from({ length: 1024 }, (_, i) => start + i * 0.2);
    const value = t.map((_, i) => Math.sin(i * 0.9) + (i === 500 ? 6 : 0));
    const geometry = chartGeometry(
      input(fromRaw({ t, value }), {
        t1: start + 1023 * 0.2,
        width: 320,
        trace: 'extremes',
        xTicks: [0, 100, 200].map((ms) => ({ t: start + ms, label: String(ms) })),
      }),
    );
    const heights = [...geometry.line.matchAll(/,(-?[\d.]+)/g)].map((match) => Number(match[1]));
    expect(Math.min(...heights)).toBeCloseTo(geometry.y(Math.max(...value)), 0);
    expectGolden('burst', chartSvg(geometry, 'Gear vibration'));
  });

  test('a flat series lies in the middle of a range that is not zero', () => {
    const geometry = chartGeometry(input(raw(minutes(0, 15, () => 7))));
    const y = geometry.y(7);
    expect(y).toBeGreaterThan(geometry.plot.top + 20);
    expect(y).toBeLessThan(geometry.plot.bottom - 20);
  });

  test('one sample is a dot', () => {
    const geometry = chartGeometry(input(raw([{ t: start + minute, v: 3 }])));
    expect(geometry.dots).toHaveLength(1);
    expect(geometry.line).toBe('');
  });

  test('no samples make an empty chart with axes, and no NaN', () => {
    const geometry = chartGeometry(input(noColumns));
    expect(geometry.xTicks.length).toBeGreaterThan(3);
    expect(chartSvg(geometry, 'Nothing')).not.toContain('NaN');
  });

  test('a device that fell silent has no data up to now, and none is drawn', () => {
    const geometry = chartGeometry(input(raw(minutes(0, 5, (m) => m))));
    expect(geometry.gaps).toHaveLength(1);
    expect(geometry.gaps[0]!.x + geometry.gaps[0]!.width).toBeCloseTo(geometry.plot.right, 0);
  });

  test('an anomaly of one moment is wide enough to see, one outside the range is not there', () => {
    const spans = [
      { id: 'moment', start: start + minute, end: start + minute, title: '' },
      { id: 'before', start: start - 9 * minute, end: start - minute, title: '' },
    ];
    const geometry = chartGeometry(input(raw(minutes(0, 15, (m) => m)), { spans }));
    expect(geometry.spans.map(({ span }) => span.id)).toEqual(['moment']);
    expect(geometry.spans[0]!.width).toBeGreaterThanOrEqual(3);
  });

  test('a name with markup is text in the picture', () => {
    const svg = chartSvg(chartGeometry(input(noColumns)), '<script>alert(1)</script>');
    expect(svg).not.toContain('<script>');
  });
});
