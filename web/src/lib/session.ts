import { createContext, useContext } from 'react';
import { HttpError } from './describe-error';
import { tenantId, type TenantId } from './ids';
import { noteServerDate } from './server-clock';

export interface Session {
  readonly tenant: TenantId;
  readonly user: string | undefined;
  readonly roles: readonly string[];
  readonly readOnly: boolean;
  readonly demo: boolean;
}

/** The server sends this when nobody is logged in and there is no open demo. */
export const signedOut = 'signed-out';

const csrfStorageKey = 'millwright.csrf';
const signedOutEvent = 'millwright:signed-out';

/** The operator of the platform belongs to no tenant and sees no machine. */
export class NoTenantError extends Error {
  constructor() {
    super('the session belongs to no tenant');
    this.name = 'NoTenantError';
  }
}

export async function readSession(): Promise<Session | typeof signedOut> {
  const response = await fetch('/api/v1/session', { credentials: 'same-origin' });
  noteServerDate(response.headers.get('date'));
  if (response.status === 401) return signedOut;
  const body = await bodyOf(response);
  if (!response.ok) throw new HttpError(response.status, messageOf(body));
  return sessionOf(body);
}

export async function logIn(user: string, password: string): Promise<void> {
  const response = await fetch('/api/v1/login', {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user, password }),
  });
  const body = await bodyOf(response);
  if (!response.ok) throw new HttpError(response.status, messageOf(body));
  keepCsrfToken(body);
}

export async function logOut(): Promise<void> {
  const response = await fetch('/api/v1/logout', {
    method: 'POST',
    credentials: 'same-origin',
    headers: csrfHeaders(),
  });
  if (!response.ok && response.status !== 401) {
    throw new HttpError(response.status, messageOf(await bodyOf(response)));
  }
  sessionStorage.removeItem(csrfStorageKey);
}

/** What a call that changes something carries besides the cookie. */
export function csrfHeaders(): Record<string, string> {
  return { 'X-CSRF-Token': sessionStorage.getItem(csrfStorageKey) ?? '' };
}

/** Any call that is answered 401 says so here; the app then asks for the session again. */
export function reportSignedOut(): void {
  window.dispatchEvent(new Event(signedOutEvent));
}

export function onSignedOut(listener: () => void): () => void {
  window.addEventListener(signedOutEvent, listener);
  return () => window.removeEventListener(signedOutEvent, listener);
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession outside of a session');
  return session;
}

function sessionOf(body: unknown): Session {
  const fields = fieldsOf(body);
  if (typeof fields['tenant'] !== 'string') {
    throw new NoTenantError();
  }
  keepCsrfToken(body);
  const roles = Array.isArray(fields['roles']) ? fields['roles'] : [];
  return {
    tenant: tenantId(fields['tenant']),
    user: typeof fields['user'] === 'string' ? fields['user'] : undefined,
    roles: roles.filter((role): role is string => typeof role === 'string'),
    readOnly: fields['read_only'] === true,
    demo: fields['demo'] === true,
  };
}

function keepCsrfToken(body: unknown): void {
  const token = fieldsOf(body)['csrf_token'];
  if (typeof token === 'string') sessionStorage.setItem(csrfStorageKey, token);
}

/** The fields of an answer; the device management API puts them below `data`. */
function fieldsOf(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null) return {};
  const fields = body as Record<string, unknown>;
  const data = fields['data'];
  return typeof data === 'object' && data !== null ? { ...fields, ...data } : fields;
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

function messageOf(body: unknown): string {
  const message = fieldsOf(body)['message'];
  return typeof message === 'string' ? message : 'the answer has no message';
}
