import { LoginPage } from '../../features/session/components/login-page';
import { useTitle } from '../use-title';

/** For whoever wants more than the open demo shows. */
export function LoginRoute() {
  useTitle('Log in');
  // A fresh page: nothing of the session before stays in memory.
  return <LoginPage onLoggedIn={() => window.location.assign('/')} />;
}
