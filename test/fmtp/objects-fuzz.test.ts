import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Attributes } from '../support/fmtp-peer.ts'
import { createScene, letterOf, POSTS, SERVER } from '../support/fmtp-site.ts'
import { holds } from '../support/property.ts'

const scene = createScene()
scene.addPublicLetters([letterOf(POSTS.public)])
scene.addLetters({ 'bob@bob.example': letterOf(POSTS.private) })
const claims = { server: 'bob.example' }
const token = await scene.secrets.issue('fmtp-session', claims, { lifetime: 1_000_000 })

const NAMES = [
  ...['TYPE', 'SERVER', 'TO', 'NONCE', 'TIME', 'AT', 'ANSWERS', 'SESSION', 'HASH', 'KEY'],
  ...['SIGNATURE', 'ADDRESS', 'FROM', 'ID', 'DATE', 'BODY', 'ENCRYPTED', 'FORMAT', 'PARENT', 'TOP'],
  ...['SUBJECT', 'URL', 'IN-REPLY-TO', 'VIA', 'OBJECTS', 'CACHED', '__proto__', 'toJSON', 'x'],
]
const VALUES = [
  ...[
    'user',
    'server',
    'message',
    'greeting',
    'bob.example',
    'bob@bob.example',
    '1.bob@bob.example',
  ],
  ...['alice.example', 'alice@alice.example', '2026-11-21T12:00:00Z', 'nobody@nobody.example', ''],
  ...[
    '\ud800',
    '0'.repeat(43),
    'fmtp:1',
    'https://alice.example/',
    'a.b.c.d.e',
    '@',
    '.',
    'localhost',
  ],
]
const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...VALUES) },
  fc.jsonValue(),
  fc.array(fc.constantFrom(...VALUES), { maxLength: 3 }),
  fc.string(),
)
const object = fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 12 })
const path = fc.constantFrom('greeting', 'objects', 'lookup', 'relay')

/** Whatever somebody sends is an answer of its own kind: never that we broke down. */
async function assertAnswers(request: Request): Promise<void> {
  const response = await scene.alice(request)
  // 503: the key of a domain that does not exist in this world could not be asked for.
  assert.ok(response.status < 500 || response.status === 503, String(response.status))
  assert.doesNotMatch(await response.text(), /Come at eight/)
}

const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
const post = (name: string, body: string) =>
  new Request(`${SERVER}/${name}`, { method: 'POST', headers, body })

describe('createFmtpEndpoint() answers with no 5xx', () => {
  it('whatever objects are sent to it (property)', async (t) => {
    await holds(
      t,
      fc.asyncProperty(
        path,
        fc.oneof(object, fc.array(object, { maxLength: 3 })),
        async (name, sent) => {
          scene.wait(2)
          await assertAnswers(post(name, JSON.stringify(sent)))
        },
      ),
      { numRuns: 400 },
    )
  })

  it('whatever bytes are (property)', async (t) => {
    await holds(
      t,
      fc.asyncProperty(path, fc.string(), async (name, body) => {
        scene.wait(2)
        await assertAnswers(post(name, body))
      }),
      { numRuns: 100 },
    )
  })

  it('whatever is changed in what is signed, also after it was signed (property)', async (t) => {
    await holds(
      t,
      fc.asyncProperty(object, fc.boolean(), async (change, isResigned) => {
        scene.wait(2)
        const { bob } = scene
        const session = await bob.greet(SERVER, 'alice.example')
        const [user = {}, message = {}] = scene.letter()
        const changed = JSON.parse(JSON.stringify({ ...message, ...change })) as Attributes
        const sent = [user, isResigned ? bob.signed(changed) : changed]
        const response = await bob.send(SERVER, session, sent)
        assert.ok(response.status < 500 || response.status === 503)
        if (!isResigned && Object.keys(change).length === 0) assert.equal(response.status, 202)
      }),
      { numRuns: 200 },
    )
  })

  it('whatever is asked for, and nothing private is given (property)', async (t) => {
    await holds(
      t,
      fc.asyncProperty(
        fc.oneof(fc.webPath(), fc.constantFrom(...VALUES), fc.string()),
        fc.string({ unit: 'grapheme-ascii' }),
        async (name, bearer) => {
          const request = new Request(
            `${SERVER}/objects/${encodeURI(Buffer.from(name).toString())}`,
          )
          await assertAnswers(request)
          const authorization = `Bearer ${bearer.replace(/[^\x21-\x7e]/g, '')}`
          await assertAnswers(new Request(request.url, { headers: { authorization } }))
        },
      ),
      { numRuns: 200 },
    )
  })
})
