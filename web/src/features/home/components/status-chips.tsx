import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import { StatusShape, statusOrder, statusWord } from '../../../components/status-badge';
import type { DeviceStatus } from '../../../lib/graphql/generated/graphql';

interface StatusChipsProps {
  readonly counts: ReadonlyMap<DeviceStatus, number>;
  readonly chosen: DeviceStatus | undefined;
  readonly onChoose: (status: DeviceStatus | undefined) => void;
}

/** How many devices are in each state; a click shows only those, another click all. */
export function StatusChips({ counts, chosen, onChoose }: StatusChipsProps) {
  const shown = statusOrder.filter((status) => counts.has(status) || status === chosen);
  return (
    <Box
      role="group"
      aria-label="Filter by status"
      sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}
    >
      {shown.map((status) => (
        <Chip
          key={status}
          clickable
          component="button"
          variant={status === chosen ? 'filled' : 'outlined'}
          color={status === chosen ? 'primary' : 'default'}
          aria-pressed={status === chosen}
          icon={
            <Box component="span" sx={{ display: 'flex', pl: 0.5 }}>
              <StatusShape status={status} />
            </Box>
          }
          label={`${statusWord(status)} ${counts.get(status) ?? 0}`}
          onClick={() => onChoose(status === chosen ? undefined : status)}
        />
      ))}
    </Box>
  );
}
