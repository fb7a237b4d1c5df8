import type { WebOptions } from './fetch.ts'

export interface PostFormOptions extends WebOptions {
  /** What may come back; by default JSON alone. */
  readonly accept?: string
}

/**
 * Posts a form to an endpoint that was discovered. A redirect is not followed: what the form holds, a code or a
 * token mostly, is for that endpoint alone.
 */
export function postForm(
  endpoint: URL,
  fields: Readonly<Record<string, string>>,
  { fetch, signal, accept = 'application/json' }: PostFormOptions,
): Promise<Response> {
  return fetch(endpoint, {
    method: 'POST',
    headers: { accept },
    body: new URLSearchParams(fields),
    redirect: 'manual',
    signal: signal ?? null,
  })
}
