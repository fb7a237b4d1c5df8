import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAudience } from '../../lib/post/audience.ts'
import { asKnown, type KnownRecipients } from '../../lib/post/known-recipients.ts'

const read = (audience: readonly string[], known: KnownRecipients) =>
  asKnown(parseAudience('posts/dinner.md', audience, {}), known)
const ids = (audience: readonly string[], known: KnownRecipients) =>
  read(audience, known).map(({ id }) => id)

describe('asKnown()', () => {
  const BOB = 'https://bob.example/'

  it('leaves those as they are of whom nothing is known', () => {
    const audience = [BOB, 'Bob@chat.example', 'mailto:bob@bob.example', 'Bob']
    assert.deepEqual(ids(audience, {}), audience)
    assert.deepEqual(ids(audience, { 'eve@chat.example': { profile: 'https://eve.example/' } }), [
      ...audience,
    ])
  })

  it('links the profile that the options know', () => {
    const known = { 'bob@chat.example': { profile: BOB } }
    assert.equal(read(['bob@chat.example'], known)[0]?.url?.href, BOB)
    assert.equal(read(['eve@chat.example'], known)[0]?.url, undefined)
  })

  it('spells an address as the options do, so that what they say of it counts', () => {
    const known = { 'Bob@chat.example': { profile: BOB } }
    const [bob] = read(['bob@CHAT.example'], known)
    assert.deepEqual([bob?.id, bob?.name, bob?.url?.href], [...twice('Bob@chat.example'), BOB])
  })

  it('knows one person by their profile and by their address, and names them once', () => {
    const byProfile = { [BOB]: { address: 'bob@chat.example' } }
    assert.deepEqual(ids([BOB, 'BOB@chat.example'], byProfile), [BOB])
    assert.deepEqual(ids(['bob@chat.example', BOB], byProfile), ['bob@chat.example'])
    const byAddress = { 'bob@chat.example': { profile: BOB } }
    assert.deepEqual(ids([BOB, 'bob@chat.example'], byAddress), [BOB])
    assert.deepEqual(ids([BOB, 'eve@chat.example'], byAddress), [BOB, 'eve@chat.example'])
  })
})

function twice(text: string): [string, string] {
  return [text, text]
}
