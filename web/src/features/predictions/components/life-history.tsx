import Typography from '@mui/material/Typography';
import { alpha, useTheme } from '@mui/material/styles';
import { lifeGeometry, type LifePoint } from '../../../charts/life';
import { localTime, type Zone } from '../../../lib/time-zone';

interface LifeHistoryProps {
  readonly points: readonly LifePoint[];
  readonly zone: Zone;
}

const size = { width: 420, height: 160 };

/** The end as it was foretold, over the time of the prediction, and the end that came. */
export function LifeHistory({ points, zone }: LifeHistoryProps) {
  const { palette } = useTheme();
  const geometry = lifeGeometry(points, size, zone.offsetAt);
  if (!geometry) {
    return (
      <Typography variant="body2" color="textSecondary">
        Nothing has been foretold yet. One prediction an hour is kept for half a year.
      </Typography>
    );
  }
  const { plot, xTicks, yTicks, band, line, laterThan, reachedY } = geometry;
  const ink = palette.text.secondary;
  return (
    <svg
      role="img"
      aria-label={spoken(points, zone)}
      viewBox={`0 0 ${size.width} ${size.height}`}
      fontSize="11"
      style={{ width: '100%', maxWidth: size.width }}
    >
      {yTicks.map(({ y, label }) => (
        <g key={`y-${y}`}>
          <line x1={plot.left} x2={plot.right} y1={y} y2={y} stroke={palette.divider} />
          <text x={plot.left - 6} y={y + 4} textAnchor="end" fill={ink}>
            {label}
          </text>
        </g>
      ))}
      {xTicks.map(({ x, label }) => (
        <text key={`x-${x}`} x={x} y={plot.bottom + 16} textAnchor="middle" fill={ink}>
          {label}
        </text>
      ))}
      <path d={band} fill={alpha(palette.primary.main, 0.2)} />
      <path d={line} fill="none" stroke={palette.primary.main} strokeWidth="1.5" />
      {laterThan.map(({ x, y }) => (
        <path
          key={`later-${x}`}
          d={`M${x - 3},${y}L${x},${y - 6}L${x + 3},${y}Z`}
          fill={palette.primary.main}
        />
      ))}
      {reachedY === undefined ? null : (
        <line
          x1={plot.left}
          x2={plot.right}
          y1={reachedY}
          y2={reachedY}
          stroke={palette.error.main}
          strokeDasharray="4 3"
        />
      )}
    </svg>
  );
}

/** What the picture says, for whoever does not see it. */
function spoken(points: readonly LifePoint[], zone: Zone): string {
  const reached = points.find(({ at, end }) => at === end);
  if (reached) return `Foretold ends; the limit was reached at ${localTime(reached.at, zone)}`;
  const newest = points.findLast(({ lower }) => lower !== undefined);
  if (newest?.lower === undefined) return 'Foretold ends';
  const until = newest.upper === undefined ? '' : ` and before ${localTime(newest.upper, zone)}`;
  return `Foretold ends; the newest is after ${localTime(newest.lower, zone)}${until}`;
}
