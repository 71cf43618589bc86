import { useCallback, useEffect, useEffectEvent, useRef, useState } from 'react';
import { statusOf } from './describe-error';
import { reportSignedOut } from './session';

export interface Polled<Data> {
  /** The newest answer; the previous one stays while the next is on its way or fails. */
  readonly data: Data | undefined;
  /** Why the newest try failed. */
  readonly error: unknown;
  /** When `data` was received, milliseconds since the epoch in the browser's time. */
  readonly receivedAt: number | undefined;
  /** True when `data` answers another key than the present one. */
  readonly stale: boolean;
  readonly refresh: () => void;
}

interface Kept {
  readonly key: string;
  readonly data: unknown;
  readonly receivedAt: number;
}

const lastAnswers = new Map<string, Kept>();
const mostKept = 100;

/** Forgets what was read, so that nobody sees the data of the user before. */
export function forgetAnswers(): void {
  lastAnswers.clear();
}

/**
 * Reads now and then every `everyMs`, one request at a time. `key` says what is read: when it changes,
 * the old answer stays (marked stale) until the new one is there. Rests while the page is hidden.
 * An empty key reads nothing.
 */
export function usePolled<Data>(
  key: string,
  read: () => Promise<Data>,
  everyMs: number,
): Polled<Data> {
  const [kept, setKept] = useState<Kept | undefined>(() => lastAnswers.get(key));
  const [error, setError] = useState<unknown>(undefined);
  const readNow = useEffectEvent(read);
  const refreshRef = useRef<() => void>(() => undefined);

  useEffect(() => {
    if (key === '') return;
    let ended = false;
    let running = false;
    let wanted = false;
    let timer: ReturnType<typeof setTimeout> | undefined;

    const run = async () => {
      clearTimeout(timer);
      if (running) {
        wanted = true;
        return;
      }
      running = true;
      try {
        const data = await readNow();
        if (ended) return;
        const answer = { key, data, receivedAt: Date.now() };
        keep(answer);
        setKept(answer);
        setError(undefined);
      } catch (problem) {
        if (ended) return;
        if (statusOf(problem) === 401) reportSignedOut();
        setError(problem);
      } finally {
        running = false;
        if (!ended) timer = setTimeout(tick, wanted ? 0 : everyMs);
        wanted = false;
      }
    };
    const tick = () => {
      if (document.hidden) timer = setTimeout(tick, everyMs);
      else void run();
    };
    const onVisible = () => {
      if (!document.hidden) void run();
    };

    refreshRef.current = () => void run();
    document.addEventListener('visibilitychange', onVisible);
    void run();
    return () => {
      ended = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [key, everyMs]);

  const refresh = useCallback(() => refreshRef.current(), []);
  return {
    data: kept?.data as Data | undefined,
    error,
    receivedAt: kept?.receivedAt,
    stale: kept !== undefined && kept.key !== key,
    refresh,
  };
}

function keep(answer: Kept): void {
  lastAnswers.delete(answer.key);
  lastAnswers.set(answer.key, answer);
  const oldest = lastAnswers.keys().next().value;
  if (lastAnswers.size > mostKept && oldest !== undefined) lastAnswers.delete(oldest);
}
