import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { stringifyDocument } from '@urql/core';
import { createClient, type Client } from 'graphql-ws';
import { graphqlUrl } from './client';

export type LiveState = 'connecting' | 'live' | 'interrupted';

const firstWaitMs = 500;
const longestWaitMs = 8000;

let shared: Client | undefined;

function liveClient(): Client {
  shared ??= createClient({
    url: () => {
      const address = new URL(graphqlUrl, window.location.href);
      address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
      return address.href;
    },
    keepAlive: 20_000,
    retryAttempts: 0,
  });
  return shared;
}

export interface LiveSubscription<Data> {
  readonly onData: (data: Data) => void;
  readonly onState: (state: LiveState) => void;
}

/**
 * A subscription that comes back by itself, whatever ended it: a cut socket, a restarted server, or
 * close code 4429 for a reader that was too slow (which graphql-ws on its own takes as final).
 * Returns the function that ends it.
 */
export function subscribeLive<Data, Variables extends Record<string, unknown>>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { onData, onState }: LiveSubscription<Data>,
): () => void {
  let ended = false;
  let waitMs = firstWaitMs;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop: (() => void) | undefined;

  const again = () => {
    if (ended) return;
    onState('interrupted');
    timer = setTimeout(start, waitMs * (0.75 + Math.random() / 2));
    waitMs = Math.min(longestWaitMs, waitMs * 2);
  };
  const offConnected = liveClient().on('connected', () => {
    if (!ended) onState('live');
  });
  const start = () => {
    stop = liveClient().subscribe<Data>(
      { query: stringifyDocument(document), variables },
      {
        next: ({ data }) => {
          waitMs = firstWaitMs;
          onState('live');
          if (data) onData(data);
        },
        error: again,
        complete: again,
      },
    );
  };

  onState('connecting');
  start();
  return () => {
    ended = true;
    clearTimeout(timer);
    offConnected();
    stop?.();
  };
}
