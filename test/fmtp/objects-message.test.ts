import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { describe, it } from 'node:test'
import { CompactEncrypt } from 'jose/jwe/compact/encrypt'
import type { Letter } from '../../lib/delivery/letter.ts'
import {
  decrypt,
  encryptFor,
  ownEncryptMethod,
  requiresEncryption,
} from '../../lib/fmtp/encryption.ts'
import { buildMessageObject } from '../../lib/fmtp/message-object.ts'
import { MAX_OBJECT_BYTES, parseObject, type UserObject } from '../../lib/fmtp/object.ts'
import { createSigner, signObject } from '../../lib/fmtp/signature.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { createFmtpPeer } from '../support/fmtp-peer.ts'
import { letterOf, POSTS } from '../support/fmtp-site.ts'

const now = () => new Date('2026-11-21T12:00:00Z')
const ALICE = { local: 'alice', domain: 'alice.example' }
const BOB = { local: 'bob', domain: 'bob.example' }
const site = new URL('https://alice.example/')
const secretsOf = (...bytes: [number, ...number[]]) => {
  const [first = new Uint8Array(32), ...others] = bytes.map((byte) => new Uint8Array(32).fill(byte))
  return createSecrets({ keys: [first, ...others], site, store: createMemoryStore({ now }), now })
}
const secrets = secretsOf(7)
const build = (more: Partial<Letter> = {}, top?: string) =>
  buildMessageObject(letterOf(POSTS.private, more), {
    ...{ from: ALICE, to: [BOB], now },
    ...(top !== undefined && { top }),
  })

describe('buildMessageObject()', () => {
  it('names a post by its letter and its author: whoever has its URL can name it, too', () => {
    assert.deepEqual(build({ html: '<p>Come at eight.</p>' }), {
      TYPE: 'message',
      ID: `${letterOf(POSTS.private).id}.alice@alice.example`,
      FROM: 'alice@alice.example',
      TO: ['bob@bob.example'],
      DATE: '2026-11-20T10:00:00.000Z',
      SUBJECT: 'Dinner',
      URL: POSTS.private,
      FORMAT: ['text/plain', 'text/html'],
      BODY: { text: 'Come at eight.', html: '<p>Come at eight.</p>' },
    })
  })

  for (const [name, inReplyTo, expected] of [
    [
      'a page of the recipient',
      'https://bob.example/1',
      `${letterOf('https://bob.example/1').id}.bob@bob.example`,
    ],
    ['a message in our inbox', 'fmtp:1.bob@bob.example', '1.bob@bob.example'],
    ['a page of somebody else', 'https://eve.example/1', undefined],
    ['a message of another protocol', 'intertalk:bob@bob.example/1', undefined],
    ['what is no ID', 'fmtp:1', undefined],
  ] as const) {
    it(`has the PARENT that belongs to an answer to ${name}`, () => {
      const message = build({ inReplyTo })
      assert.equal(message.PARENT, expected)
      assert.equal(message.TOP, expected)
      const isUrl = inReplyTo.startsWith('https:')
      assert.equal(message['IN-REPLY-TO'], isUrl ? inReplyTo : undefined)
    })
  }

  it('has the TOP that is known', () => {
    const message = build({ inReplyTo: 'fmtp:2.bob@bob.example' }, '1.bob@bob.example')
    assert.equal(message.TOP, '1.bob@bob.example')
  })

  it('has the date that the post says, and otherwise none: the same post is the same message', () => {
    assert.equal(build({ published: '2026-11-20T23:00:00+01:00' }).DATE, '2026-11-20T22:00:00.000Z')
    assert.equal(build({ published: '2026-11-21T12:00:00Z' }).DATE, '2026-11-21T12:00:00.000Z')
    for (const published of ['2026-12-24T00:00:00Z', 'someday', '']) {
      assert.ok(!('DATE' in build({ published })), published)
    }
  })

  it('fits, whatever its letter says, and is an object', async () => {
    const signer = await createSigner(secrets, 'alice.example')
    const user = userOf('required', await ownEncryptMethod(secrets))
    for (const letter of [
      {
        text: '鳥'.repeat(200_000),
        html: `<p>${'"'.repeat(96_000)}</p>`,
        title: '鳥'.repeat(2_000),
      },
      { text: 'short', html: '鳥'.repeat(200_000) },
      { text: 'half a pair \ud83d', title: '\udc26', html: '\ud83d' },
    ]) {
      const outcome = await encryptFor(user, build(letter))
      assert.ok(outcome.done)
      for (const message of [outcome.message, build(letter)]) {
        const signed = JSON.stringify(signObject(message, signer))
        assert.equal(Buffer.byteLength(signed) <= MAX_OBJECT_BYTES, true)
        assert.notEqual(parseObject(JSON.parse(signed)), undefined)
      }
    }
    assert.equal(
      build({ html: '鳥'.repeat(200_000) })
        .BODY?.valueOf()
        .hasOwnProperty('html'),
      false,
    )
  })
})

function userOf(policy: string | undefined, method?: string): UserObject {
  return {
    ...{ TYPE: 'user', ADDRESS: 'bob@bob.example' },
    ...(policy !== undefined && { 'ENCRYPT-POLICY': policy }),
    ...(method !== undefined && { 'ENCRYPT-METHOD': method }),
  }
}

describe('encryptFor()', () => {
  const peer = createFmtpPeer({
    ...{ domain: 'bob.example', now, keysOf: async () => [] },
    fetch: async () => new Response(),
  })
  const method = peer.encryptMethod

  for (const [policy, name, expected] of [
    ['required', method, 'encrypted'],
    ['Required', method, 'encrypted'],
    ['optional', method, 'encrypted'],
    ['none', method, 'plain'],
    [undefined, method, 'plain'],
    ['optional', undefined, 'plain'],
    ['optional', 'RSA mypublicencryptionkey', 'plain'],
    ['required', undefined, 'refused'],
    ['required', 'RSA mypublicencryptionkey', 'refused'],
    ['required', 'ECDH-ES+A256KW', 'refused'],
    ['required', `ECDH-ES+A256KW ${encode('{')}`, 'refused'],
    ['required', `ECDH-ES+A256KW ${encode('{"kty":"OKP","crv":"Ed25519","x":"x"}')}`, 'refused'],
    ['required', `ECDH-ES+A256KW ${encode(weak())}`, 'refused'],
  ] as const) {
    it(`is ${expected} for the policy ${policy} and the method ${name?.slice(0, 30)}`, async () => {
      const outcome = await encryptFor(userOf(policy, name), build())
      if (!outcome.done) return assert.equal(expected, 'refused')
      assert.equal(outcome.message.ENCRYPTED === undefined ? 'plain' : 'encrypted', expected)
      assert.deepEqual(outcome.message.ENCRYPTED === undefined, outcome.message.BODY !== undefined)
    })
  }

  it('leaves outside what the way needs, and nothing of what is said', async () => {
    const outcome = await encryptFor(
      userOf('required', method),
      build({ inReplyTo: 'https://bob.example/1' }),
    )
    assert.ok(outcome.done)
    assert.deepEqual(Object.keys(outcome.message).sort(), [
      'DATE',
      'ENCRYPTED',
      'FROM',
      'ID',
      'PARENT',
      'TO',
      'TOP',
      'TYPE',
    ])
  })

  it('can be read by another implementation, and by nobody else', async () => {
    const outcome = await encryptFor(userOf('required', method), build())
    assert.ok(outcome.done)
    const content = peer.read(outcome.message.ENCRYPTED ?? '')
    assert.deepEqual(content, {
      ...{ SUBJECT: 'Dinner', URL: POSTS.private, FORMAT: ['text/plain'] },
      BODY: { text: 'Come at eight.' },
    })
    assert.equal(await decrypt(outcome.message, secrets), undefined)
  })

  it('can still be read after the secret was replaced', async () => {
    const outcome = await encryptFor(userOf('required', await ownEncryptMethod(secrets)), build())
    assert.ok(outcome.done)
    assert.deepEqual((await decrypt(outcome.message, secretsOf(8, 7)))?.SUBJECT, 'Dinner')
    assert.equal(await decrypt(outcome.message, secretsOf(8)), undefined)
  })

  for (const [header, isRead] of [
    [{ alg: 'ECDH-ES+A256KW', enc: 'A256GCM' }, true],
    [{ alg: 'ECDH-ES+A256KW', enc: 'A128CBC-HS256' }, true],
    [{ alg: 'ECDH-ES', enc: 'A256GCM' }, false],
    [{ alg: 'ECDH-ES+A128KW', enc: 'A256GCM' }, false],
    // A kilobyte that becomes a gigabyte.
    [{ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', zip: 'DEF' }, false],
  ] as const) {
    it(`${isRead ? 'reads' : 'does not read'} ${Object.values(header).join(', ')}`, async () => {
      const [, encoded = ''] = (await ownEncryptMethod(secrets)).split(' ')
      const key = createPublicKey({
        key: JSON.parse(Buffer.from(encoded, 'base64url').toString()),
        format: 'jwk',
      })
      const ENCRYPTED = await new CompactEncrypt(Buffer.from('{"BODY":"Psst"}'))
        .setProtectedHeader(header)
        .encrypt(key)
      const content = await decrypt({ ID: '1.bob@bob.example', ENCRYPTED }, secrets)
      assert.equal(content?.BODY, isRead ? 'Psst' : undefined)
    })
  }

  it('tells who requires it', () => {
    assert.ok(requiresEncryption(userOf('Required')))
    assert.equal(requiresEncryption(userOf('optional')), false)
  })
})

function encode(text: string): string {
  return Buffer.from(text).toString('base64url')
}

/** A key with which every secret would be the same: RFC 7748 §6.1. */
function weak(): string {
  return JSON.stringify({ kty: 'OKP', crv: 'X25519', x: Buffer.alloc(32).toString('base64url') })
}
