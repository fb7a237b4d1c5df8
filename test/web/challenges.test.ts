import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { splitChallenges } from '../../lib/web/challenges.ts'

describe('splitChallenges()', () => {
  const fields: readonly (readonly [string, readonly string[]])[] = [
    ['', []],
    [',, ,', []],
    ['IndieAuth', ['IndieAuth']],
    [
      'IndieAuth, Bearer realm="private", scope="read"',
      ['IndieAuth', 'Bearer realm="private", scope="read"'],
    ],
    [
      'Bearer realm="private" , scope = "read",IndieAuth',
      ['Bearer realm="private", scope = "read"', 'IndieAuth'],
    ],
    [
      'Digest realm="a, Basic b", qop="auth, auth-int", Basic realm="x"',
      ['Digest realm="a, Basic b", qop="auth, auth-int"', 'Basic realm="x"'],
    ],
    [
      String.raw`Basic realm="a \", b", IndieAuth`,
      [String.raw`Basic realm="a \", b"`, 'IndieAuth'],
    ],
    ['Negotiate YWJj==, Basic realm="x"', ['Negotiate YWJj==', 'Basic realm="x"']],
    ['Basic realm="never ends, IndieAuth', ['Basic realm="never ends, IndieAuth']],
  ]
  for (const [field, challenges] of fields) {
    it(`reads ${field === '' ? 'an empty field' : field}`, () => {
      assert.deepEqual(splitChallenges(field), challenges)
    })
  }
})
