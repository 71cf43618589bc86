import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import { EmptyNotice, ErrorNotice } from '../../../components/notices';
import { localTime, type Zone } from '../../../lib/time-zone';
import type { Polled } from '../../../lib/use-polled';
import type { DeviceEvent } from '../api/queries';
import { eventKind } from '../words';

interface EventListProps {
  readonly events: Polled<readonly DeviceEvent[]>;
  readonly zone: Zone;
}

/** What happened to the device, newest first. */
export function EventList({ events: { data, error, receivedAt, refresh }, zone }: EventListProps) {
  return (
    <Paper component="section" aria-label="Events" sx={{ p: 1.5, minWidth: 0 }}>
      <Typography variant="h2">Events in this range</Typography>
      {error === undefined ? null : (
        <ErrorNotice error={error} lastSuccess={receivedAt} onRetry={refresh} />
      )}
      {data === undefined && error === undefined ? <Skeleton height={80} /> : null}
      {data?.length === 0 ? (
        <EmptyNotice title="None">
          Status changes, gaps and registrations appear here. A longer range may show some.
        </EmptyNotice>
      ) : null}
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {data?.map((event) => (
          <Box
            component="li"
            key={event.id}
            sx={{
              py: 0.5,
              borderBottom: 1,
              borderColor: 'divider',
              '&:last-child': { borderBottom: 0 },
            }}
          >
            <Typography variant="body2">
              <strong>{eventKind(event.kind)}</strong> · {event.message}
            </Typography>
            <Typography variant="body2" color="textSecondary">
              {localTime(Date.parse(event.timestamp), zone)}
            </Typography>
          </Box>
        ))}
      </Box>
    </Paper>
  );
}
