import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { readSecretKeys } from '../../lib/site/secret-keys.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'

const secret = () => randomBytes(32).toString('base64url')

describe('readSecretKeys()', () => {
  it('reads the key, and the previous one behind it', () => {
    const [current, previous] = [secret(), secret()]
    assert.equal(readSecretKeys({ PRIVATE_POSTS_SECRET: current }).length, 1)
    const keys = readSecretKeys({
      PRIVATE_POSTS_SECRET: current,
      PRIVATE_POSTS_SECRET_PREVIOUS: previous,
    })
    assert.equal(readSecretKeys({ PRIVATE_POSTS_SECRET: `${current}\n` }).length, 1)
    assert.deepEqual(
      keys.map((key) => Buffer.from(key).toString('base64url')),
      [current, previous],
    )
  })

  for (const [what, variables, name] of [
    ['nothing', {}, 'PRIVATE_POSTS_SECRET is missing'],
    ['an empty one', { PRIVATE_POSTS_SECRET: '' }, 'PRIVATE_POSTS_SECRET is missing'],
    [
      'only the previous one',
      { PRIVATE_POSTS_SECRET_PREVIOUS: secret() },
      'PRIVATE_POSTS_SECRET is missing',
    ],
    ['31 bytes', { PRIVATE_POSTS_SECRET: secret().slice(0, 41) }, 'PRIVATE_POSTS_SECRET is too'],
    [
      'a weak previous one',
      { PRIVATE_POSTS_SECRET: secret(), PRIVATE_POSTS_SECRET_PREVIOUS: 'changeme' },
      'PRIVATE_POSTS_SECRET_PREVIOUS is too',
    ],
  ] as const) {
    it(`refuses ${what}, names the variable and not its value`, () => {
      assert.throws(
        () => readSecretKeys(variables),
        (error) =>
          error instanceof ConfigurationError &&
          error.message.startsWith(name) &&
          Object.values(variables).every((value) => value === '' || !error.message.includes(value)),
      )
    })
  }
})
