import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { FetchError } from '../../lib/web/errors.ts'
import { createNeighbours, networkError, signed } from './bob.ts'
import { KEYS, NOW, SIGN, tokenOf } from './vectors.ts'

const WARNING = /authenticated HTTPS/

describe('asking for the signing key', () => {
  it('asks for /keys/{kid} first, and for nothing else if it is there', async () => {
    const { post, log } = createNeighbours()
    assert.equal((await post(tokenOf())).status, 201)
    assert.deepEqual(log, ['GET https://bob.example/keys/ec'])
  })

  for (const status of [404, 405, 501]) {
    it(`asks for the set after ${status}`, async () => {
      const { post, log, answers } = createNeighbours()
      answers.set('/keys/ec', () => new Response(null, { status }))
      assert.equal((await post(tokenOf())).status, 201)
      assert.deepEqual(log, ['GET https://bob.example/keys/ec', 'GET https://bob.example/keys'])
    })
  }

  it('asks for the set after a page for people that is no key', async () => {
    const { post, answers } = createNeighbours()
    answers.set('/keys/ec', () => new Response('<p>Not found'))
    assert.equal((await post(tokenOf())).status, 201)
  })

  it('does not take the word of the set for a key that is gone (410) or forbidden', async () => {
    for (const status of [403, 410]) {
      const { post, answers, log } = createNeighbours()
      answers.set('/keys/ec', () => new Response(null, { status }))
      assert.equal((await post(tokenOf())).status, 401)
      assert.deepEqual(log, ['GET https://bob.example/keys/ec'])
    }
  })

  it('takes from the set what is called like that, and nothing else', async () => {
    const { post, published, answers } = createNeighbours()
    answers.set('/keys/ec', () => new Response(null, { status: 404 }))
    published.set('ec', { ...published.get('ec'), kid: 'another' })
    assert.equal((await post(tokenOf())).status, 401)
    assert.equal((await post(tokenOf({ header: { kid: 'another' } }))).status, 201)
  })

  it('takes a key of the set that has no name, if it has signed', async () => {
    const { post, published, answers } = createNeighbours()
    answers.set('/keys/ec', () => new Response(null, { status: 404 }))
    const { kid: _, ...nameless } = published.get('ec') ?? {}
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
    published.clear()
    published.set('other', other.export({ format: 'jwk' }))
    assert.equal((await post(tokenOf())).status, 401)
    published.set('own', nameless)
    assert.equal((await post(tokenOf())).status, 201)
  })

  it('asks for the set where the token names no kid, and tries each key that fits', async () => {
    const { post, log, published } = createNeighbours()
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
    const jwk = published.get('ec') ?? {}
    published.clear()
    published.set('a', other.export({ format: 'jwk' })).set('b', jwk)
    assert.equal((await post(tokenOf({ header: { kid: undefined } }))).status, 201)
    assert.deepEqual(log, ['GET https://bob.example/keys'])
  })

  it('does not take a key that calls itself otherwise', async () => {
    const { post, answers, published } = createNeighbours()
    answers.set('/keys/ec', () => Response.json({ ...published.get('ec'), kid: 'other' }))
    assert.equal((await post(tokenOf())).status, 401)
    const { kid: _, ...nameless } = published.get('ec') ?? {}
    answers.set('/keys/ec', () => Response.json(nameless))
    assert.equal((await post(tokenOf())).status, 201)
  })

  for (const [kid, path] of [
    ['a/b?c#d', '/keys/a%2Fb%3Fc%23d'],
    ['%2e%2e', '/keys/%252e%252e'],
    ['../x', '/keys/..%2Fx'],
    ['ß 1', '/keys/%C3%9F%201'],
  ] as const) {
    it(`percent-encodes the kid ${kid}`, async () => {
      const { post, log, published } = createNeighbours()
      published.set(kid, { ...published.get('ec'), kid })
      assert.equal((await post(tokenOf({ header: { kid } }))).status, 201)
      assert.deepEqual(log, [`GET https://bob.example${path}`])
    })
  }

  it('asks for https://{iss}/{kid} last, where there is no set', async () => {
    const { post, log, answers, published } = createNeighbours()
    answers.set('/keys/ec', () => new Response(null, { status: 404 }))
    answers.set('/keys', () => new Response(null, { status: 404 }))
    answers.set('/ec', () => Response.json(published.get('ec')))
    assert.equal((await post(tokenOf())).status, 201)
    assert.deepEqual(log, [
      'GET https://bob.example/keys/ec',
      'GET https://bob.example/keys',
      'GET https://bob.example/ec',
    ])
  })

  it('does not ask for https://{iss}/{kid} where there is a set without that key', async () => {
    const { post, log, answers, published } = createNeighbours()
    answers.set('/ec', () => Response.json(published.get('ec')))
    published.delete('ec')
    assert.equal((await post(tokenOf())).status, 401)
    assert.deepEqual(log, ['GET https://bob.example/keys/ec', 'GET https://bob.example/keys'])
  })

  it('takes no page at https://{iss}/{kid} for a key, nor a key of another name', async () => {
    for (const page of ['<p>About us', JSON.stringify({ ...KEYS.ec.jwk, kid: 'other' })]) {
      const { post, answers } = createNeighbours()
      for (const path of ['/keys/ec', '/keys']) {
        answers.set(path, () => new Response(null, { status: 404 }))
      }
      answers.set('/ec', () => new Response(page))
      assert.equal((await post(tokenOf())).status, 401)
    }
  })

  it('never asks for https://{iss}/. or https://{iss}/..', async () => {
    for (const kid of ['.', '..']) {
      const { post, log, published } = createNeighbours()
      published.set(kid, { ...published.get('ec'), kid })
      assert.equal((await post(tokenOf({ header: { kid } }))).status, 201)
      assert.deepEqual(log, ['GET https://bob.example/keys'])
    }
  })

  it('does not follow redirects', async () => {
    const { post, answers, log } = createNeighbours()
    const moved = () => new Response(null, { status: 302, headers: { location: '/keys/okp' } })
    answers.set('/keys/ec', moved)
    assert.equal((await post(tokenOf())).status, 401)
    assert.equal(log.length, 1)
  })

  it('keeps a key for five minutes', async () => {
    let seconds = 0
    const now = () => new Date(NOW.getTime() + seconds * 1000)
    const { post, log } = createNeighbours({ now })
    const send = () => post(tokenOf({ payload: { exp: now().getTime() / 1000 + 60 } }))
    for (seconds of [0, 100, 299]) assert.equal((await send()).status, 201)
    assert.equal(log.length, 1)
    seconds = 300
    assert.equal((await send()).status, 201)
    assert.equal(log.length, 2)
  })

  it('asks again, once, when the key that it keeps did not sign this', async () => {
    const { post, log, published } = createNeighbours()
    assert.equal((await post(tokenOf())).status, 201)
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    published.set('ec', { ...key.publicKey.export({ format: 'jwk' }), kid: 'ec' })
    const signer = SIGN.ES256(key.privateKey)
    assert.equal((await post(tokenOf({ signer }))).status, 201, 'the new key of the same name')
    assert.equal(log.length, 2)
    assert.equal((await post(tokenOf())).status, 401, 'the old one')
    assert.equal(log.length, 3)
  })

  it('is done so often, and no more', async () => {
    let seconds = 0
    const now = () => new Date(NOW.getTime() + seconds * 1000)
    const { post, log } = createNeighbours({ now })
    const statuses: number[] = []
    for (let at = 0; at < 130; at++) {
      const { status, headers } = await post(tokenOf({ header: { kid: `x${at}` } }))
      statuses.push(status)
      assert.equal(headers.has('retry-after'), status === 429)
    }
    assert.deepEqual([...new Set(statuses)], [401, 429])
    assert.equal(log.length, 240, 'two requests each')
    seconds = 60
    assert.equal((await post(tokenOf())).status, 201)
  })

  it('is done less often for one client: another still gets through', async () => {
    let client = '192.0.2.1'
    const { post } = createNeighbours({ clientAddress: () => client })
    const statuses: number[] = []
    for (let at = 0; at < 61; at++) {
      statuses.push((await post(tokenOf({ header: { kid: `x${at}` } }))).status)
    }
    assert.deepEqual(statuses.slice(-2), [401, 429])
    client = '192.0.2.2'
    assert.equal((await post(tokenOf())).status, 201)
  })

  it('is done for a key that has signed before, whatever others ask for', async () => {
    let seconds = 0
    let client = 0
    const now = () => new Date(NOW.getTime() + seconds * 1000)
    const clientAddress = () => `192.0.2.${client}`
    const { post, log } = createNeighbours({ now, clientAddress })
    const good = () => {
      const time = now().getTime() / 1000
      const payload = { iat: time, nbf: time, exp: time + 60, jti: `good ${seconds}` }
      return tokenOf({ payload })
    }
    assert.equal((await post(good())).status, 201)
    // The keys are forgotten by now.
    seconds = 301
    const madeUp = async (kid: string) => {
      const time = now().getTime() / 1000
      return (await post(tokenOf({ header: { kid }, payload: { iat: time, exp: time + 60 } })))
        .status
    }
    for (let at = 0; at < 120; at++) {
      client = Math.floor(at / 50)
      assert.equal(await madeUp(`x${at}`), 401)
    }
    client = 9
    assert.equal(await madeUp('x'), 429)
    const asked = log.length
    assert.equal((await post(good())).status, 201)
    assert.ok(log.length > asked, 'it was asked for anew')
  })

  it('does not spoil the keys that are known for those who sign with them', async () => {
    const { post } = createNeighbours()
    assert.equal((await post(tokenOf())).status, 201)
    for (let at = 0; at < 130; at++) await post(tokenOf({ header: { kid: `x${at}` } }))
    assert.equal((await post(tokenOf())).status, 201)
  })

  for (const status of [429, 500, 503]) {
    it(`says to come back later where the keys answer ${status}`, async () => {
      const { post, answers } = createNeighbours()
      answers.set('/keys/ec', () => new Response(null, { status }))
      const response = await post(tokenOf())
      assert.equal(response.status, 401)
      assert.equal(response.headers.get('retry-after'), '60')
      answers.clear()
      assert.equal((await post(tokenOf())).status, 201)
    })
  }

  it('bounds what it reads', async () => {
    const { post, answers, published } = createNeighbours()
    const padded = (bytes: number) => () =>
      Response.json({ ...published.get('ec'), padding: 'x'.repeat(bytes) })
    answers.set('/keys/ec', padded(70_000))
    assert.equal((await post(tokenOf())).status, 401)
    answers.set('/keys/ec', padded(60_000))
    assert.equal((await post(tokenOf())).status, 201)
  })

  it('tries twenty keys of a set, and no more', async () => {
    const { post, published } = createNeighbours()
    const jwk = published.get('ec') ?? {}
    const others = (count: number) => {
      published.clear()
      for (let at = 0; at < count; at++) published.set(`x${at}`, KEYS.okp.jwk)
      published.set('ec', jwk)
    }
    const send = () => post(tokenOf({ header: { kid: undefined } }))
    others(20)
    assert.equal((await send()).status, 401)
    others(19)
    assert.equal((await send()).status, 201)
  })
})

describe('HTTPS, or a warning', () => {
  it('warns of nothing where the key came over HTTPS', async () => {
    const { post, alice } = createNeighbours()
    await post(tokenOf())
    const [message] = alice.inbox.values()
    assert.equal(message?.warnings, undefined)
    assert.deepEqual(alice.told[0]?.warnings, [])
  })

  it('asks over HTTP where the domain offers no HTTPS, and the reader is told', async () => {
    const { post, alice, broken, log } = createNeighbours({ origins: ['http://bob.example'] })
    broken.set('https://bob.example', networkError('ECONNREFUSED'))
    assert.equal((await post(tokenOf())).status, 201)
    assert.deepEqual(log, ['GET http://bob.example/keys/ec'])
    const [message] = alice.inbox.values()
    assert.match(message?.warnings?.[0] ?? '', WARNING)
    assert.match(alice.told[0]?.warnings[0] ?? '', WARNING)
  })

  it('tells the reader of the second message too, whose key it had kept', async () => {
    const { post, alice, broken, log } = createNeighbours({ origins: ['http://bob.example'] })
    broken.set('https://bob.example', networkError('ECONNREFUSED'))
    for (const message of ['one', 'two']) {
      const { token, body } = signed({ message })
      await post(token, { body })
    }
    assert.equal(log.length, 1)
    assert.equal(alice.inbox.size, 2)
    assert.ok([...alice.inbox.values()].every(({ warnings = [] }) => warnings.length === 1))
  })

  for (const code of [
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'ETIMEDOUT',
    'ENOTFOUND',
  ]) {
    it(`does not do without HTTPS because of ${code}`, async () => {
      const { post, broken, log } = createNeighbours({ origins: ['http://bob.example'] })
      broken.set('https://bob.example', networkError(code))
      const response = await post(tokenOf())
      assert.equal(response.status, 401)
      assert.ok(response.headers.has('retry-after'))
      assert.deepEqual(log, [])
    })
  }

  it('does not go by HTTP where it would not go at all', async () => {
    const { post, broken, log } = createNeighbours({ origins: ['http://bob.example'] })
    const cause = networkError('ECONNREFUSED')
    broken.set('https://bob.example', new FetchError('is private', { kind: 'refused', cause }))
    assert.equal((await post(tokenOf())).status, 401)
    assert.deepEqual(log, [])
  })

  it('never again asks a domain without HTTPS that once had it', async () => {
    let seconds = 0
    const now = () => new Date(NOW.getTime() + seconds * 1000)
    const origins = ['https://bob.example', 'http://bob.example']
    const { post, broken, log, alice } = createNeighbours({ origins, now })
    const send = () => post(tokenOf({ payload: { exp: now().getTime() / 1000 + 60 } }))
    assert.equal((await send()).status, 201)
    broken.set('https://bob.example', networkError('ECONNREFUSED'))
    for (seconds of [600, 300 * 24 * 60 * 60]) assert.equal((await send()).status, 401)
    assert.equal(log.length, 1)
    broken.clear()
    assert.equal((await send()).status, 201)
    assert.equal(alice.inbox.size, 1)
  })

  it('counts an answer without keys over HTTPS as HTTPS', async () => {
    const origins = ['https://bob.example', 'http://bob.example']
    const { post, broken, log, published } = createNeighbours({ origins })
    const keys = [...published]
    published.clear()
    assert.equal((await post(tokenOf())).status, 401)
    for (const [kid, jwk] of keys) published.set(kid, jwk)
    broken.set('https://bob.example', networkError('ECONNREFUSED'))
    assert.equal((await post(tokenOf())).status, 401)
    assert.ok(log.every((request) => request.includes('https:')))
  })

  it('in development, names below localhost are HTTP, and the reader is told', async () => {
    const options = { allowLoopback: true, origins: ['http://bob.localhost:8380'] }
    const sub = 'bob@bob.localhost:8380'
    const token = () => tokenOf({ payload: { sub, iss: 'bob.localhost:8380', sha256: undefined } })
    const body = Buffer.from(
      JSON.stringify({
        to: ['alice@alice.example', sub],
        from: sub,
        sentAt: NOW.toISOString(),
        message: 'x',
      }),
    )
    const { post, alice } = createNeighbours(options)
    assert.equal((await post(token(), { body })).status, 201)
    const [message] = alice.inbox.values()
    assert.match(message?.warnings?.[0] ?? '', WARNING)

    const live = createNeighbours({ ...options, allowLoopback: false })
    assert.equal((await live.post(token(), { body })).status, 401)
    assert.deepEqual(live.log, [])
  })
})
