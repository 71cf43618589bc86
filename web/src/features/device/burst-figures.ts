import type { Columns } from '../../charts/columns';

export interface BurstFigures {
  /** Root mean square about the mean, in the metric's unit. */
  readonly rms: number;
  /** Largest distance from the mean, in the metric's unit. */
  readonly peak: number;
}

/** How strong a vibration is, gravity and offset of the sensor removed. */
export function burstFigures(columns: Columns): BurstFigures {
  const n = columns.avg.length;
  if (n === 0) return { rms: Number.NaN, peak: Number.NaN };
  const mean = columns.avg.reduce((sum, value) => sum + value, 0) / n;
  let squares = 0;
  let peak = 0;
  for (let i = 0; i < n; i += 1) {
    squares += (columns.avg[i]! - mean) ** 2;
    peak = Math.max(peak, Math.abs(columns.max[i]! - mean), Math.abs(columns.min[i]! - mean));
  }
  return { rms: Math.sqrt(squares / n), peak };
}
