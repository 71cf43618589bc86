import { afterEach, expect, test } from 'vitest';
import { noteServerDate, serverNow } from './server-clock';

afterEach(() => noteServerDate(new Date().toUTCString()));

test('a browser that is a year off shows the server’s time', () => {
  const year = 365 * 86_400_000;
  noteServerDate(new Date(Date.now() + year).toUTCString());
  expect(Math.abs(serverNow() - Date.now() - year)).toBeLessThan(2000);
});

test('a difference within the header’s precision is left alone', () => {
  noteServerDate(new Date(Date.now() + 1000).toUTCString());
  expect(Math.abs(serverNow() - Date.now())).toBeLessThan(50);
});

test('a header that is missing or garbage changes nothing', () => {
  noteServerDate(null);
  noteServerDate('soon');
  expect(Math.abs(serverNow() - Date.now())).toBeLessThan(50);
});
