import { Client, fetchExchange } from '@urql/core';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { noteServerDate } from '../server-clock';

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
  const result = await client.query<Data>(document, variables).toPromise();
  if (result.error) throw result.error;
  if (result.data === undefined || result.data === null) {
    throw new Error('the answer of the server has no data');
  }
  return result.data;
}
