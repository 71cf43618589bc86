// The built app and a made-up factory on one port, for work on the app alone and for screenshots.
// Never used by the product. PORT (default 8090), MOCK_MODE: data, empty, error, login.
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { answer, makeRoot, makeSchema, tenant } from '../src/testing/mock-api.ts';

const dist = new URL('../dist/', import.meta.url).pathname;
const sdl = readFileSync(new URL('../../src/analytics/schema.graphql', import.meta.url), 'utf8');
const schema = makeSchema(sdl);
const mode = process.env.MOCK_MODE ?? 'data';
const options = { now: Date.now, ...(mode === 'empty' ? { devices: [] } : {}) };
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self' ws: wss:; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

let loggedIn = mode !== 'login';

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text === '' ? {} : JSON.parse(text);
}

function json(response, status, body) {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

async function handle(request, response) {
  const path = new URL(request.url, 'http://localhost').pathname;
  if (path === '/graphql') {
    if (mode === 'error') return json(response, 503, { message: 'the store is not open yet' });
    return json(response, 200, await answer(schema, options, await bodyOf(request)));
  }
  if (path === '/api/v1/session') {
    if (!loggedIn) return json(response, 401, { status: 'error', message: 'nobody is logged in' });
    const demo = { tenant, user: null, roles: ['viewer'], read_only: true, demo: true };
    const admin = {
      tenant,
      user: 'admin',
      roles: ['administrator'],
      read_only: false,
      demo: false,
    };
    return json(response, 200, mode === 'login' ? admin : demo);
  }
  if (path === '/api/v1/login') {
    const { password } = await bodyOf(request);
    if (password !== 'secret')
      return json(response, 401, { status: 'error', message: 'user or password is wrong' });
    loggedIn = true;
    return json(response, 200, { status: 'success', csrf_token: 'token' });
  }
  if (path === '/api/v1/logout') {
    loggedIn = mode !== 'login';
    return json(response, 200, { status: 'success' });
  }
  const file = join(dist, normalize(path));
  const found = path !== '/' && existsSync(file) ? file : join(dist, 'index.html');
  response.writeHead(200, {
    'Content-Type': types[extname(found)] ?? 'application/octet-stream',
    'Content-Security-Policy': policy,
  });
  return createReadStream(found).pipe(response);
}

const server = createServer((request, response) => {
  handle(request, response).catch((error) => json(response, 400, { message: String(error) }));
});
useServer(
  { schema, roots: { subscription: makeRoot(options) } },
  new WebSocketServer({ server, path: '/graphql' }),
);
server.listen(Number(process.env.PORT ?? 8090), '127.0.0.1', () => {
  console.log(`mock server (${mode}): http://127.0.0.1:${server.address().port}`);
});
