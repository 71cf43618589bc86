import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import { useState, type ReactNode } from 'react';

interface ChartCardProps {
  readonly title: string;
  /** Metric identifier, where the title does not say it already. */
  readonly identifier: string;
  readonly value: string;
  readonly valueNote: string;
  readonly stale: boolean;
  readonly legend: ReactNode;
  readonly chart: ReactNode;
  readonly renderTable: () => ReactNode;
  readonly note?: ReactNode;
}

/** Frame of one metric: name, present value, chart or table, legend. */
export function ChartCard(props: ChartCardProps) {
  const { title, identifier, value, valueNote, stale, legend, chart, renderTable, note } = props;
  const [asTable, setAsTable] = useState(false);
  return (
    <Paper component="article" aria-label={title} sx={{ p: 1, pb: 0.5, minWidth: 0 }}>
      <Box sx={{ display: 'flex', alignItems: 'baseline', gap: 1, px: 0.5 }}>
        <Box sx={{ flexGrow: 1, minWidth: 0 }}>
          <Typography variant="h3" noWrap title={title}>
            {title}
          </Typography>
          {identifier === title ? null : (
            <Typography
              variant="caption"
              color="textSecondary"
              noWrap
              component="div"
              title={identifier}
            >
              {identifier}
            </Typography>
          )}
        </Box>
        <Box
          sx={{
            textAlign: 'right',
            flexShrink: 0,
            color: stale ? 'text.secondary' : 'text.primary',
          }}
        >
          <Box className="value" sx={{ fontSize: '1.15rem', fontWeight: 650, lineHeight: 1.25 }}>
            {value}
          </Box>
          <Typography variant="caption" color="textSecondary" component="div">
            {valueNote}
          </Typography>
        </Box>
      </Box>
      {asTable ? renderTable() : chart}
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, px: 0.5, minHeight: 28 }}>
        <Box sx={{ flexGrow: 1, minWidth: 0 }}>{legend}</Box>
        <Button
          size="small"
          color="inherit"
          aria-pressed={asTable}
          aria-label={asTable ? `${title}: show chart` : `${title}: show table`}
          onClick={() => setAsTable(!asTable)}
          sx={{ minWidth: 0, py: 0, flexShrink: 0, color: 'text.secondary' }}
        >
          {asTable ? 'Chart' : 'Table'}
        </Button>
      </Box>
      {note}
    </Paper>
  );
}
