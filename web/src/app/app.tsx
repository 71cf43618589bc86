import CssBaseline from '@mui/material/CssBaseline';
import { ThemeProvider } from '@mui/material/styles';
import useMediaQuery from '@mui/material/useMediaQuery';
import { useMemo } from 'react';
import { RouterProvider } from 'react-router/dom';
import { makeRouter } from './router';
import { SessionGate } from './session-gate';
import { makeTheme } from './theme';

export function App() {
  const dark = useMediaQuery('(prefers-color-scheme: dark)', { noSsr: true });
  const theme = useMemo(() => makeTheme(dark ? 'dark' : 'light'), [dark]);
  const router = useMemo(() => makeRouter(), []);
  return (
    <ThemeProvider theme={theme}>
      <CssBaseline enableColorScheme />
      <SessionGate>
        <RouterProvider router={router} />
      </SessionGate>
    </ThemeProvider>
  );
}
