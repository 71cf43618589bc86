import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useLocation, useSearchParams } from 'react-router';
import { readRange, writeRange, type Range } from '../range';

export interface RangeControl {
  readonly range: Range;
  readonly choose: (range: Range) => void;
  /** One step back through the zooms, to the usual range when there is none. */
  readonly back: () => void;
}

/** The page's range, kept in the URL. `Z` anywhere on the page goes one zoom back. */
export function useRange(): RangeControl {
  const [parameters, setParameters] = useSearchParams();
  // Where the reader came from, to lead back there; a new range must not forget it.
  const { state } = useLocation() as { state: unknown };
  const text = parameters.toString();
  const range = useMemo(() => readRange(new URLSearchParams(text)), [text]);
  const before = useRef<Range[]>([]);

  const show = useCallback(
    (next: Range) =>
      setParameters(writeRange(next), { replace: true, preventScrollReset: true, state }),
    [setParameters, state],
  );
  const choose = useCallback(
    (next: Range) => {
      before.current = next.kind === 'fixed' ? [...before.current, range].slice(-50) : [];
      show(next);
    },
    [range, show],
  );
  const back = useCallback(() => {
    const previous = before.current.pop();
    if (previous) show(previous);
    else if (range.kind === 'fixed') show(readRange(new URLSearchParams()));
  }, [range, show]);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement | null;
      if (target?.closest('input, textarea, [contenteditable="true"]')) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'z' || event.key === 'Z') back();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [back]);

  return { range, choose, back };
}
