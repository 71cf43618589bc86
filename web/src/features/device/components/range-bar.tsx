import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Typography from '@mui/material/Typography';
import type { LiveState } from '../../../lib/graphql/live';
import { localTime, type Zone } from '../../../lib/time-zone';
import type { RangeControl } from '../hooks/use-range';
import { lastRange, rangeNames, ranges, readRange, type RangeName } from '../range';

interface RangeBarProps {
  readonly control: RangeControl;
  readonly zone: Zone;
  readonly live: LiveState;
}

/** Range of all charts, how the picture stays up to date, and the way back from a zoom. */
export function RangeBar({ control: { range, choose, back }, zone, live }: RangeBarProps) {
  const fixed = range.kind === 'fixed';
  return (
    <Box
      sx={{
        display: 'flex',
        flexWrap: 'wrap',
        alignItems: 'center',
        gap: 1.5,
        rowGap: 1,
        position: { md: 'sticky' },
        top: 0,
        zIndex: 5,
        py: 0.75,
        bgcolor: 'background.default',
      }}
    >
      <ToggleButtonGroup
        exclusive
        size="small"
        color="primary"
        aria-label="Time range"
        value={fixed ? null : range.name}
        onChange={(_, name: RangeName | null) => {
          if (name) choose(lastRange(name));
        }}
        sx={{
          bgcolor: 'background.paper',
          '& .MuiToggleButton-root': { px: { xs: 1, sm: 1.5 }, py: 0.4 },
        }}
      >
        {rangeNames.map((name) => (
          <ToggleButton key={name} value={name} aria-label={`Last ${ranges[name].label}`}>
            {ranges[name].label}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      {fixed ? (
        <>
          <Typography variant="body2">
            {localTime(range.start, zone)} to {localTime(range.end, zone)}
          </Typography>
          <Button size="small" variant="outlined" onClick={back}>
            Back one zoom (Z)
          </Button>
          <Button
            size="small"
            variant="contained"
            onClick={() => choose(readRange(new URLSearchParams()))}
          >
            Now
          </Button>
        </>
      ) : (
        <LiveBadge state={live} />
      )}
      <Typography variant="body2" color="textSecondary" sx={{ ml: { md: 'auto' } }}>
        Times in {zone.name} · drag in a chart to zoom
      </Typography>
    </Box>
  );
}

const liveWords: Record<LiveState, string> = {
  connecting: 'Connecting …',
  live: 'Live',
  interrupted: 'Live connection lost, trying again',
};

function LiveBadge({ state }: { readonly state: LiveState }) {
  return (
    <Box
      role="status"
      sx={{
        display: 'inline-flex',
        alignItems: 'center',
        gap: 0.75,
        fontSize: '0.85rem',
        fontWeight: 600,
        color:
          state === 'live'
            ? 'success.main'
            : state === 'interrupted'
              ? 'warning.main'
              : 'text.secondary',
      }}
    >
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        {state === 'live' ? (
          <circle cx="6" cy="6" r="5" fill="currentColor" />
        ) : (
          <circle
            cx="6"
            cy="6"
            r="4.5"
            fill="none"
            stroke="currentColor"
            strokeWidth="2"
            strokeDasharray="3 2"
          />
        )}
      </svg>
      {liveWords[state]}
    </Box>
  );
}
