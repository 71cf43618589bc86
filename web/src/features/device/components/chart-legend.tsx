import Box from '@mui/material/Box';
import type { ReactNode } from 'react';

interface ChartLegendProps {
  readonly line: string;
  readonly band: boolean;
  readonly anomaly: boolean;
  readonly gap: boolean;
  /** What one pixel stands for. */
  readonly resolution: string;
}

/** What is drawn in this chart, and only that. */
export function ChartLegend({ line, band, anomaly, gap, resolution }: ChartLegendProps) {
  return (
    <Box
      component="ul"
      aria-label="Legend"
      sx={{
        display: 'flex',
        flexWrap: 'wrap',
        columnGap: 1.5,
        listStyle: 'none',
        m: 0,
        p: 0,
        fontSize: '0.75rem',
        color: 'text.secondary',
      }}
    >
      <Entry
        swatch={<Box component="span" sx={{ width: 14, height: 2, bgcolor: 'primary.main' }} />}
      >
        {line}
      </Entry>
      {band ? (
        <Entry swatch={<Swatch color="primary.main" opacity={0.3} />}>min to max</Entry>
      ) : null}
      {anomaly ? (
        <Entry
          swatch={
            <Box
              component="span"
              sx={{ width: 14, height: 10, borderTop: '3px solid', borderColor: 'warning.main' }}
            />
          }
        >
          anomaly
        </Entry>
      ) : null}
      {gap ? <Entry swatch={<Swatch color="textSecondary" opacity={0.25} />}>no data</Entry> : null}
      {resolution === '' ? null : <li>{resolution}</li>}
    </Box>
  );
}

function Entry({ swatch, children }: { readonly swatch: ReactNode; readonly children: ReactNode }) {
  return (
    <Box component="li" sx={{ display: 'inline-flex', alignItems: 'center', gap: 0.5 }}>
      {swatch}
      {children}
    </Box>
  );
}

function Swatch({ color, opacity }: { readonly color: string; readonly opacity: number }) {
  return <Box component="span" sx={{ width: 14, height: 10, bgcolor: color, opacity }} />;
}
