import { Client, fetchExchange, type OperationResult } from '@urql/core';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { noteServerDate } from '../server-clock';
import { csrfHeaders } from '../session';

export const graphqlUrl = '/graphql';

/**
 * The one client of the app. It has no cache of its own: what a page shows is refreshed every few
 * seconds, and `usePolled` keeps the last answers.
 */
export const client = new Client({
  url: graphqlUrl,
  exchanges: [fetchExchange],
  preferGetMethod: false,
  fetchOptions: { credentials: 'same-origin' },
  fetch: async (input, init) => {
    const response = await fetch(input, init);
    noteServerDate(response.headers.get('date'));
    return response;
  },
});

/** Runs a query; throws a CombinedError for refused requests and failed connections alike. */
export async function query<Data, Variables extends Record<string, unknown>>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  return dataOf(await client.query<Data>(document, variables).toPromise());
}

/** Runs a mutation, which the server takes with the session's token only; throws as `query`. */
export async function mutate<Data, Variables extends Record<string, unknown>>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const fetchOptions = { credentials: 'same-origin', headers: csrfHeaders() } as const;
  return dataOf(await client.mutation<Data>(document, variables, { fetchOptions }).toPromise());
}

function dataOf<Data>(result: OperationResult<Data>): Data {
  if (result.error) throw result.error;
  if (result.data === undefined || result.data === null) {
    throw new Error('the answer of the server has no data');
  }
  return result.data;
}
