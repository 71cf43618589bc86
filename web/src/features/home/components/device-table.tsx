import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Paper from '@mui/material/Paper';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import TableSortLabel from '@mui/material/TableSortLabel';
import Typography from '@mui/material/Typography';
import type { Theme } from '@mui/material/styles';
import useMediaQuery from '@mui/material/useMediaQuery';
import type { KeyboardEvent } from 'react';
import { Link as RouterLink, useNavigate } from 'react-router';
import { StatusBadge } from '../../../components/status-badge';
import { formatAge } from '../../../lib/format';
import { localTime, offsetLabel, zoneOf } from '../../../lib/time-zone';
import type { ListedDevice } from '../api/devices';
import { aliveAt, columns, statusOf, type Column, type ListState } from '../list-state';

interface DeviceTableProps {
  readonly devices: readonly ListedDevice[];
  readonly state: ListState;
  readonly now: number;
  readonly onSort: (column: Column) => void;
  readonly onResting: (resting: boolean) => void;
  /** The list's own address, to come back to from a device. */
  readonly from: string;
}

const titles: Record<Column, string> = {
  name: 'Name',
  description: 'Description',
  city: 'City',
  country: 'Country',
  latest: 'Latest activity',
  status: 'Status',
};

/** On a phone a row is the name with its place below it, the age and the status. */
const phoneColumns: readonly Column[] = ['name', 'latest', 'status'];

export function DeviceTable({ devices, state, now, onSort, onResting, from }: DeviceTableProps) {
  const phone = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'), { noSsr: true });
  return (
    <TableContainer
      component={Paper}
      onPointerEnter={() => onResting(true)}
      onPointerLeave={() => onResting(false)}
    >
      <Table aria-label="Devices" sx={{ '& td, & th': { px: { xs: 1, sm: 1.5 } } }}>
        <TableHead>
          <TableRow>
            {(phone ? phoneColumns : columns).map((column) => (
              <TableCell key={column} aria-sort={ariaSort(state, column)} sortDirection={false}>
                <TableSortLabel
                  active={state.sort === column}
                  direction={state.sort === column && state.descending ? 'desc' : 'asc'}
                  onClick={() => onSort(column)}
                >
                  {titles[column]}
                  {column === 'latest' && !phone ? ' (local time)' : null}
                </TableSortLabel>
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody onFocus={() => onResting(true)} onBlur={() => onResting(false)}>
          {devices.map((device) => (
            <DeviceRow
              key={device.deviceIdentifier}
              device={device}
              now={now}
              from={from}
              phone={phone}
            />
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

function ariaSort(state: ListState, column: Column): 'ascending' | 'descending' | 'none' {
  if (state.sort !== column) return 'none';
  return state.descending ? 'descending' : 'ascending';
}

interface DeviceRowProps {
  readonly phone: boolean;
  readonly device: ListedDevice;
  readonly now: number;
  readonly from: string;
}

function DeviceRow({ device, now, from, phone }: DeviceRowProps) {
  const navigate = useNavigate();
  const to = `/devices/${encodeURIComponent(device.deviceIdentifier)}`;
  const place = [device.city, device.country].filter(Boolean).join(', ');
  return (
    <TableRow
      hover
      onClick={() => void navigate(to, { state: { from } })}
      sx={{ cursor: 'pointer' }}
    >
      <TableCell sx={{ fontWeight: 650 }}>
        <Link
          component={RouterLink}
          to={to}
          state={{ from }}
          underline="hover"
          onClick={(event) => event.stopPropagation()}
          onKeyDown={moveFocus}
        >
          {device.deviceIdentifier}
        </Link>
        {phone ? (
          <Box sx={{ fontWeight: 400 }}>
            <Box sx={clamped}>{device.description}</Box>
            <Box sx={{ color: 'text.secondary' }}>{place}</Box>
          </Box>
        ) : null}
      </TableCell>
      {phone ? null : (
        <>
          <TableCell>
            <Box sx={clamped}>{device.description ?? '–'}</Box>
          </TableCell>
          <TableCell>{device.city ?? '–'}</TableCell>
          <TableCell>{device.country ?? '–'}</TableCell>
        </>
      )}
      <TableCell>
        <LatestActivity device={device} now={now} phone={phone} />
      </TableCell>
      <TableCell>
        <StatusBadge status={statusOf(device)} />
      </TableCell>
    </TableRow>
  );
}

const clamped = {
  display: '-webkit-box',
  WebkitLineClamp: 2,
  WebkitBoxOrient: 'vertical',
  overflow: 'hidden',
} as const;

function LatestActivity({ device, now, phone }: Omit<DeviceRowProps, 'from'>) {
  const alive = aliveAt(device);
  if (Number.isNaN(alive)) {
    return (
      <Typography variant="body2" color="textSecondary">
        No activity yet
      </Typography>
    );
  }
  const zone = zoneOf(device.timezone);
  return (
    <>
      {phone ? null : (
        <Box>
          {localTime(alive, zone)}{' '}
          <Box component="span" sx={{ color: 'text.secondary', whiteSpace: 'nowrap' }}>
            {zone.name} ({offsetLabel(alive, zone)})
          </Box>
        </Box>
      )}
      <Box sx={{ color: 'text.secondary' }}>{formatAge(now - alive)}</Box>
    </>
  );
}

/** Up and down lead through the rows. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const row = event.currentTarget.closest('tr');
  const other = event.key === 'ArrowDown' ? row?.nextElementSibling : row?.previousElementSibling;
  const link = other?.querySelector('a');
  if (!link) return;
  event.preventDefault();
  link.focus();
}
