import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { listen, type NodeServer } from '../../lib/web/node-server.ts'
import { onSuccess } from '../../netlify/build-plugin.ts'
import { SECRET } from './settings.ts'

const VARIABLES = ['URL', 'CONTEXT', 'PRIVATE_POSTS_SECRET', 'PRIVATE_POSTS_SECRET_PREVIOUS']
const PRODUCTION = { constants: { IS_LOCAL: false }, inputs: { contexts: ['production'] } }

let server: NodeServer
let status: number
let requests: Request[]
let lines: string[]
let before: Record<string, string | undefined>

beforeEach(async () => {
  before = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]))
  requests = []
  lines = []
  status = 202
  server = await listen(async (request) => {
    requests.push(request)
    return new Response(null, { status, headers: { location: '/elsewhere' } })
  })
  set({
    URL: `http://localhost:${server.port}`,
    CONTEXT: 'production',
    PRIVATE_POSTS_SECRET: SECRET,
    PRIVATE_POSTS_SECRET_PREVIOUS: undefined,
  })
  mock.method(console, 'log', (line: string) => lines.push(line))
})
afterEach(async () => {
  mock.restoreAll()
  set(before)
  await server.close()
})

function set(values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
}

describe('onSuccess()', () => {
  it('calls the deliver function of the site once, with a call that it can verify', async () => {
    await onSuccess(PRODUCTION)
    assert.equal(requests.length, 1)
    const [request] = requests
    assert.equal(request?.method, 'POST')
    assert.match(request?.url ?? '', /\/\.netlify\/functions\/private-posts-deliver$/)
    const token = /^Bearer (.+)$/.exec(request?.headers.get('authorization') ?? '')?.[1] ?? ''
    const now = () => new Date()
    const secrets = createSecrets({
      ...{ keys: [Buffer.from(SECRET, 'base64url')], store: createMemoryStore({ now }), now },
      site: new URL(process.env['URL'] ?? ''),
    })
    const opened = await secrets.redeem('call', token)
    assert.deepEqual(opened.valid && opened.claims, { purpose: 'deliver' })
    assert.equal(lines.length, 1)
    assert.ok(!lines.join().includes(token) && !lines.join().includes(SECRET))
  })

  it('is silent in a local build', async () => {
    await onSuccess({ ...PRODUCTION, constants: { IS_LOCAL: true } })
    assert.deepEqual([requests.length, lines.length], [0, 0])
  })

  it('is silent in other contexts than those that it is told, and in all but production by default', async () => {
    set({ CONTEXT: 'deploy-preview' })
    await onSuccess(PRODUCTION)
    await onSuccess({ ...PRODUCTION, inputs: {} })
    assert.deepEqual([requests.length, lines.length], [0, 0])
    await onSuccess({ ...PRODUCTION, inputs: { contexts: ['deploy-preview'] } })
    assert.equal(requests.length, 1)
    set({ CONTEXT: 'production' })
    await onSuccess({ ...PRODUCTION, inputs: {} })
    assert.equal(requests.length, 2)
  })

  for (const [name, values] of [
    ['no secret', { PRIVATE_POSTS_SECRET: undefined }],
    ['a weak secret', { PRIVATE_POSTS_SECRET: 's3cret' }],
    ['no address', { URL: undefined }],
  ] as const) {
    it(`says in one line that there is ${name}, and calls nobody`, async () => {
      set(values)
      await onSuccess(PRODUCTION)
      assert.equal(requests.length, 0)
      assert.equal(lines.length, 1)
      assert.match(lines[0] ?? '', /nobody was told/)
      assert.ok(!lines.join().includes('s3cret'))
    })
  }

  it('says in one line what the function answered, and fails no build', async () => {
    status = 401
    await onSuccess(PRODUCTION)
    assert.equal(requests.length, 1)
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /401/)
  })

  it('follows no redirect with its call', async () => {
    status = 302
    await onSuccess(PRODUCTION)
    assert.equal(requests.length, 1)
    assert.match(lines[0] ?? '', /302/)
  })
})
