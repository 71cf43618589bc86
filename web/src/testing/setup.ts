import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';
import { forgetAnswers } from '../lib/use-polled';

// A busy machine renders slowly; a test that waits in vain fails all the same.
configure({ asyncUtilTimeout: 10_000 });

// What jsdom lacks: every element is on the screen and 800 px wide, and nothing can be painted.
class AlwaysOnScreen implements Pick<IntersectionObserver, 'observe' | 'disconnect'> {
  private readonly callback: IntersectionObserverCallback;

  constructor(callback: IntersectionObserverCallback) {
    this.callback = callback;
  }

  observe(): void {
    const entry = { isIntersecting: true } as IntersectionObserverEntry;
    queueMicrotask(() => this.callback([entry], this as unknown as IntersectionObserver));
  }

  disconnect(): void {
    // Nothing is watched.
  }
}

class NeverResized {
  observe(): void {
    // The width is read once, when the element appears.
  }

  disconnect(): void {
    // Nothing is watched.
  }
}

globalThis.IntersectionObserver = AlwaysOnScreen as unknown as typeof IntersectionObserver;
globalThis.ResizeObserver = NeverResized as unknown as typeof ResizeObserver;
Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, value: 800 });
HTMLCanvasElement.prototype.getContext = () => null;
window.scrollTo = () => undefined;
window.matchMedia ??= (query: string) =>
  ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    addListener: () => undefined,
    removeListener: () => undefined,
  }) as unknown as MediaQueryList;

afterEach(() => {
  cleanup();
  forgetAnswers();
  sessionStorage.clear();
});
