import { createTheme, type Theme } from '@mui/material/styles';

const systemFont =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif';

/** Contrast of every text colour on its ground is at least 4.5 : 1 in both modes. */
export function makeTheme(mode: 'light' | 'dark'): Theme {
  const dark = mode === 'dark';
  return createTheme({
    palette: {
      mode,
      primary: { main: dark ? '#74c0ec' : '#0b5f91' },
      success: { main: dark ? '#6fce96' : '#1c7243' },
      warning: { main: dark ? '#f3b35c' : '#9a5200' },
      error: { main: dark ? '#ff9b91' : '#b3261e' },
      background: dark
        ? { default: '#0f1519', paper: '#172027' }
        : { default: '#f3f5f7', paper: '#ffffff' },
      text: dark
        ? { primary: '#e6edf2', secondary: '#a3b2bd' }
        : { primary: '#16222b', secondary: '#51616d' },
      divider: dark ? '#2b3842' : '#dbe2e7',
    },
    shape: { borderRadius: 6 },
    typography: {
      fontFamily: systemFont,
      fontSize: 13,
      h1: { fontSize: '1.35rem', fontWeight: 650, lineHeight: 1.3 },
      h2: { fontSize: '1.02rem', fontWeight: 650, lineHeight: 1.4 },
      h3: { fontSize: '0.86rem', fontWeight: 600, lineHeight: 1.4 },
      button: { textTransform: 'none', fontWeight: 550 },
    },
    components: {
      MuiButtonBase: { defaultProps: { disableRipple: true } },
      MuiPaper: {
        defaultProps: { variant: 'outlined' },
        styleOverrides: { root: { backgroundImage: 'none' } },
      },
      MuiCssBaseline: {
        styleOverrides: {
          body: { fontVariantNumeric: 'tabular-nums', overflowWrap: 'break-word' },
          ':focus-visible': {
            outline: `2px solid ${dark ? '#74c0ec' : '#0b5f91'}`,
            outlineOffset: 1,
          },
          '@media (prefers-reduced-motion: reduce)': {
            '*, *::before, *::after': {
              animation: 'none !important',
              transition: 'none !important',
            },
          },
        },
      },
      MuiTableCell: {
        styleOverrides: {
          root: { padding: '7px 12px', fontSize: '0.84rem' },
          head: { fontWeight: 600, whiteSpace: 'nowrap' },
        },
      },
    },
  });
}
