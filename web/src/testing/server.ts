import { readFileSync } from 'node:fs';
import { vi } from 'vitest';
import type { MadeDevice } from './factory';
import { answer, makeSchema, tenant } from './mock-api';

const schema = makeSchema(readFileSync('../src/analytics/schema.graphql', 'utf8'));

export interface TestServer {
  /** Requests of the analytics API, in the order in which they came. */
  readonly asked: { query: string; variables: Record<string, unknown>; headers: Headers }[];
  /** REST calls as `METHOD path`, with their headers. */
  readonly called: { call: string; headers: Headers; body: string }[];
  /** Answers everything below /graphql from now on, instead of the made-up factory. */
  respond: ((body: { query: string }) => Response) | undefined;
  /** Answer of the session call. */
  session: () => Response;
}

export const demoSession = { tenant, user: null, roles: ['viewer'], read_only: true, demo: true };

export function jsonResponse(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json' },
  });
}

/** Puts a server in the place of `fetch` that answers from the made-up factory. */
export function serveFactory(options: { devices?: MadeDevice[] } = {}): TestServer {
  const server: TestServer = {
    asked: [],
    called: [],
    respond: undefined,
    session: () => jsonResponse(demoSession),
  };
  vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
    const path = new URL(input instanceof Request ? input.url : String(input), 'http://localhost')
      .pathname;
    const body = typeof init?.body === 'string' ? init.body : '';
    if (path !== '/graphql') {
      const call = `${init?.method ?? 'GET'} ${path}`;
      server.called.push({ call, headers: new Headers(init?.headers), body });
      if (path === '/api/v1/session') return server.session();
      return jsonResponse({ status: 'success', csrf_token: 'a-token' });
    }
    const request = JSON.parse(body) as { query: string; variables: Record<string, unknown> };
    server.asked.push({ ...request, headers: new Headers(init?.headers) });
    if (server.respond) return server.respond(request);
    return jsonResponse(await answer(schema, { now: Date.now, ...options }, request));
  });
  return server;
}
