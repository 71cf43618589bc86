import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import Skeleton from '@mui/material/Skeleton';
import { useMemo, useState, type ReactNode } from 'react';
import { Link as RouterLink } from 'react-router';
import { Cursor, CursorContext } from '../../../components/cursor';
import { EmptyNotice, ErrorNotice, OutageContext } from '../../../components/notices';
import { isUnreachable } from '../../../lib/describe-error';
import type { DeviceId } from '../../../lib/ids';
import { useSession } from '../../../lib/session';
import { zoneOf, type Zone } from '../../../lib/time-zone';
import {
  useAnomalies,
  useDeviceFacts,
  useEvents,
  useMetrics,
  type DeviceFacts,
  type Machine,
} from '../api/queries';
import { useLive } from '../hooks/use-live';
import { useRange } from '../hooks/use-range';
import { zoomRange } from '../range';
import { sectionsOf } from '../sections';
import { AnomalyList } from './anomaly-list';
import { Breadcrumb, DeviceHeader } from './device-header';
import { EventList } from './event-list';
import { PathSection } from './path-section';
import { RangeBar } from './range-bar';

/** What another feature shows beside a path's charts; the app puts the two together. */
export interface PathPanels {
  readonly paths: readonly string[];
  readonly render: (path: string, zone: Zone) => ReactNode;
  /** Why the panels cannot be shown, where that is so. */
  readonly notice: ReactNode;
  /** Below everything else. */
  readonly renderBelow: (zone: Zone) => ReactNode;
}

interface DevicePageProps {
  readonly device: DeviceId;
  readonly panels: PathPanels;
}

export function DevicePage({ device, panels }: DevicePageProps) {
  const { tenant } = useSession();
  const machine = useMemo(() => ({ tenant, device }), [tenant, device]);
  const facts = useDeviceFacts(machine);

  if (facts.data === null) return <UnknownDevice device={device} />;
  return (
    <Box sx={{ display: 'grid', gap: 1.5, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      {facts.error === undefined ? null : (
        <ErrorNotice error={facts.error} lastSuccess={facts.receivedAt} onRetry={facts.refresh} />
      )}
      {facts.data ? (
        <OutageContext value={isUnreachable(facts.error)}>
          <KnownDevice machine={machine} facts={facts.data} panels={panels} />
        </OutageContext>
      ) : facts.error === undefined ? (
        <PageSkeleton />
      ) : (
        <Breadcrumb identifier={device} />
      )}
    </Box>
  );
}

interface KnownDeviceProps {
  readonly machine: Machine;
  readonly facts: DeviceFacts;
  readonly panels: PathPanels;
}

function KnownDevice({ machine, facts, panels }: KnownDeviceProps) {
  const zone = zoneOf(facts.timezone);
  const control = useRange();
  const metrics = useMetrics(machine);
  const anomalies = useAnomalies(machine, control.range);
  const events = useEvents(machine, control.range);
  const live = useLive(machine, metrics.refresh);
  const sections = useMemo(() => sectionsOf(metrics.data ?? []), [metrics.data]);
  const [cursor] = useState(() => new Cursor());
  const elsewhere = panels.paths.filter(
    (path) => !sections.some((section) => section.path === path),
  );

  return (
    <CursorContext value={cursor}>
      <DeviceHeader facts={facts} />
      <RangeBar control={control} zone={zone} live={live.state} />
      {panels.notice}
      {elsewhere.length > 0 && metrics.data ? (
        <Box
          sx={{
            display: 'grid',
            gap: 1.5,
            gridTemplateColumns: 'repeat(auto-fill, minmax(260px, 1fr))',
          }}
        >
          {elsewhere.map((path) => (
            <Paper key={path} sx={{ p: 1.5 }}>
              {panels.render(path, zone)}
            </Paper>
          ))}
        </Box>
      ) : null}
      {metrics.error === undefined ? null : (
        <ErrorNotice
          error={metrics.error}
          lastSuccess={metrics.receivedAt}
          onRetry={metrics.refresh}
        />
      )}
      {metrics.data === undefined && metrics.error === undefined ? <ChartsSkeleton /> : null}
      {metrics.data?.length === 0 ? (
        <Paper>
          <EmptyNotice title="No metrics yet">
            The device is registered but has sent no sample. Give its edge agent a sensor; charts
            appear here with the first sample.
          </EmptyNotice>
        </Paper>
      ) : null}
      {sections.map((section) => (
        <PathSection
          key={section.path}
          machine={machine}
          section={section}
          control={control}
          zone={zone}
          buffer={live.buffer}
          anomalies={anomalies.data ?? []}
          panel={panels.paths.includes(section.path) ? panels.render(section.path, zone) : null}
        />
      ))}
      <Box
        sx={{
          display: 'grid',
          gap: 1.5,
          gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' },
          alignItems: 'start',
        }}
      >
        <AnomalyList
          anomalies={anomalies}
          zone={zone}
          onShow={(start, end) => control.choose(zoomRange(start, end))}
        />
        <EventList events={events} zone={zone} />
      </Box>
      {panels.renderBelow(zone)}
    </CursorContext>
  );
}

/** The same page for a device that does not exist and for one of somebody else. */
function UnknownDevice({ device }: { readonly device: DeviceId }) {
  return (
    <Paper>
      <EmptyNotice
        isPage
        title={`There is no device ${device.slice(0, 64)}`}
        action={
          <Button variant="outlined" component={RouterLink} to="/">
            All devices
          </Button>
        }
      >
        It may have been removed, or the address has a typing error.
      </EmptyNotice>
    </Paper>
  );
}

function PageSkeleton() {
  return (
    <Box aria-busy="true" aria-label="Loading the device">
      <Skeleton width={120} />
      <Skeleton width="40%" height={36} />
      <Skeleton width="60%" />
      <ChartsSkeleton />
    </Box>
  );
}

function ChartsSkeleton() {
  return (
    <Box
      aria-busy="true"
      aria-label="Loading charts"
      sx={{ display: 'grid', gap: 1.5, gridTemplateColumns: { xs: '1fr', md: '1fr 1fr' }, mt: 2 }}
    >
      {[0, 1, 2, 3].map((card) => (
        <Skeleton key={card} variant="rounded" height={240} />
      ))}
    </Box>
  );
}
