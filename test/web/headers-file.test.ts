import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { headersFor, parseHeadersFile } from '../../lib/web/headers-file.ts'

describe('headersFor()', () => {
  const rules = parseHeadersFile(`/${'*'.repeat(16)}/x\n  A: b`)

  it('takes several stars in a row for one, and so in no time', { timeout: 10_000 }, () => {
    assert.equal(headersFor(rules, `/${'/'.repeat(200)}`).size, 0)
    assert.equal(headersFor(rules, '/a/b/x').get('a'), 'b')
  })

  it('compares the paths of rules and requests however either is encoded', () => {
    const files = parseHeadersFile('/geheim%C3%A9/*\n  A: b\n/offen/ü/*\n  C: d')
    for (const path of ['/geheimé/x', '/geheim%c3%a9/x', '/%67eheim%C3%A9/x']) {
      assert.equal(headersFor(files, path).get('a'), 'b', path)
    }
    assert.equal(headersFor(files, '/offen/%c3%bc/x').get('c'), 'd')
    assert.equal(headersFor(files, '/geheime/x').size, 0)
  })
})
