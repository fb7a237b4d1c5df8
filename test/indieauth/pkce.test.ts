import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  codeChallengeOf,
  createCodeVerifier,
  isSameText,
  verifyCodeVerifier,
} from '../../lib/indieauth/pkce.ts'

/** RFC 7636 appendix B */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

describe('codeChallengeOf()', () => {
  it('is the unpadded base64url of SHA-256 (RFC 7636 appendix B)', () => {
    assert.equal(codeChallengeOf(VERIFIER), CHALLENGE)
  })
})

describe('createCodeVerifier()', () => {
  it('is 43 to 128 letters, never the same twice', () => {
    const verifiers = Array.from({ length: 100 }, createCodeVerifier)
    assert.equal(new Set(verifiers).size, 100)
    for (const verifier of verifiers) assert.match(verifier, /^[A-Za-z0-9\-._~]{43,128}$/)
  })
})

describe('verifyCodeVerifier()', () => {
  it('accepts the verifier of the challenge, and no other', () => {
    assert.equal(verifyCodeVerifier(VERIFIER, CHALLENGE), true)
    assert.equal(verifyCodeVerifier(`${VERIFIER}x`, CHALLENGE), false)
    assert.equal(verifyCodeVerifier(VERIFIER, VERIFIER), false)
    assert.equal(verifyCodeVerifier('', ''), false)
  })

  it('rejects a verifier of the wrong length or letters, even if it hashes to the challenge', () => {
    for (const [verifier, isValid] of [
      ['a'.repeat(42), false],
      ['a'.repeat(43), true],
      ['a'.repeat(128), true],
      ['a'.repeat(129), false],
      [`${'a'.repeat(43)} `, false],
    ] as const) {
      assert.equal(verifyCodeVerifier(verifier, codeChallengeOf(verifier)), isValid, verifier)
    }
  })
})

describe('isSameText()', () => {
  it('compares texts of any length', () => {
    assert.equal(isSameText('', ''), true)
    assert.equal(isSameText('xxxxxxx', 'xxxxxxx'), true)
    assert.equal(isSameText('xxxxxxx', 'xxxxxxxx'), false)
    assert.equal(isSameText('xxxxxxx', 'xxxxxxX'), false)
  })
})
