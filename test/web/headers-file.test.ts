import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { headersFor, parseHeadersFile } from '../../lib/web/headers-file.ts'

describe('headersFor()', () => {
  const rules = parseHeadersFile(`/${'*'.repeat(16)}/x\n  A: b`)

  it('takes several stars in a row for one, and so in no time', { timeout: 10_000 }, () => {
    assert.equal(headersFor(rules, `/${'/'.repeat(200)}`).size, 0)
    assert.equal(headersFor(rules, '/a/b/x').get('a'), 'b')
  })
})
