import { createContext, useContext, useSyncExternalStore } from 'react';

/** The crosshair that all charts of a page share: a time, or nothing. */
export class Cursor {
  private time: number | undefined;
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly get = (): number | undefined => this.time;

  set(time: number | undefined): void {
    if (time === this.time) return;
    this.time = time;
    for (const listener of this.listeners) listener();
  }
}

export const CursorContext = createContext(new Cursor());

export function useCursor(): { readonly cursor: Cursor; readonly time: number | undefined } {
  const cursor = useContext(CursorContext);
  const time = useSyncExternalStore(cursor.subscribe, cursor.get);
  return { cursor, time };
}
