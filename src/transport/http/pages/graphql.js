// A small page to try the analytics API: queries by HTTP, subscriptions by WebSocket.
const byId = (id) => document.getElementById(id);
const result = byId('result');
let socket;

byId('query').value = `query Devices($tenantIdentifier: String!) {
  devices(body: { tenantIdentifier: $tenantIdentifier }) {
    deviceIdentifier
    description
    timezone
    status
    latestAliveLocal
  }
}
`;
byId('variables').value = JSON.stringify({ tenantIdentifier: '100000' }, null, 2);

function shown(value) {
  return JSON.stringify(value, null, 2);
}

async function query(request) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json' },
    body: JSON.stringify(request),
  });
  return response.json();
}

function subscribe(request) {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  socket = new WebSocket(`${scheme}://${location.host}/graphql`, 'graphql-transport-ws');
  byId('stop').hidden = false;
  socket.addEventListener('open', () => socket.send(shown({ type: 'connection_init' })));
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'connection_ack') {
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: request }));
      result.textContent = 'Waiting for the first message…';
    } else if (message.type === 'ping') {
      socket.send(JSON.stringify({ type: 'pong' }));
    } else if (message.type === 'complete') {
      stop();
    } else {
      result.textContent = shown(message.payload);
    }
  });
  socket.addEventListener('close', ({ code, reason }) => {
    byId('stop').hidden = true;
    if (code !== 1000) result.textContent += `\n\nClosed: ${code} ${reason}`;
  });
}

function stop() {
  socket?.close(1000);
  socket = undefined;
}

async function run() {
  stop();
  try {
    const text = byId('variables').value.trim();
    const request = { query: byId('query').value, variables: text ? JSON.parse(text) : {} };
    if (/^\s*subscription\b/m.test(request.query)) return subscribe(request);
    result.textContent = '…';
    result.textContent = shown(await query(request));
  } catch (error) {
    result.textContent = `It did not go through: ${error.message}`;
  }
}

function typeName(type) {
  if (type.kind === 'NON_NULL') return `${typeName(type.ofType)}!`;
  if (type.kind === 'LIST') return `[${typeName(type.ofType)}]`;
  return type.name;
}

async function showFields() {
  const type = 'type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }';
  const fields = `fields { name description args { name ${type} } ${type} }`;
  const answer = await query({ query: `{ __schema { queryType { ${fields} } subscriptionType { ${fields} } } }` });
  const lines = [];
  for (const [kind, root] of Object.entries(answer.data?.__schema ?? {})) {
    for (const field of root?.fields ?? []) {
      const item = document.createElement('p');
      const code = document.createElement('code');
      const args = field.args.map((arg) => `${arg.name}: ${typeName(arg.type)}`).join(', ');
      code.textContent = `${kind === 'queryType' ? 'query' : 'subscription'} ${field.name}(${args}): ${typeName(field.type)}`;
      item.append(code, document.createElement('br'), field.description ?? '');
      lines.push(item);
    }
  }
  if (lines.length === 0) lines.push(document.createTextNode('Log in to see the fields.'));
  byId('schema').replaceChildren(...lines);
}

byId('run').addEventListener('click', run);
byId('stop').addEventListener('click', stop);
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void run();
});
await showFields();
