import type { Theme } from '@mui/material/styles';
import { memo, useLayoutEffect, useRef } from 'react';
import type { ChartGeometry } from '../charts/geometry';

interface ChartCanvasProps {
  readonly geometry: ChartGeometry;
  readonly theme: Theme;
}

/** The series itself: a band from minimum to maximum behind the line of averages. */
export const ChartCanvas = memo(function ChartCanvas({ geometry, theme }: ChartCanvasProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  const color = theme.palette.primary.main;

  useLayoutEffect(() => {
    const canvas = ref.current;
    if (!canvas) return;
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round(geometry.width * ratio);
    const height = Math.round(geometry.height * ratio);
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const context = canvas.getContext('2d');
    if (context) draw(context, geometry, color, ratio);
  }, [geometry, color]);

  return (
    <canvas
      ref={ref}
      aria-hidden="true"
      style={{
        position: 'absolute',
        inset: 0,
        width: geometry.width,
        height: geometry.height,
        pointerEvents: 'none',
      }}
    />
  );
});

function draw(
  context: CanvasRenderingContext2D,
  geometry: ChartGeometry,
  color: string,
  ratio: number,
): void {
  const { left, right, top, bottom } = geometry.plot;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, geometry.width, geometry.height);
  context.save();
  context.beginPath();
  context.rect(left, top - 2, right - left, bottom - top + 4);
  context.clip();
  context.fillStyle = color;
  context.strokeStyle = color;
  context.globalAlpha = 0.25;
  const band = new Path2D(geometry.band);
  context.fill(band);
  context.globalAlpha = 1;
  context.lineWidth = 1.4;
  context.lineJoin = 'round';
  context.stroke(new Path2D(geometry.line));
  for (const { x, y } of geometry.dots) {
    context.beginPath();
    context.arc(x, y, 2, 0, 2 * Math.PI);
    context.fill();
  }
  context.restore();
}
