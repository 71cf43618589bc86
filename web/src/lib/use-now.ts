import { useEffect, useState } from 'react';
import { serverNow } from './server-clock';

/** The server's time, renewed every `everyMs`; stands still while `paused`. */
export function useNow(everyMs: number, paused = false): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    if (paused) return;
    setNow(serverNow());
    const timer = setInterval(() => setNow(serverNow()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, paused]);
  return now;
}
