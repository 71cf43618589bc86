import type { Metric } from './api/queries';

/** The metrics of one path, in the order in which a reader expects them. */
export interface Section {
  readonly path: string;
  readonly scalars: readonly Metric[];
  readonly waveforms: readonly Metric[];
  /** Kinds that have no chart yet: their newest value's time is listed. */
  readonly others: readonly Metric[];
}

const collator = new Intl.Collator('en', { numeric: true });

export function sectionsOf(metrics: readonly Metric[]): Section[] {
  const byPath = Map.groupBy(metrics, ({ path }) => path);
  return [...byPath.entries()]
    .toSorted(([a], [b]) => collator.compare(a, b))
    .map(([path, own]) => {
      const sorted = own.toSorted((a, b) =>
        collator.compare(a.metricIdentifier, b.metricIdentifier),
      );
      return {
        path,
        scalars: sorted.filter(({ metricType }) => metricType === 'NUMERIC_SCALAR'),
        waveforms: sorted.filter(({ metricType }) => metricType === 'WAVEFORM'),
        others: sorted.filter(
          ({ metricType }) => metricType !== 'NUMERIC_SCALAR' && metricType !== 'WAVEFORM',
        ),
      };
    });
}

export function metricName({ displayName, metricIdentifier }: Metric): string {
  return displayName.trim() === '' ? metricIdentifier : displayName;
}

/** `conveyor.motor1` as `conveyor › motor1`. */
export function pathWords(path: string): string {
  return path === '' ? 'Device' : path.replaceAll('.', ' › ');
}
