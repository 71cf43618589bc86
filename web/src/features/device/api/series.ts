import type { Columns } from '../../../charts/columns';
import { query } from '../../../lib/graphql/client';
import { graphql } from '../../../lib/graphql/generated';
import type { SeriesQuery } from '../../../lib/graphql/generated/graphql';
import { usePolled, type Polled } from '../../../lib/use-polled';
import { lengthOf, type Range } from '../range';
import { isoBounds, type Machine, type Metric } from './queries';

const SeriesDocument = graphql(`
  query Series(
    $tenantIdentifier: String!
    $deviceIdentifier: String!
    $metricIdentifier: [String!]
    $path: String
    $start: String!
    $end: String!
    $pixels: Int!
  ) {
    series(
      tenantIdentifier: $tenantIdentifier
      deviceIdentifier: $deviceIdentifier
      metricIdentifier: $metricIdentifier
      path: $path
      start: $start
      end: $end
      pixels: $pixels
    ) {
      metricIdentifier
      path
      t
      min
      max
      avg
      count
      columnUs
    }
  }
`);

/** Columns by metric identifier, of one path. */
export type SeriesByMetric = ReadonlyMap<string, Columns>;

/** Samples of a burst that are shown; a longer block shows its last ones. */
export const burstSamples = 1024;
const mostPixels = 4000;

/** The scalar series of one path's metrics over the range: one request for all of them. */
export function usePathSeries(
  machine: Machine,
  path: string,
  metrics: readonly Metric[],
  range: Range,
  pixels: number,
): Polled<SeriesByMetric> {
  const identifiers = metrics.map(({ metricIdentifier }) => metricIdentifier);
  const active = identifiers.length > 0 && pixels > 0;
  const { tenant, device } = machine;
  return usePolled(
    active
      ? `series/${tenant}/${device}/${path}/${identifiers.join()}/${JSON.stringify(range)}/${pixels}`
      : '',
    () => readSeries(machine, path, identifiers, isoBounds(range), pixels),
    // New samples come live; the question is asked again so that old ones are seen at full detail.
    Math.min(60_000, Math.max(10_000, lengthOf(range) / 40)),
  );
}

/** The newest burst of each waveform metric of a path. Metrics of one burst share a request. */
export function useNewestBursts(
  machine: Machine,
  path: string,
  metrics: readonly Metric[],
  active: boolean,
): Polled<SeriesByMetric> {
  const bursts = burstsOf(metrics);
  const { tenant, device } = machine;
  const asked = bursts
    .map(({ latest, identifiers }) => `${latest}:${identifiers.join()}`)
    .join(';');
  return usePolled(
    active && bursts.length > 0 ? `bursts/${tenant}/${device}/${path}/${asked}` : '',
    async () => {
      const answers = await Promise.all(bursts.map((burst) => readBurst(machine, path, burst)));
      return new Map(answers.flatMap((answer) => [...answer]));
    },
    60_000,
  );
}

interface Burst {
  readonly latest: string;
  readonly rateHz: number;
  readonly identifiers: string[];
}

function burstsOf(metrics: readonly Metric[]): Burst[] {
  const bursts = new Map<string, Burst>();
  for (const { metricIdentifier, latestTimestamp, sampleRateHz } of metrics) {
    if (!latestTimestamp || !sampleRateHz || !(sampleRateHz > 0)) continue;
    const key = `${latestTimestamp}/${sampleRateHz}`;
    const known = bursts.get(key);
    if (known) known.identifiers.push(metricIdentifier);
    else {
      bursts.set(key, {
        latest: latestTimestamp,
        rateHz: sampleRateHz,
        identifiers: [metricIdentifier],
      });
    }
  }
  return [...bursts.values()];
}

/**
 * The latest timestamp may be the first or the last sample of its block, so the request reaches one
 * burst's length to both sides of it. Two columns a sample: no column holds two samples.
 */
async function readBurst(machine: Machine, path: string, burst: Burst): Promise<SeriesByMetric> {
  const lengthMs = (burstSamples / burst.rateHz) * 1000;
  const latest = Date.parse(burst.latest);
  const bounds = {
    start: new Date(Math.floor(latest - lengthMs)).toISOString(),
    end: new Date(Math.ceil(latest + lengthMs)).toISOString(),
  };
  const pixels = Math.min(mostPixels, 4 * burstSamples);
  const series = await readSeries(machine, path, burst.identifiers, bounds, pixels);
  const stepMs = 1000 / burst.rateHz;
  return new Map(
    [...series].map(([id, columns]) => [id, regular(newestRun(columns, stepMs), stepMs)]),
  );
}

/** The columns after the last pause: an earlier burst may reach into the span. */
export function newestRun(columns: Columns, stepMs: number): Columns {
  let from = columns.t.length - 1;
  while (from > 0 && columns.t[from]! - columns.t[from - 1]! < 5 * stepMs) from -= 1;
  const first = Math.max(0, from, columns.t.length - burstSamples);
  return {
    t: columns.t.slice(first),
    min: columns.min.slice(first),
    max: columns.max.slice(first),
    avg: columns.avg.slice(first),
    count: columns.count.slice(first),
    columnMs: 0,
  };
}

/** Sample times are exact multiples of the rate; columns only know them to half a step. */
function regular(columns: Columns, stepMs: number): Columns {
  if (columns.count.some((count) => count !== 1)) return columns;
  const start = columns.t[0] ?? 0;
  return { ...columns, t: columns.t.map((_, i) => start + i * stepMs) };
}

async function readSeries(
  { tenant, device }: Machine,
  path: string,
  metricIdentifier: string[],
  bounds: { start: string; end: string },
  pixels: number,
): Promise<SeriesByMetric> {
  const { series } = await query(SeriesDocument, {
    tenantIdentifier: tenant,
    deviceIdentifier: device,
    metricIdentifier,
    path,
    ...bounds,
    pixels,
  });
  // The path selects its whole subtree; a metric below it may have the same identifier.
  const own = series.filter((one) => one.path === path);
  return new Map(own.map((one) => [one.metricIdentifier, columnsOf(one)]));
}

function columnsOf(series: SeriesQuery['series'][number]): Columns {
  return {
    t: series.t.map((us) => us / 1000),
    min: series.min,
    max: series.max,
    avg: series.avg,
    count: series.count,
    columnMs: series.columnUs / 1000,
  };
}
