import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import { Link as RouterLink, useLocation } from 'react-router';
import { StatusBadge } from '../../../components/status-badge';
import { formatAge } from '../../../lib/format';
import { localTime, offsetLabel, zoneOf } from '../../../lib/time-zone';
import { useNow } from '../../../lib/use-now';
import type { DeviceFacts } from '../api/queries';

/** The list this page was opened from, with its search and order. */
function useListAddress(): string {
  const state: unknown = useLocation().state;
  const from =
    typeof state === 'object' && state !== null && 'from' in state ? state.from : undefined;
  // Only addresses of the list itself, whatever the history holds.
  return typeof from === 'string' && /^\/(\?.*)?$/.test(from) ? from : '/';
}

export function Breadcrumb({ identifier }: { readonly identifier: string }) {
  const list = useListAddress();
  return (
    <Box
      component="nav"
      aria-label="Breadcrumb"
      sx={{ fontSize: '0.85rem', color: 'text.secondary' }}
    >
      <Link component={RouterLink} to={list}>
        Devices
      </Link>
      {' › '}
      {identifier}
    </Box>
  );
}

export function DeviceHeader({ facts }: { readonly facts: DeviceFacts }) {
  const now = useNow(1000);
  const zone = zoneOf(facts.timezone);
  const alive = facts.latestAlive ? Date.parse(facts.latestAlive) : Number.NaN;
  const place = [facts.city, facts.country].filter(Boolean).join(', ');
  return (
    <Box component="header">
      <Breadcrumb identifier={facts.deviceIdentifier} />
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'baseline', columnGap: 2 }}>
        <Typography variant="h1">
          {facts.deviceIdentifier}
          {facts.description ? (
            <Box component="span" sx={{ fontWeight: 400 }}>
              {' '}
              {facts.description.slice(0, 200)}
            </Box>
          ) : null}
        </Typography>
        <StatusBadge status={facts.status ?? 'UNKNOWN'} />
      </Box>
      <Box
        component="dl"
        sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 3, rowGap: 0.25, m: 0, mt: 0.5 }}
      >
        {place === '' ? null : <Fact name="Place">{place}</Fact>}
        <Fact name="Local time there">
          {localTime(now, zone).slice(0, 16)} · {zone.name} ({offsetLabel(now, zone)})
        </Fact>
        <Fact name="Latest activity">
          {Number.isNaN(alive)
            ? 'none yet'
            : `${localTime(alive, zone)} (${formatAge(now - alive)})`}
        </Fact>
      </Box>
    </Box>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <Box sx={{ display: 'flex', gap: 0.75, fontSize: '0.85rem' }}>
      <Box component="dt" sx={{ color: 'text.secondary' }}>
        {name}
      </Box>
      <Box component="dd" sx={{ m: 0 }}>
        {children}
      </Box>
    </Box>
  );
}
