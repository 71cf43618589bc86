import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import type { Columns } from '../charts/columns';
import type { ChartGeometry, MarkedSpan } from '../charts/geometry';
import { formatNumber, formatValue } from '../lib/format';

interface ChartTooltipProps {
  readonly geometry: ChartGeometry;
  readonly columns: Columns;
  readonly at: number;
  readonly unit: string;
  /** The time of the point, already in words. */
  readonly time: string;
  readonly spans: readonly MarkedSpan[];
}

/** Value, range, time and, inside a marked span, why it is marked. */
export function ChartTooltip({ geometry, columns, at, unit, time, spans }: ChartTooltipProps) {
  const t = columns.t[at]!;
  const x = geometry.x(t);
  const onTheRight = x < geometry.width / 2;
  const count = columns.count[at]!;
  const inside = spans.find(({ start, end }) => t >= start && t <= end);
  return (
    <Paper
      aria-hidden="true"
      elevation={4}
      variant="elevation"
      sx={{
        position: 'absolute',
        top: geometry.plot.top,
        ...(onTheRight ? { left: x + 10 } : { right: geometry.width - x + 10 }),
        maxWidth: 260,
        px: 1,
        py: 0.5,
        fontSize: '0.78rem',
        pointerEvents: 'none',
        zIndex: 2,
      }}
    >
      <Box sx={{ fontWeight: 700 }}>{formatValue(columns.avg[at]!, unit)}</Box>
      {count > 1 ? (
        <Box sx={{ color: 'text.secondary' }}>
          {formatNumber(columns.min[at]!)} to {formatNumber(columns.max[at]!)}, {count} samples
        </Box>
      ) : null}
      <Box sx={{ color: 'text.secondary' }}>{time}</Box>
      {inside ? <Box sx={{ color: 'warning.main' }}>{inside.title}</Box> : null}
    </Paper>
  );
}
