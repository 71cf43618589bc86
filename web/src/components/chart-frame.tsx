import { alpha, type Theme } from '@mui/material/styles';
import { memo } from 'react';
import type { ChartGeometry } from '../charts/geometry';

interface ChartFrameProps {
  readonly geometry: ChartGeometry;
  readonly theme: Theme;
}

/** Axes, grid, gaps and marked spans, behind the line. */
export const ChartFrame = memo(function ChartFrame({ geometry, theme }: ChartFrameProps) {
  const { width, height, plot } = geometry;
  const plotHeight = plot.bottom - plot.top;
  const grid = theme.palette.divider;
  const ink = theme.palette.text.secondary;
  const mark = theme.palette.warning.main;
  return (
    <svg
      width={width}
      height={height}
      aria-hidden="true"
      fontSize="11"
      style={{ position: 'absolute', inset: 0, pointerEvents: 'none' }}
    >
      {geometry.gaps.map((gap) => (
        <rect
          key={`gap-${gap.x}`}
          className="gap"
          x={gap.x}
          y={plot.top}
          width={gap.width}
          height={plotHeight}
          fill={alpha(ink, 0.13)}
        />
      ))}
      {geometry.spans.map(({ span, x, width: spanWidth }) => (
        <g key={span.id} className="anomaly">
          <rect x={x} y={plot.top} width={spanWidth} height={plotHeight} fill={alpha(mark, 0.2)} />
          <rect x={x} y={plot.top - 4} width={spanWidth} height="4" fill={mark} />
        </g>
      ))}
      {geometry.yTicks.map(({ y, label }) => (
        <g key={`y-${label}`}>
          <line x1={plot.left} x2={plot.right} y1={y} y2={y} stroke={grid} />
          <text x={plot.left - 6} y={y + 4} textAnchor="end" fill={ink}>
            {label}
          </text>
        </g>
      ))}
      {geometry.xTicks.map(({ x, label }) => (
        <g key={`x-${x}`}>
          <line x1={x} x2={x} y1={plot.bottom} y2={plot.bottom + 4} stroke={ink} />
          <text x={x} y={plot.bottom + 16} textAnchor="middle" fill={ink}>
            {label}
          </text>
        </g>
      ))}
    </svg>
  );
});
