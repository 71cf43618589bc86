import type { ChartGeometry } from './geometry';

/** The chart as a stand-alone SVG text: what tests compare and what an export would contain. */
export function chartSvg(geometry: ChartGeometry, title: string): string {
  const { width, height, plot } = geometry;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...geometry.gaps.map((gap) => rectangle(gap.x, gap.width, plot, '#e4e8ec')),
    ...geometry.spans.map(({ x, width: w }) => rectangle(x, w, plot, '#f6c99f')),
    ...geometry.yTicks.flatMap(({ y, label }) => [
      `<path d="M${plot.left},${y}H${plot.right}" stroke="#d5dbe1"/>`,
      `<text x="${plot.left - 6}" y="${y + 4}" text-anchor="end">${escaped(label)}</text>`,
    ]),
    ...geometry.xTicks.map(
      ({ x, label }) =>
        `<text x="${x}" y="${plot.bottom + 15}" text-anchor="middle">${escaped(label)}</text>`,
    ),
    `<path d="${geometry.band}" fill="#0b6aa2" fill-opacity="0.2"/>`,
    `<path d="${geometry.line}" fill="none" stroke="#0b6aa2" stroke-width="1.5"/>`,
    ...geometry.dots.map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="2" fill="#0b6aa2"/>`),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

function rectangle(x: number, width: number, plot: ChartGeometry['plot'], fill: string): string {
  return `<rect x="${x}" y="${plot.top}" width="${width}" height="${plot.bottom - plot.top}" fill="${fill}"/>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
