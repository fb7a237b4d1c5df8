import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { describe, it } from 'node:test'
import { decodeProtectedHeader } from 'jose/decode/protected_header'
import { decodeJwt } from 'jose/jwt/decode'
import { providerKeys } from '../../lib/intertalk/keys.ts'
import { buildProviderToken } from '../../lib/intertalk/provider-token.ts'
import { createNeighbours } from './bob.ts'
import { BAD, BODY, claims, GOOD, KEYS, MESSAGE, NOW, tokenOf } from './vectors.ts'

describe('a token of another provider', () => {
  it('has vectors', () => {
    assert.ok(GOOD.length >= 12 && BAD.length >= 45)
  })

  for (const { name, token } of GOOD) {
    it(`is taken: ${name}`, async () => {
      const { post, alice } = createNeighbours()
      const response = await post(token())
      assert.equal(response.status, 201, await response.text())
      assert.equal(alice.inbox.size, 1)
    })
  }

  for (const { name, token, status } of BAD) {
    it(`is refused with ${status}: ${name}`, async () => {
      const { post, alice, log } = createNeighbours()
      const response = await post(token())
      assert.equal(response.status, status, await response.text())
      const challenge = status === 401 ? 'Bearer error="invalid_token"' : null
      assert.equal(response.headers.get('www-authenticate'), challenge)
      assert.equal(alice.inbox.size, 0)
      for (const request of log) assert.match(request, /^GET https:\/\/bob\.example\/keys(\/|$)/)
    })
  }

  it('is told what is wrong with it', async () => {
    const { post } = createNeighbours()
    for (const [token, words] of [
      ['a.b', /its header cannot be read/],
      [tokenOf({ header: { alg: 'HS256' } }), /alg\W+in its header has to be one of ES256, /],
      [tokenOf({ header: { kid: 7 } }), /kid\W+in its header is missing, or not of a kind/],
      [
        tokenOf({ payload: { exp: '1800000000' } }),
        /exp\W+in its claims is missing, or not of a kind/,
      ],
    ] as const) {
      assert.match(await (await post(token)).text(), words)
    }
  })

  it('is refused where there is none', async () => {
    const { post } = createNeighbours()
    const response = await post(undefined)
    assert.equal(response.status, 401)
    assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer/)
  })

  it('does not make us ask anybody unless it says the right things', async () => {
    const isSeen =
      /^(alg|HS256|an algorithm|a crit|b64|expired|an exp|from the future|another body)/
    const seen = BAD.filter(({ name, status }) => status === 403 || isSeen.test(name))
    assert.ok(seen.length > 15)
    for (const { name, token } of seen) {
      const { post, log } = createNeighbours()
      await post(token())
      assert.deepEqual(log, [], name)
    }
  })

  it('is good once, also where many bring it at the same time', async () => {
    const { post, alice } = createNeighbours()
    const token = tokenOf()
    const responses = await Promise.all(Array.from({ length: 5 }, () => post(token)))
    assert.deepEqual(responses.map(({ status }) => status).sort(), [201, 401, 401, 401, 401])
    assert.equal(alice.inbox.size, 1)
  })

  it('is known by its jti: another one with the same is a replay', async () => {
    const { post } = createNeighbours()
    assert.equal((await post(tokenOf({ payload: { jti: 'x' } }))).status, 201)
    assert.equal((await post(tokenOf({ payload: { jti: 'x', exp: claims()['exp'] } }))).status, 401)
    assert.equal((await post(tokenOf({ payload: { jti: 'y' } }))).status, 201)
  })

  it('without a jti is known by what was signed, however its signature is spelt', async () => {
    const { post } = createNeighbours()
    const token = tokenOf({ payload: { jti: undefined } })
    assert.equal((await post(token)).status, 201)
    assert.equal((await post(token)).status, 401)
    assert.equal((await post(otherSignature(token))).status, 401)
    const { post: elsewhere } = createNeighbours()
    assert.equal((await elsewhere(otherSignature(token))).status, 201, 'it is a signature')
  })

  it('without a jti may bring several messages, each of them once', async () => {
    const { post, alice } = createNeighbours()
    const token = tokenOf({ payload: { jti: undefined, sha256: undefined } })
    const bodies = ['one', 'two', 'three'].map((message) =>
      Buffer.from(JSON.stringify({ ...MESSAGE, message })),
    )
    for (const body of bodies) assert.equal((await post(token, { body })).status, 201)
    for (const body of bodies) assert.equal((await post(token, { body })).status, 401)
    assert.deepEqual([...alice.inbox.values()].map(({ text }) => text).sort(), [
      ...['one', 'three', 'two'],
    ])
  })

  it('with a jti brings one message', async () => {
    const { post } = createNeighbours()
    const token = tokenOf({ payload: { jti: 'x', sha256: undefined } })
    const other = Buffer.from(JSON.stringify({ ...MESSAGE, message: 'another' }))
    assert.equal((await post(token)).status, 201)
    assert.equal((await post(token, { body: other })).status, 401)
  })

  it('without exp is good for as long as its replay is remembered', async () => {
    let days = 0
    const now = () => new Date(NOW.getTime() + days * 24 * 60 * 60 * 1000)
    const { post } = createNeighbours({ now })
    const endless = { exp: undefined, iat: undefined, jti: undefined, sha256: undefined }
    const token = tokenOf({ payload: endless })
    const sent = (message: string, sentAt: string) =>
      Buffer.from(JSON.stringify({ ...MESSAGE, message, sentAt }))
    const early = sent('early', NOW.toISOString())
    assert.equal((await post(token, { body: early })).status, 201)
    for (days of [1, 29, 31, 400]) assert.equal((await post(token, { body: early })).status, 401)
    const late = sent('late', now().toISOString())
    assert.equal((await post(token, { body: late })).status, 201, 'a message of today')
  })

  it('without exp is remembered for as long as a message that is dated ahead of us is recent', async () => {
    let seconds = 0
    const now = () => new Date(NOW.getTime() + seconds * 1000)
    const { post } = createNeighbours({ now })
    const endless = { exp: undefined, iat: undefined, jti: undefined, sha256: undefined }
    const token = tokenOf({ payload: endless })
    const inFiveMinutes = new Date(NOW.getTime() + 300_000).toISOString()
    const inTheEast = new Date(NOW.getTime() + 14 * 60 * 60 * 1000).toISOString().slice(0, 19)
    for (const sentAt of [inFiveMinutes, inTheEast]) {
      const body = Buffer.from(JSON.stringify({ ...MESSAGE, sentAt }))
      seconds = 0
      assert.equal((await post(token, { body })).status, 201, sentAt)
      for (const minutes of [3, 4, 60, 13 * 60, 15 * 60]) {
        seconds = 30 * 24 * 60 * 60 + minutes * 60
        assert.equal((await post(token, { body })).status, 401, `${sentAt} after ${minutes}`)
      }
    }
  })

  it('without exp brings an old message only where it is fresh itself', async () => {
    const { post } = createNeighbours()
    const body = Buffer.from(JSON.stringify({ ...MESSAGE, sentAt: '2020-01-01T00:00:00Z' }))
    const at = (iat: number | undefined) =>
      tokenOf({ payload: { exp: undefined, iat, sha256: undefined } })
    const time = NOW.getTime() / 1000
    assert.equal((await post(at(undefined), { body })).status, 401)
    assert.equal((await post(at(time - 601), { body })).status, 401)
    assert.equal((await post(at(time - 600), { body })).status, 201)
  })

  it('may be replayed no later than it may be used', async () => {
    let seconds = 0
    const now = () => new Date(NOW.getTime() + seconds * 1000)
    const { post } = createNeighbours({ now })
    const token = tokenOf()
    assert.equal((await post(token)).status, 201)
    for (seconds of [299, 359, 360, 500]) assert.equal((await post(token)).status, 401)
  })

  it('that was refused for another reason is not used up', async () => {
    const { post, published } = createNeighbours()
    const jwk = published.get('ec') ?? {}
    published.delete('ec')
    const token = tokenOf()
    assert.equal((await post(token)).status, 401)
    published.set('ec', jwk)
    assert.equal((await post(token)).status, 201)
  })
})

describe('buildProviderToken()', () => {
  it('names the receiving provider, the sender and the body, and lives for five minutes', async () => {
    const { alice } = createNeighbours()
    const keys = await providerKeys(alice.secrets())
    const from = 'alice@alice.example'
    const options = { keys, now: () => NOW }
    const token = await buildProviderToken({ from, domain: 'bob.example', body: BODY }, options)
    assert.deepEqual(decodeProtectedHeader(token), { alg: 'ES256', typ: 'JWT', kid: keys[0].kid })
    const { jti, ...rest } = decodeJwt(token)
    const { iat, exp, sha256 } = claims()
    const expected = { aud: 'bob.example', iss: 'alice.example', sub: from, iat, exp, sha256 }
    assert.deepEqual(rest, expected)
    assert.match(String(jti), /^[\w-]{22}$/)
    const other = await buildProviderToken({ from, domain: 'bob.example', body: BODY }, options)
    assert.notEqual(decodeJwt(other).jti, jti)
  })
})

describe('the vectors', () => {
  it('are made with keys that are what they are said to be', () => {
    const bits = (jwk: object) =>
      createPublicKey({ key: { ...jwk }, format: 'jwk' }).asymmetricKeyDetails?.modulusLength
    assert.equal(bits(KEYS.weak.jwk), 1024)
    assert.equal(bits(KEYS.rsa.jwk), 2048)
    assert.ok(MESSAGE.to.includes(MESSAGE.from))
  })
})

/** The order of P-256. Whoever has a signature (r, s) has (r, n - s) too. */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

function otherSignature(token: string): string {
  const end = token.lastIndexOf('.') + 1
  const signature = Buffer.from(token.slice(end), 'base64url')
  const s = N - BigInt(`0x${signature.subarray(32).toString('hex')}`)
  const half = Buffer.from(s.toString(16).padStart(64, '0'), 'hex')
  return (
    token.slice(0, end) + Buffer.concat([signature.subarray(0, 32), half]).toString('base64url')
  )
}
