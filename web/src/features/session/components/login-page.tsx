import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useState, type FormEvent } from 'react';
import { ErrorNotice } from '../../../components/notices';
import { HttpError } from '../../../lib/describe-error';
import { logIn } from '../../../lib/session';

interface LoginPageProps {
  readonly onLoggedIn: () => void;
}

export function LoginPage({ onLoggedIn }: LoginPageProps) {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await logIn(user, password);
      onLoggedIn();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Box sx={{ display: 'grid', placeItems: 'center', minHeight: '80vh', p: 2 }}>
      <Paper
        component="form"
        onSubmit={submit}
        sx={{ p: 3, width: '100%', maxWidth: 380, display: 'grid', gap: 2 }}
      >
        <Typography variant="h1">Log in to Millwright</Typography>
        <TextField
          label="User"
          autoComplete="username"
          required
          value={user}
          onChange={(event) => setUser(event.target.value)}
        />
        <TextField
          label="Password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {error === undefined ? null : <LoginProblem error={error} />}
        <Button type="submit" variant="contained" disabled={busy || user === '' || password === ''}>
          {busy ? 'Logging in …' : 'Log in'}
        </Button>
      </Paper>
    </Box>
  );
}

function LoginProblem({ error }: { readonly error: unknown }) {
  const status = error instanceof HttpError ? error.status : undefined;
  if (status === 401 || status === 403) {
    return (
      <Typography role="alert" color="error">
        User and password do not match. Check both; an administrator can set a new password.
      </Typography>
    );
  }
  if (status === 429) {
    return (
      <Typography role="alert" color="error">
        Too many attempts. Wait a minute, then try again.
      </Typography>
    );
  }
  return <ErrorNotice error={error} />;
}
