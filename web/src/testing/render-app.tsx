import { ThemeProvider } from '@mui/material/styles';
import { render, type RenderResult } from '@testing-library/react';
import { createMemoryRouter } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { routes } from '../app/router';
import { SessionGate } from '../app/session-gate';
import { makeTheme } from '../app/theme';

export interface RenderedApp extends RenderResult {
  /** The present address with its query. */
  readonly address: () => string;
}

/** The whole app at an address, as main.tsx puts it together. */
export function renderApp(address: string): RenderedApp {
  const router = createMemoryRouter(routes, { initialEntries: [address] });
  const result = render(
    <ThemeProvider theme={makeTheme('light')}>
      <SessionGate>
        <RouterProvider router={router} />
      </SessionGate>
    </ThemeProvider>,
  );
  const here = () => `${router.state.location.pathname}${router.state.location.search}`;
  return { ...result, address: here };
}
