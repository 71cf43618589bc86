import { scaleLinear } from 'd3-scale';
import { timeTicks, type OffsetAt } from './ticks';

/** A prediction as instants: when it was made, and when it saw the end. */
export interface LifePoint {
  readonly at: number;
  /** Missing where only the lower bound, or nothing, was said. */
  readonly end: number | undefined;
  readonly lower: number | undefined;
  readonly upper: number | undefined;
}

export interface LifeGeometry {
  readonly plot: { left: number; right: number; top: number; bottom: number };
  readonly xTicks: readonly { x: number; label: string }[];
  readonly yTicks: readonly { y: number; label: string }[];
  /** From the lower to the upper bounds. */
  readonly band: string;
  readonly line: string;
  /** Where only "later than" was said. */
  readonly laterThan: readonly { x: number; y: number }[];
  /** The end that came: the first prediction with nothing left. */
  readonly reachedY: number | undefined;
}

const margin = { left: 60, right: 10, top: 10, bottom: 24 };

/** The end as it was foretold (upwards) over the time at which it was foretold. */
export function lifeGeometry(
  points: readonly LifePoint[],
  size: { width: number; height: number },
  offsetAt: OffsetAt,
): LifeGeometry | undefined {
  const told = points.filter(({ lower }) => lower !== undefined);
  const first = told[0];
  const last = told.at(-1);
  if (!first || !last) return undefined;
  const plot = {
    left: margin.left,
    right: size.width - margin.right,
    top: margin.top,
    bottom: size.height - margin.bottom,
  };
  const ends = told.flatMap(({ lower, end, upper }) => [lower, end, upper]).filter(isInstant);
  const [low, high] = apart(Math.min(...ends), Math.max(...ends));
  const [from, to] = apart(first.at, last.at);
  const x = scaleLinear().domain([from, to]).range([plot.left, plot.right]);
  const y = scaleLinear().domain([low, high]).range([plot.bottom, plot.top]);
  const ranged = told.filter(({ end, upper }) => end !== undefined && upper !== undefined);
  const place = (at: number, end: number) => `${round(x(at))},${round(y(end))}`;
  const upwards = ranged.map(({ at, upper }) => place(at, upper!));
  const back = ranged.map(({ at, lower }) => place(at, lower!)).toReversed();
  const reached = ranged.find(({ at, end }) => end === at);
  return {
    plot,
    xTicks: timeTicks(from, to, 4, offsetAt).map(({ t, label }) => ({ x: round(x(t)), label })),
    yTicks: timeTicks(low, high, 4, offsetAt).map(({ t, label }) => ({ y: round(y(t)), label })),
    band: ranged.length > 1 ? `M${[...upwards, ...back].join('L')}Z` : '',
    line: ranged.length > 1 ? `M${ranged.map(({ at, end }) => place(at, end!)).join('L')}` : '',
    laterThan: told
      .filter(({ end }) => end === undefined)
      .map(({ at, lower }) => ({ x: round(x(at)), y: round(y(lower!)) })),
    reachedY: reached && round(y(reached.at)),
  };
}

function isInstant(value: number | undefined): value is number {
  return value !== undefined;
}

/** Never a range of zero. */
function apart(low: number, high: number): [number, number] {
  return high > low ? [low, high] : [low - 1_800_000, high + 1_800_000];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
