import { useEffect, useEffectEvent, useState, useSyncExternalStore } from 'react';
import type { RawSamples } from '../../../charts/columns';
import { graphql } from '../../../lib/graphql/generated';
import { subscribeLive, type LiveState } from '../../../lib/graphql/live';
import type { Machine } from '../api/queries';
import { LiveBuffer } from '../live-buffer';

const SamplesDocument = graphql(`
  subscription Samples($tenantIdentifier: String!, $deviceIdentifier: String!) {
    samples(tenantIdentifier: $tenantIdentifier, deviceIdentifier: $deviceIdentifier) {
      series {
        metricIdentifier
        path
        metricType
        t
        value
      }
    }
  }
`);

export interface Live {
  readonly buffer: LiveBuffer;
  readonly state: LiveState;
}

/** Bursts are read by a query; several messages of one burst lead to one question. */
const burstSettlesMs = 300;

/** The page's one subscription. `onBurst` is called when a new block of a waveform has arrived. */
export function useLive({ tenant, device }: Machine, onBurst: () => void): Live {
  const [buffer, setBuffer] = useState(() => new LiveBuffer());
  const [state, setState] = useState<LiveState>('connecting');
  const onBurstNow = useEffectEvent(onBurst);

  useEffect(() => {
    const fresh = new LiveBuffer();
    setBuffer(fresh);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = subscribeLive(
      SamplesDocument,
      { tenantIdentifier: tenant, deviceIdentifier: device },
      {
        onState: setState,
        onData: ({ samples: { series } }) => {
          fresh.add(series.filter(({ metricType }) => metricType !== 'WAVEFORM'));
          if (series.every(({ metricType }) => metricType !== 'WAVEFORM')) return;
          clearTimeout(timer);
          timer = setTimeout(() => onBurstNow(), burstSettlesMs);
        },
      },
    );
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [tenant, device]);

  return { buffer, state };
}

/** The live samples of one metric; renders again when there are new ones. */
export function useLiveSamples(buffer: LiveBuffer, path: string, metric: string): RawSamples {
  return useSyncExternalStore(buffer.subscribe, () => buffer.get(path, metric));
}
