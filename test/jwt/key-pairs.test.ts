import assert from 'node:assert/strict'
import { sign, verify } from 'node:crypto'
import { describe, it } from 'node:test'
import { compactDecrypt } from 'jose/jwe/compact/decrypt'
import { CompactEncrypt } from 'jose/jwe/compact/encrypt'
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint'
import { SignJWT } from 'jose/jwt/sign'
import { jwtVerify } from 'jose/jwt/verify'
import { deriveKeyPairs } from '../../lib/jwt/key-pairs.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'

const now = () => new Date(0)
const key = (fill: number) => new Uint8Array(32).fill(fill)
const secretsOf = (first: Uint8Array, ...others: Uint8Array[]) =>
  createSecrets({
    keys: [first, ...others],
    site: new URL('https://alice.example/'),
    store: createMemoryStore({ now }),
    now,
  })

describe('deriveKeyPairs()', () => {
  for (const type of ['ES256', 'Ed25519', 'X25519'] as const) {
    it(`gives the same ${type} pair for the same secret, another for each purpose and secret`, async () => {
      const kid = async (fill: number, purpose: string) =>
        (await deriveKeyPairs(secretsOf(key(fill)), purpose, type))[0].kid
      assert.equal(await kid(1, 'intertalk'), await kid(1, 'intertalk'))
      assert.notEqual(await kid(1, 'intertalk'), await kid(2, 'intertalk'))
      assert.notEqual(await kid(1, 'intertalk'), await kid(1, 'fmtp'))
    })

    it(`names an ${type} key by its thumbprint and publishes no private half`, async () => {
      const [{ kid, publicJwk }] = await deriveKeyPairs(secretsOf(key(1)), 'intertalk', type)
      assert.equal(kid, await calculateJwkThumbprint(publicJwk))
      assert.equal(publicJwk.kid, kid)
      assert.ok(!('d' in publicJwk))
    })

    it(`keeps the ${type} pair of the previous secret behind the current one`, async () => {
      const pairs = await deriveKeyPairs(secretsOf(key(2), key(1)), 'intertalk', type)
      const [before] = await deriveKeyPairs(secretsOf(key(1)), 'intertalk', type)
      assert.equal(pairs.length, 2)
      assert.equal(pairs[1]?.kid, before.kid)
      assert.notEqual(pairs[0].kid, before.kid)
    })
  }

  it('gives pairs that sign: ES256 and EdDSA', async () => {
    for (const [type, alg] of [
      ['ES256', 'ES256'],
      ['Ed25519', 'EdDSA'],
    ] as const) {
      const [pair, other] = await deriveKeyPairs(secretsOf(key(1), key(2)), 'x', type)
      const jwt = await new SignJWT({ a: 1 }).setProtectedHeader({ alg }).sign(pair.privateKey)
      assert.equal((await jwtVerify(jwt, pair.publicKey)).payload['a'], 1)
      assert.ok(other)
      await assert.rejects(jwtVerify(jwt, other.publicKey))
    }
    const [{ privateKey, publicKey }] = await deriveKeyPairs(secretsOf(key(1)), 'x', 'Ed25519')
    const bytes = new TextEncoder().encode('hello')
    assert.ok(verify(null, bytes, publicKey, sign(null, bytes, privateKey)))
  })

  it('gives pairs that encrypt: X25519', async () => {
    const [pair, other] = await deriveKeyPairs(secretsOf(key(1), key(2)), 'x', 'X25519')
    const jwe = await new CompactEncrypt(new TextEncoder().encode('hello'))
      .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM' })
      .encrypt(pair.publicKey)
    const { plaintext } = await compactDecrypt(jwe, pair.privateKey)
    assert.equal(new TextDecoder().decode(plaintext), 'hello')
    assert.ok(other)
    await assert.rejects(compactDecrypt(jwe, other.privateKey))
  })

  it('goes on to the next number where a seed is no key of P-256', async () => {
    const seeds = (): [Uint8Array] => [key(255)]
    const [{ publicKey, privateKey }] = await deriveKeyPairs({ seeds }, 'x', 'ES256')
    const bytes = new TextEncoder().encode('hello')
    assert.ok(verify('sha256', bytes, publicKey, sign('sha256', bytes, privateKey)))
  })
})
