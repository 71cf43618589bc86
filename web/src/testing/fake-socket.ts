import { vi } from 'vitest';

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A WebSocket whose server is the test: it acknowledges connections and pushes what it is told. */
export class FakeSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  static opened: FakeSocket[] = [];

  readonly url: string;
  readonly protocol: string;
  readyState = FakeSocket.CONNECTING;
  readonly subscriptions: { id: string; payload: unknown }[] = [];
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number; reason: string; wasClean: boolean }) => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(url: string, protocol: string) {
    this.url = url;
    this.protocol = protocol;
    FakeSocket.opened.push(this);
    queueMicrotask(() => {
      this.readyState = FakeSocket.OPEN;
      this.onopen?.();
    });
  }

  send(text: string): void {
    const message = JSON.parse(text) as Message;
    if (message.type === 'connection_init') this.deliver({ type: 'connection_ack' });
    if (message.type === 'subscribe' && message.id !== undefined) {
      this.subscriptions.push({ id: message.id, payload: message.payload });
    }
  }

  /** Sends a result to every subscription. */
  push(data: unknown): void {
    for (const { id } of this.subscriptions) {
      this.deliver({ type: 'next', id, payload: { data } });
    }
  }

  close(code = 1000, reason = ''): void {
    if (this.readyState === FakeSocket.CLOSED) return;
    this.readyState = FakeSocket.CLOSED;
    queueMicrotask(() => this.onclose?.({ code, reason, wasClean: true }));
  }

  private deliver(message: Message): void {
    queueMicrotask(() => this.onmessage?.({ data: JSON.stringify(message) }));
  }
}

/** Puts the fake in the place of WebSocket and forgets the sockets of the test before. */
export function installFakeSockets(): void {
  FakeSocket.opened = [];
  vi.stubGlobal('WebSocket', FakeSocket);
}
