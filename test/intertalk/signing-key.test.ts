import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  ALGORITHMS,
  bareKey,
  fits,
  parseSigningKey,
  type Algorithm,
} from '../../lib/intertalk/signing-key.ts'
import { KEYS, SPILT } from './vectors.ts'

const number = (bytes: number, first: number) =>
  Buffer.concat([Buffer.of(first), Buffer.alloc(bytes - 1, 1)]).toString('base64url')

describe('parseSigningKey()', () => {
  it('takes RSA keys of 2048 to 8192 bits, with an exponent as people use them', () => {
    const parse = (n: string, e = 'AQAB') => parseSigningKey({ kty: 'RSA', n, e })
    assert.ok(parse(number(256, 0x80)))
    assert.equal(parse(number(256, 0x7f)), undefined, '2047 bits')
    assert.equal(parse(number(257, 0)), undefined, 'zeros make no key longer')
    assert.ok(parse(number(1024, 0xff)))
    assert.equal(parse(number(1025, 1)), undefined, '8193 bits')
    assert.ok(parse(number(256, 0x80), number(4, 1)))
    assert.equal(parse(number(256, 0x80), number(5, 1)), undefined)
    assert.equal(parse(''), undefined)
    assert.equal(parse('AAAA'), undefined)
  })

  it('takes public keys of the kinds that we know, and nothing else', () => {
    for (const { jwk } of [KEYS.ec, KEYS.okp, KEYS.rsa, KEYS.p384]) assert.ok(parseSigningKey(jwk))
    const { jwk } = KEYS.ec
    for (const bad of [
      { ...KEYS.p384.jwk, crv: 'P-521' },
      KEYS.weak.jwk,
      SPILT.jwk,
      { kty: 'oct', k: 'AAAA' },
      { ...jwk, kty: 'oct' },
      { ...jwk, x: undefined },
      { ...jwk, x: 'not base64url!' },
      { ...jwk, kid: 1 },
      { ...jwk, d: null },
      { ...KEYS.okp.jwk, crv: 'X25519' },
      null,
      [],
      'x',
    ]) {
      assert.equal(parseSigningKey(bad), undefined, JSON.stringify(bad))
    }
  })
})

describe('fits()', () => {
  it('knows one kind of key for each algorithm', () => {
    const kinds = { ES256: KEYS.ec, ES384: KEYS.p384, EdDSA: KEYS.okp }
    const kindOf = (alg: Algorithm) =>
      Object.entries(kinds).find(([name]) => name === alg)?.[1] ?? KEYS.rsa
    for (const alg of ALGORITHMS) {
      for (const { jwk } of [KEYS.ec, KEYS.okp, KEYS.rsa, KEYS.p384]) {
        const key = parseSigningKey(jwk)
        assert.equal(key && fits(alg, key), jwk === kindOf(alg).jwk, alg)
      }
    }
  })

  it('respects what a key says of itself: alg, use, key_ops', () => {
    const { alg: _, use: __, ...bare } = KEYS.ec.jwk
    const isFor = (said: object) => {
      const key = parseSigningKey({ ...bare, ...said })
      return key && fits('ES256', key)
    }
    for (const said of [{}, { alg: 'ES256' }, { use: 'sig' }, { key_ops: ['verify', 'sign'] }]) {
      assert.equal(isFor(said), true)
    }
    for (const said of [{ alg: 'ES384' }, { use: 'enc' }, { key_ops: [] }, { key_ops: ['sign'] }]) {
      assert.equal(isFor(said), false)
    }
  })
})

describe('bareKey()', () => {
  it('leaves out whatever is no part of the key', () => {
    const key = parseSigningKey({ ...KEYS.okp.jwk, x5u: 'https://eve.example/', ext: true })
    assert.deepEqual(key && Object.keys(bareKey(key)), ['kty', 'crv', 'x'])
  })
})
