import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { EmptyNotice, ErrorNotice } from '../../../components/notices';
import { useSession } from '../../../lib/session';
import { useNow } from '../../../lib/use-now';
import { useDevices, type ListedDevice } from '../api/devices';
import { useRestingOrder } from '../hooks/use-resting-order';
import {
  countByStatus,
  readListState,
  searchDevices,
  sortDevices,
  statusOf,
  writeListState,
  type Column,
  type ListState,
} from '../list-state';
import { DeviceTable } from './device-table';
import { SearchBox } from './search-box';
import { StatusChips } from './status-chips';

export function HomePage() {
  const { tenant } = useSession();
  const { data, error, receivedAt, refresh } = useDevices(tenant);
  const [parameters, setParameters] = useSearchParams();
  const state = readListState(parameters);
  const change = (part: Partial<ListState>) =>
    setParameters(writeListState({ ...state, ...part }), { replace: true });

  return (
    <Box sx={{ display: 'grid', gap: 1.5 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: 1.5 }}>
        <Typography variant="h1" sx={{ flexGrow: 1 }}>
          Devices
        </Typography>
        {data ? (
          <StatusChips
            counts={countByStatus(data)}
            chosen={state.status}
            onChoose={(status) => change({ status })}
          />
        ) : null}
        <SearchBox value={state.search} onChange={(search) => change({ search })} />
      </Box>
      {error === undefined ? null : (
        <ErrorNotice error={error} lastSuccess={receivedAt} onRetry={refresh} />
      )}
      {data ? (
        <Listing devices={data} state={state} change={change} query={parameters.toString()} />
      ) : error === undefined ? (
        <TableSkeleton />
      ) : null}
    </Box>
  );
}

interface ListingProps {
  readonly devices: readonly ListedDevice[];
  readonly state: ListState;
  readonly change: (part: Partial<ListState>) => void;
  readonly query: string;
}

function Listing({ devices, state, change, query }: ListingProps) {
  const now = useNow(1000);
  const [resting, setResting] = useState(false);
  const found = searchDevices(devices, state.search).filter(
    (device) => state.status === undefined || statusOf(device) === state.status,
  );
  const sorted = sortDevices(found, state.sort, state.descending);
  const rows = useRestingOrder(sorted, resting, `${state.sort}/${state.descending}`);
  const onSort = (column: Column) =>
    change({ sort: column, descending: state.sort === column && !state.descending });

  if (devices.length === 0) {
    return (
      <Paper>
        <EmptyNotice title="No devices yet">
          Register one: make a claim with <code>POST /api/v1/tenants/…/claims</code> and start{' '}
          <code>millwright-edge</code> with it. It appears here with its first status. All calls can
          be tried at <a href="/api/docs">/api/docs</a>.
        </EmptyNotice>
      </Paper>
    );
  }
  if (rows.length === 0) {
    return (
      <Paper>
        <EmptyNotice
          title="No device matches"
          action={
            <Button variant="outlined" onClick={() => change({ search: '', status: undefined })}>
              Show all {devices.length} devices
            </Button>
          }
        >
          {state.search === ''
            ? 'No device is in this state now.'
            : `Nothing found for “${state.search}”.`}
        </EmptyNotice>
      </Paper>
    );
  }
  return (
    <>
      <DeviceTable
        devices={rows}
        state={state}
        now={now}
        onSort={onSort}
        onResting={setResting}
        from={query === '' ? '/' : `/?${query}`}
      />
      <Typography variant="body2" color="textSecondary" role="status">
        {rows.length === devices.length
          ? `${devices.length} ${devices.length === 1 ? 'device' : 'devices'}`
          : `${rows.length} of ${devices.length} devices`}
      </Typography>
    </>
  );
}

function TableSkeleton() {
  return (
    <Paper sx={{ p: 1.5 }} aria-busy="true" aria-label="Loading devices">
      {[0, 1, 2, 3, 4].map((row) => (
        <Skeleton key={row} height={38} />
      ))}
    </Paper>
  );
}
