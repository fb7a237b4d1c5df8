import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { keyIdOf, parseKeyRecord } from '../../lib/fmtp/key-record.ts'
import {
  domainOf,
  hashOf,
  parseObject,
  parseObjectId,
  type MessageObject,
  type UserObject,
} from '../../lib/fmtp/object.ts'
import {
  createSigner,
  ownKeyRecords,
  signObject,
  verifyObject,
  type Signer,
} from '../../lib/fmtp/signature.ts'
import { parseJson } from '../../lib/web/json-body.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { canonical, hashOf as peersHashOf, isSignedBy, signWith } from '../support/fmtp-peer.ts'

const now = () => new Date('2026-11-21T12:00:00Z')
const secretsOf = (...bytes: [number, ...number[]]) => {
  const [first, ...others] = bytes.map((byte) => new Uint8Array(32).fill(byte))
  if (!first) throw new TypeError('no key')
  const site = new URL('https://bob.example/')
  return createSecrets({ keys: [first, ...others], site, store: createMemoryStore({ now }), now })
}
const secrets = secretsOf(1)
const signer = await createSigner(secrets, 'bob.example')
const records = await ownKeyRecords(secrets)
const keys = records.flatMap((record) => parseKeyRecord(record) ?? [])

const USER: UserObject = {
  TYPE: 'user',
  ADDRESS: 'bob@bob.example',
  'GIVEN-NAME': 'Bob',
  FORMAT: ['text/plain'],
}
const MESSAGE: MessageObject = {
  TYPE: 'message',
  ID: '1.bob@bob.example',
  FROM: 'bob@bob.example',
  TO: ['alice@alice.example'],
  DATE: '2026-11-21T12:00:00Z',
  BODY: { text: 'Ahoj, ťuhýk 🐦', html: '<p>Ahoj</p>' },
  // What nobody has heard of is signed all the same.
  'X-PINS': [1, 2.5, -0, 1e21, { b: null, a: true }],
}

describe('parseObject()', () => {
  for (const [name, object] of [
    ['a user', USER],
    ['a message', MESSAGE],
    ['a server', { TYPE: 'server', SERVER: 'bob.example' }],
    ['lists as the document has them', { ...MESSAGE, TO: 'a@a.example b@b.example' }],
    ['a policy in any case', { ...USER, 'ENCRYPT-POLICY': 'Required' }],
    [
      '64 attributes',
      { ...USER, ...Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`A${at}`, 1])) },
    ],
    ['a body without formatting', { ...MESSAGE, BODY: 'Ahoj' }],
  ] as const) {
    it(`takes ${name}, as it is`, () => assert.deepEqual(parseObject(object), object))
  }

  for (const [name, value] of [
    ['no object', [USER]],
    ['null', null],
    ['text', 'user'],
    ['another type', { ...USER, TYPE: 'blog' }],
    ['no type', { ADDRESS: 'bob@bob.example' }],
    ['an attribute in small letters', { ...USER, Given: 'x' }],
    ['__proto__', JSON.parse('{"TYPE":"user","ADDRESS":"bob@bob.example","__proto__":{"X":1}}')],
    ['constructor', { ...USER, constructor: 1 }],
    ['toJSON', { ...USER, toJSON: 'x' }],
    ['an address that is none', { ...USER, ADDRESS: 'bob' }],
    ['a policy that is none', { ...USER, 'ENCRYPT-POLICY': 'sometimes' }],
    ['an ID without a nonce', { ...MESSAGE, ID: 'bob@bob.example' }],
    ['an ID without an address', { ...MESSAGE, ID: '1.bob' }],
    ['an ID with an end of line', { ...MESSAGE, ID: `${MESSAGE.ID}\n` }],
    ['an address after a space', { ...USER, ADDRESS: ` ${USER.ADDRESS}` }],
    ['a date that is none', { ...MESSAGE, DATE: 'yesterday' }],
    ['51 recipients', { ...MESSAGE, TO: Array(51).fill('a@a.example') }],
    [
      '65 attributes',
      { ...USER, ...Object.fromEntries(Array.from({ length: 61 }, (_, at) => [`A${at}`, 1])) },
    ],
    ['a domain in capitals', { TYPE: 'server', SERVER: 'Bob.Example' }],
    ['a domain that is an address of the network', { TYPE: 'server', SERVER: '127.0.0.1' }],
  ] as const) {
    it(`refuses ${name}`, () => assert.equal(parseObject(value), undefined))
  }

  it('knows an ID by its first dot: names may have more', () => {
    assert.deepEqual(parseObjectId('12-a_B.bob.builder@bob.example'), {
      nonce: '12-a_B',
      address: { local: 'bob.builder', domain: 'bob.example' },
    })
  })
})

describe('hashOf()', () => {
  it('is that of another implementation of RFC 8785', () => {
    for (const object of [USER, MESSAGE]) {
      const wire = JSON.parse(JSON.stringify(object))
      assert.equal(hashOf(object), peersHashOf(wire))
    }
  })

  it('is that of a form with sorted names, and no spaces', () => {
    assert.equal(
      canonical({ b: [1, { d: 2, c: 'ž' }], a: null }),
      '{"a":null,"b":[1,{"c":"ž","d":2}]}',
    )
  })

  for (const [name, value] of [
    ['half a surrogate pair', '\ud800'],
    ['a number beyond all numbers', Number.parseFloat('1e999')],
  ] as const) {
    it(`does not exist with ${name}`, () => {
      assert.equal(hashOf({ ...USER, X: value }), undefined)
      assert.notEqual(hashOf({ ...USER, X: 1 }), undefined)
    })
  }
})

describe('signObject() and verifyObject()', () => {
  it('sign for the domain of the object, so that another implementation can verify it', () => {
    const signed = signObject(MESSAGE, signer)
    assert.deepEqual(verifyObject(signed, keys), { verified: true, domain: 'bob.example' })
    assert.equal(isSignedBy(JSON.parse(JSON.stringify(signed)), records), true)
    assert.equal(signed.KEY, keys[0]?.id)
  })

  it('verify what another implementation has signed', () => {
    const signed = signWith(JSON.parse(JSON.stringify(MESSAGE)), signer.privateKey)
    const parsed = parseObject(signed)
    assert.equal(parsed && verifyObject(parsed, keys).verified, true)
  })

  it('verify what was signed before an object went through JSON, whatever the order of its names', () => {
    const signed = signObject(USER, signer)
    const shuffled = Object.fromEntries(Object.entries(signed).reverse())
    const parsed = parseObject(JSON.parse(JSON.stringify(shuffled)))
    assert.equal(parsed && verifyObject(parsed, keys).verified, true)
  })

  const signed = signObject(MESSAGE, signer)
  const other = generateKeyPairSync('ed25519')
  const stranger: Signer = { ...signer, privateKey: other.privateKey }
  const forgedHash = { ...signed, BODY: { text: 'changed' } }
  for (const [name, object, reason] of [
    ['without a signature', MESSAGE, 'unsigned'],
    ['without HASH', { ...signed, HASH: undefined }, 'unsigned'],
    ['that was changed', forgedHash, 'hash'],
    ['whose TO was changed', { ...signed, TO: ['eve@eve.example'] }, 'hash'],
    ['with one attribute more', { ...signed, PUBLIC: true }, 'hash'],
    [
      'that was changed together with its HASH',
      { ...forgedHash, HASH: hashOf(forgedHash) },
      'signature',
    ],
    ['signed with another key', signObject(MESSAGE, stranger), 'signature'],
    [
      'signed with another key, of which it says to be ours',
      { ...signObject(MESSAGE, stranger), KEY: signer.keyId },
      'signature',
    ],
    ['with an empty signature', { ...signed, SIGNATURE: '' }, 'signature'],
    [
      'with the signature of another object',
      { ...signed, SIGNATURE: signObject(USER, signer).SIGNATURE },
      'signature',
    ],
  ] as const) {
    it(`refuse an object ${name}`, () => {
      const parsed = parseObject(JSON.parse(JSON.stringify(object)))
      assert.deepEqual(parsed && verifyObject(parsed, keys), { verified: false, reason })
      assert.equal(verifyObject(signed, keys).verified, true)
    })
  }

  it('take KEY for a hint: each key of the domain will do', async () => {
    const [old, ...both] = [secretsOf(2), secretsOf(1, 2)].map(async (one) =>
      (await ownKeyRecords(one)).flatMap((record) => parseKeyRecord(record) ?? []),
    )
    const rotated = (await both[0]) ?? []
    assert.equal(rotated.length, 2)
    const before = signObject(MESSAGE, await createSigner(secretsOf(2), 'bob.example'))
    assert.equal(verifyObject(before, rotated).verified, true)
    assert.equal(verifyObject({ ...before, KEY: 'whatever' }, rotated).verified, true)
    assert.equal(verifyObject(signed, (await old) ?? []).verified, false)
    assert.equal(verifyObject(signed, []).verified, false)
  })

  it('do not let a greeting be taken for a message, or one domain for another', () => {
    const { HASH, KEY, SIGNATURE } = signed
    const renamed = { ...USER, HASH, KEY, SIGNATURE }
    assert.equal(verifyObject(renamed, keys).verified, false)
    assert.equal(
      domainOf(parseObject({ ...MESSAGE, FROM: 'Bob@BOB.example' }) ?? USER),
      'bob.example',
    )
    assert.throws(() => signObject({ ...USER, ADDRESS: 'eve@eve.example' }, signer), TypeError)
  })
})

describe('parseKeyRecord()', () => {
  const [record = ''] = records
  const p = keys[0]?.p ?? ''

  it('reads what we publish', () => {
    assert.match(record, /^v=FMTP1; k=ed25519; p=[A-Za-z0-9+/]{43}=$/)
    const key = parseKeyRecord(record)
    assert.ok(key && key.id === keyIdOf(key.publicKey))
  })

  for (const [name, text] of [
    ['without spaces', `v=FMTP1;k=ed25519;p=${p}`],
    ['with more of them', ` v = FMTP1 ;  k=ed25519 ; p= ${p} ; `],
    ['without the kind of key, of which there is one', `v=FMTP1; p=${p}`],
    ['with a tag that we do not know', `v=FMTP1; k=ed25519; n=hello; p=${p}`],
  ] as const) {
    it(`reads one ${name}`, () => assert.equal(parseKeyRecord(text)?.p, p))
  }

  for (const [name, text] of [
    ['of something else', 'v=spf1 -all'],
    ['of another version', `v=FMTP2; k=ed25519; p=${p}`],
    ['of another kind of key', `v=FMTP1; k=rsa; p=${p}`],
    ['without a key', 'v=FMTP1; k=ed25519; p='],
    ['with 31 bytes', `v=FMTP1; k=ed25519; p=${Buffer.alloc(31).toString('base64')}`],
    ['with 33 bytes', `v=FMTP1; k=ed25519; p=${Buffer.alloc(33).toString('base64')}`],
    ['with a key that is no base64', `v=FMTP1; k=ed25519; p=${'!'.repeat(44)}`],
    ['with two keys in one', `v=FMTP1; k=ed25519; p=${p}; p=${p}`],
    ['of a thousand bytes', `v=FMTP1; k=ed25519; p=${p}; n=${'x'.repeat(1000)}`],
    ['that is no list of tags', `v=FMTP1; hello; p=${p}`],
  ] as const) {
    it(`ignores one ${name}`, () => assert.equal(parseKeyRecord(text), undefined))
  }
})

describe('parseJson()', () => {
  it('reads what is nested 32 deep, and nothing deeper, however deep', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    assert.notEqual(parseJson(nested(32)), undefined)
    assert.equal(parseJson(nested(33)), undefined)
    assert.equal(parseJson(nested(100_000)), undefined)
    assert.equal(parseJson('{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000)), undefined)
  })

  it('tells null from nothing', () => {
    assert.deepEqual(parseJson('null'), { value: null })
    assert.equal(parseJson(''), undefined)
  })
})
