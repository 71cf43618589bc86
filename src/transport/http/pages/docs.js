// Shows the description's calls and sends them. Builds the page from text nodes only.
const methods = ['get', 'post', 'put', 'patch', 'delete'];

function element(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

function resolve(description, node) {
  if (!node?.$ref) return node;
  return node.$ref.slice(2).split('/').reduce((at, key) => at[key], description);
}

async function csrfToken() {
  const answer = await fetch('/api/v1/session');
  return answer.ok ? ((await answer.json()).csrf_token ?? '') : '';
}

async function send(method, path, parameters, inputs, body) {
  let url = path;
  const query = new URLSearchParams();
  for (const parameter of parameters) {
    const value = inputs.get(parameter.name).value;
    if (parameter.in === 'path') url = url.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else if (value !== '') query.set(parameter.name, value);
  }
  if (query.size > 0) url += `?${query}`;
  const headers = {};
  if (body !== undefined && body !== '') headers['Content-Type'] = 'application/json';
  if (method !== 'get') headers['X-CSRF-Token'] = await csrfToken();
  const response = await fetch(url, { method: method.toUpperCase(), headers, body: body || undefined });
  const text = await response.text();
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // no JSON: the text itself
  }
  return `${response.status} ${response.statusText}\n\n${shown}`;
}

function callView(description, method, path, shared, operation) {
  const parameters = [...shared, ...(operation.parameters ?? [])].map((p) => resolve(description, p));
  const inputs = new Map();
  const form = element('div');
  if (operation.description) form.append(element('p', { textContent: operation.description }));
  for (const parameter of parameters) {
    const input = element('input', { value: parameter.example ?? '' });
    inputs.set(parameter.name, input);
    form.append(element('label', {}, `${parameter.name} (${parameter.in})`, input));
  }
  const content = operation.requestBody?.content?.['application/json'];
  let area;
  if (content) {
    area = element('textarea', { value: JSON.stringify(content.example ?? {}, null, 2), spellcheck: false });
    form.append(element('label', {}, 'Body', area));
  }
  const result = element('pre', { hidden: true });
  const button = element('button', { type: 'button', textContent: 'Send' });
  if (method === 'get' && content) {
    button.disabled = true;
    button.textContent = 'A browser cannot send a body with GET';
  }
  button.addEventListener('click', async () => {
    result.hidden = false;
    result.textContent = '…';
    try {
      result.textContent = await send(method, path, parameters, inputs, area?.value);
    } catch (error) {
      result.textContent = `The call did not go through: ${error.message}`;
    }
  });
  form.append(button, result);
  return element(
    'details',
    {},
    element('summary', {}, element('span', { className: 'method', textContent: method.toUpperCase() }),
      element('code', { textContent: path }), ` ${operation.summary}`),
    form,
  );
}

async function show() {
  const root = document.getElementById('calls');
  try {
    const description = await (await fetch('/api/openapi.json')).json();
    const sections = description.tags.map((tag) => {
      const views = Object.entries(description.paths).flatMap(([path, item]) =>
        methods
          .filter((method) => item[method]?.tags.includes(tag.name))
          .map((method) => callView(description, method, path, item.parameters ?? [], item[method])),
      );
      return element('section', {}, element('h2', { textContent: tag.name }),
        element('p', { textContent: tag.description }), ...views);
    });
    root.replaceChildren(...sections);
  } catch (error) {
    root.replaceChildren(element('p', { textContent: `The description cannot be read: ${error.message}` }));
  }
}

await show();
