import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { withDeadline } from '../../lib/web/deadline.ts'
import { failed } from '../support/web-guard.ts'

describe('withDeadline()', () => {
  it('hands on what comes in time', async () => {
    assert.equal(await withDeadline(Promise.resolve(1), 1_000), 1)
    await assert.rejects(withDeadline(Promise.reject(new TypeError('x')), 1_000), TypeError)
  })

  it('throws a FetchError instead of waiting for ever', async () => {
    await assert.rejects(withDeadline(new Promise(() => {}), 5), failed(/longer than 0\.005 s/))
  })
})
