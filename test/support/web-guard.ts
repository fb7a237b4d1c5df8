import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { FetchError } from '../../lib/web/errors.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { createGuardedFetch, type GuardedFetchOptions } from '../../lib/web/guarded-fetch.ts'

/** A guarded fetch that may visit the servers of a test. Closed when the test is over. */
export function startGuard(t: TestContext, options: GuardedFetchOptions = {}): Fetch {
  const { fetch, close } = createGuardedFetch({ allowLoopback: true, timeout: 5_000, ...options })
  t.after(close)
  return fetch
}

/** For `assert.rejects()`: a `FetchError` because we would not go there. */
export const refused = (pattern = /./) => ofKind('refused', pattern)
/** For `assert.rejects()`: a `FetchError` because the other side, or the way there, failed. */
export const failed = (pattern = /./) => ofKind('failed', pattern)

function ofKind(kind: FetchError['kind'], pattern: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof FetchError)
    assert.match(error.message, pattern)
    return error.kind === kind
  }
}
