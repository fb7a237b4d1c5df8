import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { letterFileName, letterIdOf, type Letter } from '../../lib/delivery/letter.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { findLetter, messageNameOf } from '../../lib/rel-pm/message-name.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { BOB, EVE, SOURCE } from './lab.ts'

const now = () => new Date(0)
const secretsOf = (...fills: readonly [number, ...number[]]) => {
  const [first, ...others] = fills.map((fill) => new Uint8Array(32).fill(fill))
  assert.ok(first)
  const site = new URL('https://pm.alice.example.uk/')
  return createSecrets({ keys: [first, ...others], site, store: createMemoryStore({ now }), now })
}

const id = letterIdOf(SOURCE)
const letter: Letter = { id, version: 'v', url: SOURCE.href, text: 'Hello', audience: [BOB.href] }
const addressed = { letter, recipient: BOB.href, to: BOB }
const files = async (name: string) =>
  name === letterFileName(id)
    ? new TextEncoder().encode(JSON.stringify({ version: 1, letters: { [BOB.href]: letter } }))
    : undefined

describe('the name of a message', () => {
  it('finds its letter, for its recipient alone', async () => {
    const secrets = secretsOf(1)
    const name = messageNameOf(addressed, secrets)
    assert.equal((await findLetter(name, BOB, { files, secrets }))?.letter.text, 'Hello')
    assert.equal(await findLetter(name, EVE, { files, secrets }), undefined)
    assert.equal(await findLetter(`${id}.${'x'.repeat(22)}`, BOB, { files, secrets }), undefined)
  })

  it('that was given out before the secret was replaced finds it as long as that one is known', async () => {
    const name = messageNameOf(addressed, secretsOf(1))
    const found = (secrets: ReturnType<typeof secretsOf>) =>
      findLetter(name, BOB, { files, secrets })
    assert.equal((await found(secretsOf(2, 1)))?.recipient, BOB.href)
    assert.equal(await found(secretsOf(2)), undefined)
  })
})
