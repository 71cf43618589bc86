import Box from '@mui/material/Box';
import type { DeviceStatus } from '../lib/graphql/generated/graphql';

interface Look {
  readonly word: string;
  readonly color: string;
  /** Outline of the shape in a 12 x 12 box; the shape tells what the colour tells. */
  readonly shape: string;
}

const looks: Record<DeviceStatus, Look> = {
  ONLINE: { word: 'Online', color: 'success.main', shape: 'M6 1a5 5 0 1 0 0 10a5 5 0 0 0 0-10Z' },
  OFFLINE: { word: 'Offline', color: 'text.secondary', shape: 'M2 2h8v8h-8ZM4 4v4h4v-4Z' },
  ERROR: { word: 'Error', color: 'error.main', shape: 'M6 0.5L11.8 11H0.2Z' },
  UNKNOWN: { word: 'Unknown', color: 'warning.main', shape: 'M6 0.5L11.5 6L6 11.5L0.5 6Z' },
};

export const statusOrder: readonly DeviceStatus[] = ['ERROR', 'OFFLINE', 'UNKNOWN', 'ONLINE'];

export function statusWord(status: DeviceStatus): string {
  return looks[status].word;
}

/** Status as shape and word; colour only repeats it. */
export function StatusBadge({ status }: { readonly status: DeviceStatus }) {
  const { word, color } = looks[status];
  return (
    <Box
      component="span"
      sx={{
        display: 'inline-flex',
        alignItems: 'center',
        gap: 0.75,
        color,
        whiteSpace: 'nowrap',
        fontWeight: 600,
      }}
    >
      <StatusShape status={status} />
      {word}
    </Box>
  );
}

export function StatusShape({ status }: { readonly status: DeviceStatus }) {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      <path d={looks[status].shape} fill="currentColor" fillRule="evenodd" />
    </svg>
  );
}
