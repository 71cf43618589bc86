import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import { useState } from 'react';
import { Link as RouterLink, Outlet, ScrollRestoration } from 'react-router';
import { ErrorNotice } from '../components/notices';
import { logOut, useSession } from '../lib/session';
import { forgetAnswers } from '../lib/use-polled';

/** The bar on top and the page below it. */
export function Frame() {
  const session = useSession();
  const [error, setError] = useState<unknown>(undefined);

  const leave = async () => {
    try {
      await logOut();
      forgetAnswers();
      // A fresh page: nothing of the session before stays in memory.
      window.location.assign('/');
    } catch (problem) {
      setError(problem);
    }
  };

  return (
    <>
      <Link
        href="#content"
        sx={{
          position: 'absolute',
          left: -9999,
          '&:focus': { left: 8, top: 8, zIndex: 10, bgcolor: 'background.paper', p: 1 },
        }}
      >
        Skip to the content
      </Link>
      <Box
        component="header"
        sx={{
          bgcolor: '#12303f',
          color: '#eef5f9',
          px: { xs: 1.5, sm: 3 },
          py: 1,
          display: 'flex',
          alignItems: 'center',
          gap: 2,
        }}
      >
        <Link
          component={RouterLink}
          to="/"
          underline="none"
          sx={{
            color: 'inherit',
            fontWeight: 700,
            fontSize: '1.05rem',
            whiteSpace: 'nowrap',
            display: 'flex',
            alignItems: 'center',
            gap: 1,
          }}
        >
          <Mark />
          Millwright
        </Link>
        <Box sx={{ flexGrow: 1 }} />
        <Box sx={{ fontSize: '0.85rem', textAlign: 'right' }}>
          Tenant {session.tenant}
          {session.demo ? ' · Demo' : ''}
          {session.readOnly ? ' · read only' : ''}
          {session.user === undefined ? '' : ` · ${session.user.slice(0, 40)}`}
        </Box>
        {session.user === undefined ? (
          <Button
            component={RouterLink}
            to="/login"
            size="small"
            color="inherit"
            variant="outlined"
            sx={{ flexShrink: 0 }}
          >
            Log in
          </Button>
        ) : (
          <Button size="small" color="inherit" variant="outlined" onClick={() => void leave()}>
            Log out
          </Button>
        )}
      </Box>
      <Box
        component="main"
        id="content"
        sx={{ maxWidth: 1680, mx: 'auto', px: { xs: 1.5, sm: 3 }, py: 2 }}
      >
        {error === undefined ? null : <ErrorNotice error={error} />}
        <Outlet />
      </Box>
      <ScrollRestoration />
    </>
  );
}

function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true">
      <path
        d="M3 20h6l3-11 5 15 4-10h8"
        fill="none"
        stroke="#7fd1ff"
        strokeWidth="3"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
}
