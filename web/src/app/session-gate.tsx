import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import CircularProgress from '@mui/material/CircularProgress';
import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { EmptyNotice, ErrorNotice } from '../components/notices';
import { LoginPage } from '../features/session/components/login-page';
import {
  logOut,
  NoTenantError,
  onSignedOut,
  readSession,
  SessionContext,
  signedOut,
  type Session,
} from '../lib/session';
import { forgetAnswers } from '../lib/use-polled';

type State =
  | { readonly kind: 'asking' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: typeof signedOut }
  | { readonly kind: 'open'; readonly session: Session };

const retryMs = 3000;

/** Shows the app to whoever has a session, the login page to whoever has none. */
export function SessionGate({ children }: { readonly children: ReactNode }) {
  const [state, setState] = useState<State>({ kind: 'asking' });

  const ask = useCallback(async () => {
    try {
      const session = await readSession();
      if (session === signedOut) {
        forgetAnswers();
        setState({ kind: signedOut });
      } else {
        setState({ kind: 'open', session });
      }
    } catch (error) {
      // An open page keeps what it shows; its own requests tell of the trouble.
      setState((before) => (before.kind === 'open' ? before : { kind: 'failed', error }));
    }
  }, []);

  useEffect(() => {
    void ask();
    return onSignedOut(() => void ask());
  }, [ask]);

  useEffect(() => {
    if (state.kind !== 'failed') return;
    const timer = setTimeout(() => void ask(), retryMs);
    return () => clearTimeout(timer);
  }, [state, ask]);

  switch (state.kind) {
    case 'asking':
      return (
        <Box sx={{ display: 'grid', placeItems: 'center', minHeight: '60vh' }}>
          <CircularProgress aria-label="Opening Millwright" />
        </Box>
      );
    case 'failed':
      return (
        <Box component="main" sx={{ maxWidth: 640, mx: 'auto', p: 2 }}>
          {state.error instanceof NoTenantError ? (
            <OperatorNotice onLoggedOut={() => void ask()} />
          ) : (
            <ErrorNotice error={state.error} onRetry={() => void ask()} />
          )}
        </Box>
      );
    case signedOut:
      return (
        <main>
          <LoginPage onLoggedIn={() => void ask()} />
        </main>
      );
    case 'open':
      return <SessionContext value={state.session}>{children}</SessionContext>;
  }
}

function OperatorNotice({ onLoggedOut }: { readonly onLoggedOut: () => void }) {
  const leave = async () => {
    await logOut();
    onLoggedOut();
  };
  return (
    <EmptyNotice
      isPage
      title="This account belongs to no tenant"
      action={
        <Button variant="outlined" onClick={() => void leave()}>
          Log out
        </Button>
      }
    >
      The operator creates tenants and their users with the calls at{' '}
      <a href="/api/docs">/api/docs</a> and sees no machine. Log in with an account of a tenant to
      see its devices.
    </EmptyNotice>
  );
}
