import { CombinedError } from '@urql/core';

/** What went wrong in two layers: a sentence with the next step, and the detail for whoever helps. */
export interface Problem {
  readonly sentence: string;
  readonly nextStep: string;
  readonly detail: string;
}

/** An answer of the REST API that says no. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
  }
}

export function describeError(error: unknown): Problem {
  const detail = errorDetail(error);
  if (error instanceof CombinedError) {
    const first = error.graphQLErrors[0];
    if (first) {
      return {
        sentence: `Millwright refused the request: ${asSentence(first.message)}`,
        nextStep: 'Go back to the list of devices, or try again.',
        detail,
      };
    }
    return describeStatus(statusOf(error), detail);
  }
  if (error instanceof HttpError) return describeStatus(error.status, detail);
  return describeStatus(undefined, detail);
}

/** HTTP status of a failed call, where it got that far. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpError) return error.status;
  if (error instanceof CombinedError) {
    const response: unknown = error.response;
    if (response && typeof response === 'object' && 'status' in response) {
      return typeof response.status === 'number' ? response.status : undefined;
    }
  }
  return undefined;
}

/** True when the server did not answer at all: then every question of a page fails alike. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof CombinedError && error.graphQLErrors.length > 0) return false;
  return error !== undefined && statusOf(error) === undefined;
}

function describeStatus(status: number | undefined, detail: string): Problem {
  if (status === undefined) {
    return {
      sentence: 'Millwright cannot be reached.',
      nextStep:
        'Check the network and that the server is running; this page tries again by itself.',
      detail,
    };
  }
  if (status === 401) {
    return { sentence: 'Your session has ended.', nextStep: 'Log in again.', detail };
  }
  if (status === 403) {
    return {
      sentence: 'Your account may not see this.',
      nextStep: 'Ask your administrator for the right, or log in with another account.',
      detail,
    };
  }
  if (status === 429) {
    return {
      sentence: 'Too many requests at once.',
      nextStep: 'Wait a moment; this page tries again by itself.',
      detail,
    };
  }
  if (status >= 500) {
    return {
      sentence: `The server could not answer (HTTP ${status}).`,
      nextStep: 'This page tries again by itself; if it stays, look at the server’s log.',
      detail,
    };
  }
  return {
    sentence: `The server’s answer could not be read (HTTP ${status}).`,
    nextStep: 'Reload the page: the server may have been updated.',
    detail,
  };
}

function errorDetail(error: unknown): string {
  if (error instanceof CombinedError) {
    const lines = error.graphQLErrors.map((one) => {
      const path = one.path ? ` at ${one.path.join('.')}` : '';
      const code = typeof one.extensions['code'] === 'string' ? ` [${one.extensions['code']}]` : '';
      return `${one.message}${path}${code}`;
    });
    if (error.networkError) lines.push(error.networkError.message);
    const status = statusOf(error);
    if (status !== undefined) lines.push(`HTTP ${status}`);
    return lines.join('\n');
  }
  if (error instanceof HttpError) return `${error.message}\nHTTP ${error.status}`;
  return error instanceof Error ? error.message : String(error);
}

function asSentence(message: string): string {
  const text = message.trim();
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
