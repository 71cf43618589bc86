import Box from '@mui/material/Box';
import { useParams } from 'react-router';
import { ErrorNotice } from '../../components/notices';
import { DevicePage, type PathPanels } from '../../features/device/components/device-page';
import { usePredictions, type Prediction } from '../../features/predictions/api/predictions';
import { LimitsCard } from '../../features/predictions/components/limits-card';
import { PredictionPanel } from '../../features/predictions/components/prediction-panel';
import { deviceId } from '../../lib/ids';
import { useSession } from '../../lib/session';
import type { Zone } from '../../lib/time-zone';
import { useNow } from '../../lib/use-now';
import { useTitle } from '../use-title';

/** The device's charts with the predictions beside them. */
export function DeviceRoute() {
  const { tenant } = useSession();
  const identifier = deviceId(useParams()['device'] ?? '');
  const { data, error, receivedAt, refresh } = usePredictions(tenant, identifier);
  useTitle(identifier);

  const predictions = data ?? [];
  const panels: PathPanels = {
    paths: [...new Set(predictions.map(({ path }) => path))],
    render: (path, zone) => (
      <Panels predictions={predictions.filter((one) => one.path === path)} zone={zone} />
    ),
    notice:
      error === undefined || data === undefined ? null : (
        <ErrorNotice error={error} lastSuccess={receivedAt} onRetry={refresh} />
      ),
    renderBelow: (zone) => <LimitsCard tenant={tenant} device={identifier} zone={zone} />,
  };
  return <DevicePage key={identifier} device={identifier} panels={panels} />;
}

interface PanelsProps {
  readonly predictions: readonly Prediction[];
  readonly zone: Zone;
}

function Panels({ predictions, zone }: PanelsProps) {
  const now = useNow(1000);
  return (
    <Box sx={{ display: 'grid', gap: 2 }}>
      {predictions.map((prediction) => (
        <PredictionPanel
          key={`${prediction.model}/${prediction.version}/${prediction.kind}`}
          prediction={prediction}
          zone={zone}
          now={now}
        />
      ))}
    </Box>
  );
}
