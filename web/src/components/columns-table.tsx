import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import type { Columns } from '../charts/columns';
import { formatNumber, unitSign } from '../lib/format';

interface ColumnsTableProps {
  readonly columns: Columns;
  readonly t0: number;
  readonly t1: number;
  readonly unit: string;
  readonly label: string;
  readonly height: number;
  readonly formatTime: (time: number) => string;
}

const mostRows = 200;

/** The chart's points as a table, newest first: the same content without a picture. */
export function ColumnsTable(props: ColumnsTableProps) {
  const { columns, t0, t1, unit, label, height, formatTime } = props;
  const rows: number[] = [];
  for (let i = columns.t.length - 1; i >= 0 && rows.length < mostRows; i -= 1) {
    if (columns.t[i]! >= t0 && columns.t[i]! <= t1) rows.push(i);
  }
  const sign = unitSign(unit);
  const heading = sign === '' ? 'Average' : `Average (${sign})`;
  return (
    <TableContainer
      sx={{ maxHeight: height }}
      tabIndex={0}
      role="region"
      aria-label={`${label}, table`}
    >
      <Table size="small" stickyHeader>
        <caption>
          {rows.length === mostRows
            ? `The newest ${mostRows} points of the range.`
            : 'All points of the range.'}
        </caption>
        <TableHead>
          <TableRow>
            <TableCell>Local time</TableCell>
            <TableCell align="right">{heading}</TableCell>
            <TableCell align="right">Min</TableCell>
            <TableCell align="right">Max</TableCell>
            <TableCell align="right">Samples</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((i) => (
            <TableRow key={`${columns.t[i]}-${i}`}>
              <TableCell>{formatTime(columns.t[i]!)}</TableCell>
              <TableCell align="right">{formatNumber(columns.avg[i]!)}</TableCell>
              <TableCell align="right">{formatNumber(columns.min[i]!)}</TableCell>
              <TableCell align="right">{formatNumber(columns.max[i]!)}</TableCell>
              <TableCell align="right">{columns.count[i]}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
