import { StoreError } from './errors.ts'

/** Seconds. Whoever frees a disk needs a while; whoever waits for it wants to know soon. */
const WHEN_UNAVAILABLE = 60

/** The answer to a request that failed through a fault of ours. What went wrong is for the log alone. */
export function failureResponse(error: unknown): Response {
  const headers = { 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8' }
  if (error instanceof StoreError) {
    return new Response('This cannot be answered at the moment. Please try again later.\n', {
      status: 503,
      headers: { ...headers, 'retry-after': String(WHEN_UNAVAILABLE) },
    })
  }
  return new Response('Something went wrong here. Please try again later.\n', {
    status: 500,
    headers,
  })
}
