import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { expect, test } from 'vitest';
import { devices } from '../testing/factory';
import { renderApp } from '../testing/render-app';
import { jsonResponse, serveFactory } from '../testing/server';

const deviceNames = () =>
  within(screen.getByRole('table'))
    .getAllByRole('link')
    .map((link) => link.textContent);

test('lists the devices with place, local time and status, worst first', async () => {
  serveFactory();
  renderApp('/');
  const row = (await screen.findByRole('link', { name: '000002' })).closest('tr')!;
  expect(row).toHaveTextContent('New York');
  expect(row).toHaveTextContent('United States');
  expect(row).toHaveTextContent('America/New_York');
  expect(row).toHaveTextContent('Online');
  expect(deviceNames()).toHaveLength(4);
  expect(screen.getByRole('columnheader', { name: /Status/ })).toHaveAttribute(
    'aria-sort',
    'ascending',
  );
  expect(screen.getByText(/Tenant 100000 · Demo · read only/)).toBeVisible();
});

test('sorts by every column and keeps the choice in the address', async () => {
  serveFactory();
  const app = renderApp('/');
  await screen.findByRole('table');
  const user = userEvent.setup();
  for (const name of ['Name', 'Description', 'City', 'Country', 'Latest activity', 'Status']) {
    const header = screen.getByRole('columnheader', { name: new RegExp(name) });
    const button = within(header).getByRole('button');
    await user.click(button);
    expect(header).toHaveAttribute('aria-sort', 'ascending');
    await user.click(button);
    expect(header).toHaveAttribute('aria-sort', 'descending');
    expect(app.address()).toContain('dir=desc');
  }
  await user.click(within(screen.getByRole('columnheader', { name: /Name/ })).getByRole('button'));
  expect(deviceNames()).toEqual(['000001', '000002', '000003', '000004']);
});

test('searches from the slash key, and an address with a search opens the same view', async () => {
  serveFactory();
  const app = renderApp('/?q=tokyo');
  await screen.findByRole('link', { name: '000003' });
  expect(deviceNames()).toEqual(['000003']);
  const user = userEvent.setup();
  await user.keyboard('/');
  const search = screen.getByRole('searchbox', { name: 'Search devices' });
  expect(search).toHaveFocus();
  await user.clear(search);
  await user.type(search, 'nothing like it');
  expect(await screen.findByText('No device matches')).toBeVisible();
  expect(app.address()).toBe('/?q=nothing+like+it');
  await user.click(screen.getByRole('button', { name: 'Show all 4 devices' }));
  expect(deviceNames()).toHaveLength(4);
});

test('filters by status with counts', async () => {
  serveFactory({ devices: devices.map((device) => ({ ...device, cycleSeconds: undefined })) });
  const app = renderApp('/');
  const user = userEvent.setup();
  await user.click(await screen.findByRole('button', { name: 'Online 4' }));
  expect(app.address()).toBe('/?status=ONLINE');
  expect(screen.getByRole('button', { name: 'Online 4' })).toHaveAttribute('aria-pressed', 'true');
});

test('opens a device by a click on its row and by Enter on its name', async () => {
  serveFactory();
  const user = userEvent.setup();
  const first = renderApp('/');
  await user.click(await screen.findByText('Turbofan engine, run to failure'));
  await waitFor(() => expect(first.address()).toBe('/devices/000003'));
  first.unmount();
  const second = renderApp('/');
  const link = await screen.findByRole('link', { name: '000001' });
  act(() => link.focus());
  await user.keyboard('{Enter}');
  await waitFor(() => expect(second.address()).toBe('/devices/000001'));
});

test('shows a skeleton first, and what to do when there is no device', async () => {
  serveFactory({ devices: [] });
  renderApp('/');
  expect(await screen.findByLabelText('Loading devices')).toBeInTheDocument();
  expect(await screen.findByText('No devices yet')).toBeVisible();
  expect(screen.getByRole('link', { name: '/api/docs' })).toHaveAttribute('href', '/api/docs');
});

test('says in words what went wrong, with the detail folded away, and recovers', async () => {
  const server = serveFactory();
  server.respond = () => jsonResponse({ message: 'store is closed' }, 503);
  renderApp('/');
  const alert = await screen.findByRole('alert');
  expect(alert).toHaveTextContent('The server could not answer (HTTP 503).');
  expect(within(alert).getByText('Technical detail')).toBeVisible();
  server.respond = undefined;
  await userEvent.click(within(alert).getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('table')).toBeVisible();
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
});

test('an answer that is no JSON is told as such', async () => {
  const server = serveFactory();
  server.respond = () =>
    new Response('<html>proxy</html>', { status: 200, headers: { 'content-type': 'text/html' } });
  renderApp('/');
  expect(await screen.findByRole('alert')).toHaveTextContent('could not be read');
});

test('a refused request tells the server’s reason', async () => {
  const server = serveFactory();
  server.respond = () =>
    jsonResponse({
      errors: [{ message: "tenantIdentifier '100000' is closed", extensions: { code: 'x' } }],
    });
  renderApp('/');
  expect(await screen.findByRole('alert')).toHaveTextContent(
    "tenantIdentifier '100000' is closed.",
  );
});

test('markup in a name or place is text', async () => {
  const payload = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
  serveFactory({
    devices: [
      { ...devices[0]!, description: payload, city: payload, country: `javascript:${payload}` },
    ],
  });
  const { container } = renderApp('/');
  await screen.findByRole('table');
  expect(screen.getAllByText(payload).length).toBeGreaterThan(0);
  expect(container.querySelector('img, script')).toBeNull();
  expect('hacked' in window).toBe(false);
});

test('has no accessibility violations', async () => {
  serveFactory();
  const { container } = renderApp('/');
  await screen.findByRole('table');
  const { violations } = await act(() =>
    axe.run(container, { rules: { 'color-contrast': { enabled: false } } }),
  );
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
});
