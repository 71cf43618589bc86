import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { logOut } from '../lib/session';
import { renderApp } from '../testing/render-app';
import { demoSession, jsonResponse, serveFactory } from '../testing/server';

test('the demo opens without a form', async () => {
  serveFactory();
  renderApp('/');
  expect(await screen.findByRole('heading', { name: 'Devices' })).toBeVisible();
  expect(screen.queryByLabelText(/Password/)).not.toBeInTheDocument();
});

test('whoever has no session gets the login page, and the app after it', async () => {
  const server = serveFactory();
  server.session = () => jsonResponse({ status: 'error', message: 'nobody is logged in' }, 401);
  renderApp('/');
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText(/User/), 'admin');
  await user.type(screen.getByLabelText(/Password/), 'secret');
  server.session = () =>
    jsonResponse({ ...demoSession, user: 'admin', demo: false, read_only: false });
  await user.click(screen.getByRole('button', { name: 'Log in' }));
  expect(await screen.findByRole('table')).toBeVisible();
  const login = server.called.find(({ call }) => call === 'POST /api/v1/login');
  expect(JSON.parse(login?.body ?? '')).toEqual({ user: 'admin', password: 'secret' });
  expect(screen.getByRole('button', { name: 'Log out' })).toBeVisible();
});

test('the demo has a way to log in', async () => {
  serveFactory();
  renderApp('/');
  await userEvent.click(await screen.findByRole('link', { name: 'Log in' }));
  expect(await screen.findByRole('heading', { name: 'Log in to Millwright' })).toBeVisible();
});

test('an account of no tenant is told what it can do instead of an error', async () => {
  const server = serveFactory();
  server.session = () => jsonResponse({ tenant: null, user: 'operator', roles: ['operator'] });
  renderApp('/');
  expect(await screen.findByText('This account belongs to no tenant')).toBeVisible();
});

test('a wrong password says so and keeps the form', async () => {
  serveFactory();
  vi.stubGlobal('fetch', async () => jsonResponse({ status: 'error', message: 'no' }, 401));
  renderApp('/');
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText(/User/), 'admin');
  await user.type(screen.getByLabelText(/Password/), 'wrong');
  await user.click(screen.getByRole('button', { name: 'Log in' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('User and password do not match');
  expect(screen.getByLabelText(/User/)).toHaveValue('admin');
});

test('a session that ends while the page is open leads to the login page and shows nothing more', async () => {
  const server = serveFactory();
  renderApp('/');
  await screen.findByRole('table');
  server.session = () => jsonResponse({ status: 'error', message: 'expired' }, 401);
  server.respond = () => jsonResponse({ message: 'expired' }, 401);
  expect(await screen.findByRole('button', { name: 'Log in' }, { timeout: 5000 })).toBeVisible();
  expect(screen.queryByRole('table')).not.toBeInTheDocument();
});

test('logging out sends the token that the login answered', async () => {
  const server = serveFactory();
  sessionStorage.setItem('millwright.csrf', 'a-token');
  await logOut();
  const call = server.called.find((one) => one.call === 'POST /api/v1/logout');
  expect(call?.headers.get('X-CSRF-Token')).toBe('a-token');
  expect(sessionStorage.getItem('millwright.csrf')).toBeNull();
});
