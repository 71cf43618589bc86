import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { beforeEach, expect, test } from 'vitest';
import { FakeSocket, installFakeSockets } from '../testing/fake-socket';
import { renderApp } from '../testing/render-app';
import { jsonResponse, serveFactory, type TestServer } from '../testing/server';

beforeEach(installFakeSockets);

const asked = (server: TestServer, operation: string) =>
  server.asked.filter(({ query }) => query.includes(`query ${operation}(`));

test('shows the header, a chart for each metric, predictions, anomalies and events', async () => {
  serveFactory();
  renderApp('/devices/000001');
  expect(await screen.findByRole('heading', { level: 1 })).toHaveTextContent('000001 Conveyor');
  expect(screen.getByText(/Europe\/Zurich \(UTC/)).toBeVisible();
  const motor = await screen.findByRole('region', { name: 'conveyor › motor3' });
  expect(await within(motor).findByText('Missing tooth')).toBeVisible();
  expect(within(motor).getByText('99.9 %')).toBeVisible();
  expect(await within(motor).findAllByText(/RMS .* m\/s²/)).toHaveLength(2);
  expect(within(motor).getAllByText(/1024 samples at 5 kHz/)).toHaveLength(2);
  const ambient = screen.getByRole('region', { name: 'conveyor' });
  expect(await within(ambient).findByText(/°C$/)).toBeVisible();
  expect(within(ambient).getByText(/anomal(y|ies) in this range/)).toBeVisible();
  const list = await screen.findByRole('region', { name: 'Anomalies' });
  expect(await within(list).findByText(/robust standard deviations/)).toBeVisible();
  const events = screen.getByRole('region', { name: 'Events' });
  expect(await within(events).findByText(/no status for 20 s/)).toBeVisible();
});

test('asks once for all metrics of a path, and reads a burst instead of hours of it', async () => {
  const server = serveFactory();
  renderApp('/devices/000003');
  await screen.findAllByRole('group', { name: /Line chart of/ });
  const series = asked(server, 'Series');
  expect(series).toHaveLength(1);
  expect(series[0]?.variables['metricIdentifier']).toHaveLength(15);
});

test('shows remaining useful life as a range', async () => {
  serveFactory();
  renderApp('/devices/000003');
  expect(await screen.findByText('84 cycles')).toBeVisible();
  expect(screen.getByText(/Likely between/)).toHaveTextContent('Likely between 61 and 118 cycles');
});

test('new samples appear while one watches', async () => {
  serveFactory();
  renderApp('/devices/000002');
  await screen.findByText('Machine temperature');
  await waitFor(() => expect(FakeSocket.opened.at(-1)?.subscriptions).toHaveLength(1));
  expect(await screen.findByText('Live')).toBeVisible();
  const series = {
    metricIdentifier: 'temperature.machine',
    path: 'machine',
    metricType: 'NUMERIC_SCALAR',
    t: [(Date.now() + 100) * 1000],
    value: [4711.25],
  };
  FakeSocket.opened.at(-1)!.push({ samples: { series: [series] } });
  expect(await screen.findByText('4 711.3 °F')).toBeVisible();
});

test('a cut connection is told and comes back by itself, also after close code 4429', async () => {
  serveFactory();
  renderApp('/devices/000002');
  await waitFor(() => expect(FakeSocket.opened.at(-1)?.subscriptions).toHaveLength(1));
  for (const code of [1006, 4429]) {
    const before = FakeSocket.opened.length;
    FakeSocket.opened.at(-1)!.close(code, 'cut');
    expect(await screen.findByText(/Live connection lost/)).toBeVisible();
    await waitFor(() => expect(FakeSocket.opened.length).toBeGreaterThan(before), {
      timeout: 5000,
    });
    await waitFor(() => expect(FakeSocket.opened.at(-1)?.subscriptions).toHaveLength(1));
    expect(await screen.findByText('Live')).toBeVisible();
  }
});

test('a drag zooms, asks anew for that stretch, and Z leads back', async () => {
  const server = serveFactory();
  const app = renderApp('/devices/000002?range=1h');
  const chart = await screen.findByRole('group', { name: /Line chart of/ });
  fireEvent.pointerDown(chart, { button: 0, clientX: 200, pointerId: 1 });
  fireEvent.pointerMove(chart, { clientX: 300, pointerId: 1 });
  fireEvent.pointerUp(chart, { clientX: 300, pointerId: 1 });
  await waitFor(() => expect(app.address()).toMatch(/from=.*&to=/));
  const { from, to } = Object.fromEntries(new URLSearchParams(app.address().split('?')[1]));
  const minutes = (Date.parse(to!) - Date.parse(from!)) / 60_000;
  expect(minutes).toBeGreaterThan(5);
  expect(minutes).toBeLessThan(12);
  await waitFor(() => expect(asked(server, 'Series').at(-1)?.variables['start']).toBe(from));
  fireEvent.keyDown(document.body, { key: 'z' });
  await waitFor(() => expect(app.address()).toBe('/devices/000002?range=1h'));
});

test('the range is in the address', async () => {
  const server = serveFactory();
  const app = renderApp('/devices/000002');
  await userEvent.click(await screen.findByRole('button', { name: 'Last 6 h' }));
  expect(app.address()).toBe('/devices/000002?range=6h');
  await waitFor(() => {
    const { start, end } = asked(server, 'Series').at(-1)!.variables as {
      start: string;
      end: string;
    };
    expect(Date.parse(end) - Date.parse(start)).toBe(6 * 3_600_000);
  });
});

test('every chart can be read as a table and with the arrow keys', async () => {
  serveFactory();
  renderApp('/devices/000002');
  const user = userEvent.setup();
  const chart = await screen.findByRole('group', { name: /Line chart of/ });
  act(() => chart.focus());
  await user.keyboard('{ArrowLeft}');
  await waitFor(() =>
    expect(within(chart).getByRole('status')).toHaveTextContent(/°F at .*New_York/),
  );
  await user.click(screen.getByRole('button', { name: 'Machine temperature: show table' }));
  const table = await screen.findByRole('region', { name: 'Machine temperature, table' });
  expect(within(table).getAllByRole('row').length).toBeGreaterThan(100);
  expect(within(table).getByRole('columnheader', { name: 'Average (°F)' })).toBeInTheDocument();
});

test('an unknown device and somebody else’s look the same', async () => {
  serveFactory();
  const { container } = renderApp('/devices/%3Cscript%3E1');
  expect(await screen.findByText('There is no device <script>1')).toBeVisible();
  expect(container.querySelector('script')).toBeNull();
  expect(screen.getByRole('link', { name: 'All devices' })).toHaveAttribute('href', '/');
});

test('trouble with one question leaves the rest of the page alone', async () => {
  const server = serveFactory();
  server.respond = undefined;
  const refuse = /query (Anomalies|Predictions)\(/;
  const working = fetch;
  Object.defineProperty(globalThis, 'fetch', {
    configurable: true,
    writable: true,
    value: async (input: RequestInfo, init?: RequestInit) =>
      typeof init?.body === 'string' && refuse.test(init.body)
        ? jsonResponse({ message: 'no' }, 500)
        : working(input, init),
  });
  renderApp('/devices/000002');
  expect(await screen.findByRole('group', { name: /Line chart of/ })).toBeInTheDocument();
  const list = screen.getByRole('region', { name: 'Anomalies' });
  expect(await within(list).findByRole('alert')).toHaveTextContent('HTTP 500');
});

test('a server that is gone is told once, and the charts stay', async () => {
  const server = serveFactory();
  renderApp('/devices/000002');
  await screen.findByRole('group', { name: /Line chart of/ });
  server.respond = () => {
    throw new TypeError('Failed to fetch');
  };
  expect(await screen.findByText('Millwright cannot be reached.')).toBeVisible();
  fireEvent(document, new Event('visibilitychange'));
  await waitFor(() => expect(screen.getAllByRole('alert')).toHaveLength(1));
  expect(screen.getByRole('group', { name: /Line chart of/ })).toBeInTheDocument();
});

test('a link of the list keeps its search on the way back', async () => {
  serveFactory();
  const app = renderApp('/?q=turbofan');
  await userEvent.click(await screen.findByRole('link', { name: '000003' }));
  await userEvent.click(await screen.findByRole('link', { name: 'Devices' }));
  expect(app.address()).toBe('/?q=turbofan');
});

test('has no accessibility violations', async () => {
  serveFactory();
  const { container } = renderApp('/devices/000002');
  await screen.findByRole('group', { name: /Line chart of/ });
  const { violations } = await act(() =>
    axe.run(container, { rules: { 'color-contrast': { enabled: false } } }),
  );
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
});
