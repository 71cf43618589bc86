import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { deviceId, tenantId } from '../../lib/ids';
import { SessionContext, type Session } from '../../lib/session';
import { zoneOf } from '../../lib/time-zone';
import { forgetAnswers } from '../../lib/use-polled';
import { jsonResponse, serveFactory } from '../../testing/server';
import { LimitsCard } from './components/limits-card';

const limit = {
  id: '100000:1',
  path: 'line.pump',
  metricIdentifier: 'vibration.rms',
  value: 7.1,
  side: 'ABOVE',
  author: 'eve',
  note: 'zone D',
  model: 'limit above vibration.rms',
};
const metric = {
  path: 'line.pump',
  metricIdentifier: 'vibration.rms',
  unit: 'mm/s',
  metricType: 'NUMERIC_SCALAR',
};
const now = Date.now();
const history = [
  { value: 10, lower: 5, upper: 20, timestamp: new Date(now - 3_600_000).toISOString() },
  { value: 12, lower: 4, upper: 30, timestamp: new Date(now - 7_200_000).toISOString() },
].map((one) => ({ ...one, path: limit.path, model: limit.model }));

beforeEach(() => {
  forgetAnswers();
  sessionStorage.setItem('millwright.csrf', 'a-token');
});

function show(limits: readonly unknown[], roles: readonly string[] = ['technician']) {
  const server = serveFactory();
  server.respond = ({ query }) => {
    if (query.includes('mutation CreateLimit')) {
      return jsonResponse({ data: { createDegradationLimit: { id: '100000:2' } } });
    }
    if (query.includes('mutation DeleteLimit')) {
      return jsonResponse({ data: { deleteDegradationLimit: true } });
    }
    if (query.includes('predictionHistory')) {
      return jsonResponse({ data: { predictionHistory: history } });
    }
    return jsonResponse({ data: { degradationLimits: limits, metrics: [metric] } });
  };
  const session: Session = {
    tenant: tenantId('100000'),
    user: 'tom',
    roles,
    readOnly: false,
    demo: false,
  };
  render(
    <SessionContext value={session}>
      <LimitsCard tenant={session.tenant} device={deviceId('000001')} zone={zoneOf('UTC')} />
    </SessionContext>,
  );
  return server;
}

test('a limit is shown with what was foretold towards it', async () => {
  show([limit], ['viewer']);
  expect(await screen.findByText(/worn out above/)).toHaveTextContent(
    'line.pump vibration.rms: worn out above 7.1 mm/s, says eve (zone D)',
  );
  expect(
    await screen.findByRole('img', { name: /the newest is after .* and before/ }),
  ).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Set limit' })).toBeNull();
  expect(screen.queryByRole('button', { name: /Delete/ })).toBeNull();
});

test('whoever may sets a limit', async () => {
  const user = userEvent.setup();
  const server = show([]);
  const button = await screen.findByRole('button', { name: 'Set limit' });
  expect(button).toBeDisabled();
  await user.click(screen.getByLabelText('Metric'));
  await user.click(screen.getByRole('option', { name: 'line.pump vibration.rms' }));
  await user.type(screen.getByLabelText('Limit, mm/s'), '7,1');
  await user.click(button);
  await waitFor(() =>
    expect(server.asked.find(({ query }) => query.includes('CreateLimit'))?.variables).toEqual({
      input: {
        tenantIdentifier: '100000',
        deviceIdentifier: '000001',
        path: 'line.pump',
        metricIdentifier: 'vibration.rms',
        value: 7.1,
        side: 'ABOVE',
        note: '',
      },
    }),
  );
});

test('what changes something carries the token of the session', async () => {
  const user = userEvent.setup();
  const server = show([limit]);
  await user.click(await screen.findByRole('button', { name: 'Delete …' }));
  await user.click(screen.getByRole('button', { name: 'Delete the limit and its prediction' }));
  await waitFor(() =>
    expect(
      server.asked.find(({ query }) => query.includes('DeleteLimit'))?.headers.get('X-CSRF-Token'),
    ).toBe('a-token'),
  );
});

test('a limit is deleted after a second click', async () => {
  const user = userEvent.setup();
  const server = show([limit]);
  await user.click(await screen.findByRole('button', { name: 'Delete …' }));
  expect(server.asked.some(({ query }) => query.includes('DeleteLimit'))).toBe(false);
  await user.click(screen.getByRole('button', { name: 'Delete the limit and its prediction' }));
  await waitFor(() =>
    expect(server.asked.find(({ query }) => query.includes('DeleteLimit'))?.variables).toEqual({
      id: '100000:1',
    }),
  );
});
