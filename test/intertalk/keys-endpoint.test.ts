import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createWeb } from '../support/web.ts'
import { createProvider } from './provider.ts'
import { holds } from '../support/property.ts'

const web = createWeb({})
const create = () => createProvider({ fetch: web.fetch })

async function get(
  { endpoint }: ReturnType<typeof create>,
  path: string,
  method = 'GET',
): Promise<Response> {
  return endpoint(new Request(`https://alice.example${path}`, { method }))
}

async function keysOf(
  provider: ReturnType<typeof create>,
): Promise<readonly Record<string, string>[]> {
  const set = (await (await get(provider, '/keys')).json()) as { keys: Record<string, string>[] }
  return set.keys
}

async function kidsOf(provider: ReturnType<typeof create>): Promise<readonly string[]> {
  return (await keysOf(provider)).map(({ kid = '' }) => kid)
}

describe('GET /keys', () => {
  it('is a JWK Set of public keys', async () => {
    const provider = create()
    const response = await get(provider, '/keys')
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'application/jwk-set+json')
    assert.equal(response.headers.get('cache-control'), 'public, max-age=300')
    const [key = {}, ...others] = await keysOf(provider)
    assert.deepEqual(others, [])
    const members = ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']
    assert.deepEqual(Object.keys(key).sort(), members)
    assert.equal(key['alg'], 'ES256')
  })

  it('answers HEAD, and refuses to be written to', async () => {
    const provider = create()
    const head = await get(provider, '/keys', 'HEAD')
    assert.equal(head.status, 200)
    assert.equal(await head.text(), '')
    for (const method of ['POST', 'PUT', 'DELETE']) {
      assert.equal((await get(provider, '/keys', method)).status, 405)
    }
  })
})

describe('GET /keys/{kid}', () => {
  it('is that key', async () => {
    const provider = create()
    const [kid] = await kidsOf(provider)
    const response = await get(provider, `/keys/${kid}`)
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'application/jwk+json')
    const [key] = await keysOf(provider)
    assert.deepEqual(await response.json(), key)
    const encoded = [...String(kid)].map((letter) => `%${letter.charCodeAt(0).toString(16)}`)
    assert.equal((await get(provider, `/keys/${encoded.join('')}`)).status, 200)
  })

  it('is 404 for any other, and no cache may keep that', async () => {
    const provider = create()
    const [kid = ''] = await kidsOf(provider)
    const swapped = kid.toUpperCase() === kid ? kid.toLowerCase() : kid.toUpperCase()
    for (const other of [
      'x',
      swapped,
      `${kid}x`,
      `${kid}/x`,
      `x/${kid}`,
      '%',
      '%ff',
      '__proto__',
    ]) {
      const response = await get(provider, `/keys/${other}`)
      assert.equal(response.status, 404, other)
      assert.equal(response.headers.get('cache-control'), 'no-store')
      assert.ok(!(await response.text()).includes(kid))
    }
  })

  it('never breaks, whatever the path (property)', async (t) => {
    const provider = create()
    const path = fc.oneof(fc.string({ unit: 'binary' }), fc.webPath())
    await holds(
      t,
      fc.asyncProperty(path, async (rest) => {
        const url = new URL('https://alice.example/keys/')
        url.pathname += rest
        const { status } = await provider.endpoint(new Request(url))
        assert.ok(status === 404 || (status === 200 && /^\/keys\/*$/.test(url.pathname)), url.href)
      }),
    )
  })
})

describe('GET /{kid}', () => {
  it('is the same key, as the document has it in "Client Authentication"', async () => {
    const provider = create()
    const [key] = await keysOf(provider)
    const response = await get(provider, `/${key?.['kid']}`)
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'application/jwk+json')
    assert.deepEqual(await response.json(), key)
  })

  it('is 404 for another name that begins like ours', async () => {
    const provider = create()
    for (const name of ['intertalk-key-', 'intertalk-key-x', 'intertalk-key-%']) {
      assert.equal((await get(provider, `/${name}`)).status, 404, name)
    }
  })
})

describe('key rotation', () => {
  it('publishes the key before it too, and both by name', async () => {
    const provider = create()
    const before = await kidsOf(provider)
    provider.rotate({ overlap: true })
    const during = await kidsOf(provider)
    assert.equal(during.length, 2)
    assert.deepEqual(during.slice(1), before)
    for (const kid of during) assert.equal((await get(provider, `/keys/${kid}`)).status, 200)
  })

  it('takes the old one back when the overlap ends', async () => {
    const provider = create()
    const [before] = await kidsOf(provider)
    provider.rotate({ overlap: false })
    const after = await kidsOf(provider)
    assert.equal(after.length, 1)
    assert.notEqual(after[0], before)
    assert.equal((await get(provider, `/keys/${before}`)).status, 404)
  })
})
