import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { contentHash } from '../../lib/deploy/content.ts'
import { PLAN_FILE, type PlanFile } from '../../lib/deploy/plan-file.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import type { Link } from '../../lib/ledger/ledger.ts'
import { openLedgerRecord } from '../../lib/ledger/ledger-record.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { createDeliverEndpoint, createRetry, type DeliverOptions } from '../../netlify/deliver.ts'
import { createWeb } from '../support/web.ts'
import { SECRET, SETTINGS } from './settings.ts'

const SITE = new URL('https://alice.example/')
const GATED = '/private/0123456789ab/'

const PLAN: PlanFile = {
  version: 1,
  site: SITE.href,
  settings: SETTINGS,
  posts: {},
  deliveries: [
    {
      post: 'private/dinner.md',
      recipient: 'https://bob.example/',
      source: `.${GATED}`,
      target: 'https://bob.example/',
      exposure: 'gated',
      content: 'abc',
    },
  ],
  handovers: [],
}

interface Stage {
  readonly options: DeliverOptions
  readonly lines: string[]
  readonly received: URLSearchParams[]
  readonly requests: string[]
  /** What Bob's receiver answers. */
  status: number
  passTime(seconds: number): void
}

function createStage(plan: PlanFile | undefined = PLAN): Stage {
  let time = Date.parse('2026-11-21T12:00:00Z')
  const now = () => new Date(time)
  const lines: string[] = []
  const received: URLSearchParams[] = []
  const bob: Endpoint = async (request) => {
    if (request.method !== 'POST') {
      return new Response('', { headers: { link: '</webmention>; rel="webmention"' } })
    }
    received.push(new URLSearchParams(await request.text()))
    return new Response(null, { status: stage.status })
  }
  const gate: Endpoint = async () =>
    new Response('', { status: 401, headers: { 'www-authenticate': 'Bearer' } })
  const web = createWeb({ 'https://bob.example': bob, 'https://alice.example': gate })
  const store = createMemoryStore({ now })
  const keys: [Uint8Array] = [Buffer.from(SECRET, 'base64url')]
  const stage: Stage = {
    options: {
      ...{ site: SITE, settings: SETTINGS, store, fetchForSender: web.fetch, now },
      secrets: createSecrets({ keys, site: SITE, store, now }),
      resolver: { txt: async () => [], mx: async () => [] },
      files: async (name) =>
        plan && name === PLAN_FILE ? Buffer.from(JSON.stringify(plan)) : undefined,
      log: (line) => void lines.push(line),
    },
    ...{ lines, received, requests: web.log, status: 200 },
    passTime: (seconds) => void (time += seconds * 1000),
  }
  return stage
}

async function call({ options }: Stage, purpose = 'deliver'): Promise<Response> {
  const token = await options.secrets.issue('call', { purpose })
  return callWith(options, token)
}

function callWith(options: DeliverOptions, token: string): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` }
  const url = new URL('.netlify/functions/private-posts-deliver', SITE)
  return createDeliverEndpoint(options)(new Request(url, { method: 'POST', headers }))
}

describe('createDeliverEndpoint()', () => {
  it('delivers the plan of the deploy, and keeps the ledger in the store', async () => {
    const stage = createStage()
    assert.equal((await call(stage)).status, 204)
    assert.equal(stage.received[0]?.get('source'), new URL(GATED, SITE).href)
    assert.ok(stage.received[0]?.has('code'))
    const ledger = await openLedgerRecord(stage.options.store, 'ledger/site').read()
    assert.equal(ledger.deliveries[0]?.outcome, 'delivered')
    assert.deepEqual(ledger.site, SETTINGS)
    assert.deepEqual(stage.lines, ['Deliveries: 1 delivered.'])
  })

  it('tells nobody twice', async () => {
    const stage = createStage()
    await call(stage)
    await call(stage)
    assert.equal(stage.received.length, 1)
  })

  it('does nothing for whoever cannot show a call of ours', async () => {
    const stage = createStage()
    const { secrets } = stage.options
    const ticket = await secrets.issue('ticket', { subject: 'x', resource: 'y' })
    const old = await secrets.issue('call', { purpose: 'deliver' })
    assert.equal((await call(stage, 'other')).status, 401)
    assert.equal((await callWith(stage.options, ticket)).status, 401)
    assert.equal((await callWith(stage.options, 'x')).status, 401)
    assert.equal((await createDeliverEndpoint(stage.options)(new Request(SITE))).status, 405)
    stage.passTime(6 * 60)
    assert.equal((await callWith(stage.options, old)).status, 401)
    assert.deepEqual(stage.requests, [])
  })

  it('takes a call once', async () => {
    const stage = createStage()
    const token = await stage.options.secrets.issue('call', { purpose: 'deliver' })
    assert.equal((await callWith(stage.options, token)).status, 204)
    assert.equal((await callWith(stage.options, token)).status, 401)
  })

  it('writes what did not arrive to the log, and no secret', async () => {
    const stage = createStage()
    stage.status = 400
    await call(stage)
    assert.equal(stage.lines[0], 'Deliveries: 1 failed.')
    assert.match(stage.lines[1] ?? '', /^https:\/\/bob\.example\/: failed, /)
    assert.ok(!stage.lines.join().includes(stage.received[0]?.get('code') ?? assert.fail()))
  })
})

describe('createDeliverEndpoint(), and links that everybody can read', () => {
  const TOKEN = '4jkq9mwx2r7tzv5bnc3hdsf8gy'
  const link = {
    ...{ recipient: 'https://bob.example/', token: TOKEN as Link['token'], generation: 0 },
    issued: '2026-11-20T12:00:00.000Z',
  }
  const html = '<main class="h-entry"><a href="https://bob.example/">Bob</a></main>'
  const source = new URL(`p/${TOKEN}/`, SITE)
  const plan: PlanFile = {
    ...PLAN,
    settings: { ...SETTINGS, onExposure: 'rotate' },
    posts: {
      'private/dinner.md': {
        ...{ path: 'private/dinner.md', visibility: 'private', access: 'link' },
        ...{ fingerprint: 'f', links: [link] },
      },
    },
    deliveries: [
      {
        ...{ post: 'private/dinner.md', recipient: link.recipient, source: `./p/${TOKEN}/` },
        ...{ target: 'https://bob.example/', exposure: 'capability' },
        content: contentHash(html, source),
      },
    ],
  }

  it('are found by the function too, which says it in its log and makes no new link', async () => {
    let isApproved = false
    const stage = createStage(plan)
    const asHtml = (body: string) =>
      new Response(body, { headers: { 'content-type': 'text/html' } })
    const web = createWeb({
      'https://alice.example': async () => asHtml(html),
      'https://bob.example': async ({ method }) =>
        method === 'POST'
          ? new Response(null, { status: 202 })
          : asHtml(`<link rel="webmention" href="/wm">${isApproved ? source.href : ''}`),
    })
    const options = { ...stage.options, fetchForSender: web.fetch }
    await call({ ...stage, options })
    assert.deepEqual(stage.lines, ['Deliveries: 1 delivered.'])

    isApproved = true
    stage.passTime(6 * 60 * 60)
    await createRetry(options)(new Request(SITE))
    const found = stage.lines.at(-1) ?? ''
    assert.match(
      found,
      /^private\/dinner\.md, the link of https:\/\/bob\.example\/: found in public on 2026-11-21 at https:\/\/bob\.example\/\. It could not be given a new link: .*private-posts rotate private\/dinner\.md/,
    )
    assert.ok(!stage.lines.join().includes(TOKEN))
    const ledger = await openLedgerRecord(options.store, 'ledger/site').read()
    assert.equal(ledger.posts['private/dinner.md']?.links.length, 1)

    const linesAfter = async (run: () => Promise<unknown>) => {
      stage.lines.length = 0
      await run()
      return stage.lines.filter((line) => line.includes('found in public')).length
    }
    assert.equal(await linesAfter(() => createRetry(options)(new Request(SITE))), 0)
    assert.equal(await linesAfter(() => call({ ...stage, options })), 1, 'again at each deploy')
  })
})

describe('createRetry()', () => {
  const byTheClock = new Request('https://alice.example/.netlify/functions/private-posts-retry')

  it('tries again when it is time', async () => {
    const stage = createStage()
    stage.status = 503
    await call(stage)
    assert.deepEqual(stage.lines, ['Deliveries: 1 pending.'])
    stage.status = 200
    stage.passTime(24 * 60 * 60)
    await createRetry(stage.options)(byTheClock)
    assert.equal(stage.lines.at(-1), 'Deliveries: 1 delivered.')
    assert.equal(stage.received.length, 3, 'twice in the first run')
  })

  it('delivers what nobody called for', async () => {
    const stage = createStage()
    await createRetry(stage.options)(byTheClock)
    assert.equal(stage.received.length, 1)
  })

  it('leaves it to whoever is delivering, until that one must be dead', async () => {
    const stage = createStage()
    const expires = new Date(stage.options.now().getTime() + 60_000)
    await stage.options.store.createIfAbsent('deliver/turn', 'other', { expires })
    await createRetry(stage.options)(byTheClock)
    assert.equal(stage.received.length, 0)
    assert.equal((await stage.options.store.get('deliver/turn'))?.value, 'other')
    stage.passTime(60)
    await createRetry(stage.options)(byTheClock)
    assert.equal(stage.received.length, 1)
    assert.equal(await stage.options.store.get('deliver/turn'), undefined)
  })

  it('has nothing to do without a plan', async () => {
    const stage = createStage()
    const options = { ...stage.options, files: async () => undefined }
    await createRetry(options)(byTheClock)
    assert.deepEqual(stage.lines, [])
  })
})
