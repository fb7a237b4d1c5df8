import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { webmentionRequest } from '../../lib/webmention/sender.ts'
import { createSeedAlice, createSeedBob } from '../support/private-webmention-peers.ts'
import { createWeb } from '../support/web.ts'
import { createWholeSite } from '../support/whole-site.ts'

const ALICE = 'https://alice.example/'
const BOB = 'https://bob.example/'
const SEGMENT = '4x7k2m9qwert'
const SOURCE = new URL(`https://alice.example/private/${SEGMENT}/`)
const MESSAGE = `<article class="h-entry"><p class="p-content">Dinner at eight, <a href="${BOB}">Bob</a>?</p></article>`
const OTHER = new URL(`https://alice.example/private/h3v8n1z5cdfg/`)
const now = () => new Date('2026-11-21T12:00:00Z')

/** Sites that are made after the web in which they talk to each other. */
function createNeighbourhood() {
  const sites: Record<string, Endpoint> = {}
  return { sites, ...createWeb(sites) }
}

type Web = ReturnType<typeof createNeighbourhood>

const ourAlice = (web: Web) =>
  createWholeSite(ALICE, {
    ...web,
    now,
    posts: { [SEGMENT]: { [BOB]: MESSAGE }, h3v8n1z5cdfg: { [BOB]: MESSAGE } },
  })
const ourBob = (web: Web, home?: string) =>
  createWholeSite(BOB, { ...web, now, ...(home !== undefined && { home }) })

/** The webmention of the seed: `source` and `target`, nothing else. */
async function notify(web: Web, source = SOURCE): Promise<Response> {
  const endpoint = new URL('https://bob.example/webmention')
  return webmentionRequest(endpoint, { source, target: new URL(BOB) }, web)
}

async function statusOf(response: Response, web: Web): Promise<unknown> {
  const statusUrl = new URL(response.headers.get('location') ?? '')
  const status = await web.fetch(statusUrl, { headers: { accept: 'application/json' } })
  const { status: name } = (await status.json()) as { status: string }
  return name
}

describe('seed 002, request by request', () => {
  it('between two sites of ours', async () => {
    const web = createNeighbourhood()
    const alice = ourAlice(web)
    const bob = ourBob(web)
    web.sites['https://alice.example'] = alice.endpoint
    web.sites['https://bob.example'] = bob.endpoint

    const taken = await notify(web)
    assert.equal(taken.status, 201)
    await bob.settle()
    assert.deepEqual(web.log, [
      'POST https://bob.example/webmention',
      `GET ${SOURCE}`,
      'POST https://alice.example/indieauth/token',
      'GET https://bob.example/',
      'GET https://bob.example/indieauth/metadata',
      'POST https://bob.example/indieauth/auth',
      `GET ${SOURCE}`,
    ])
    assert.equal(await statusOf(taken, web), 'processed', 'a stranger learns nothing from it')
    assert.deepEqual(await bob.received(), [String(SOURCE)])
  })

  it('needs no second exchange for the next message', async () => {
    const web = createNeighbourhood()
    const alice = ourAlice(web)
    const bob = ourBob(web)
    web.sites['https://alice.example'] = alice.endpoint
    web.sites['https://bob.example'] = bob.endpoint
    await notify(web)
    await bob.settle()
    web.log.length = 0
    const again = await notify(web, OTHER)
    await bob.settle()
    assert.deepEqual(web.log, [
      'POST https://bob.example/webmention',
      `GET ${OTHER}`,
      `GET ${OTHER}`,
    ])
    assert.equal(await statusOf(again, web), 'processed')
    assert.ok((await bob.received()).includes(String(OTHER)))
  })

  it('with an Alice who knows the text of the seed alone', async () => {
    const web = createNeighbourhood()
    const bob = ourBob(web, '</webmention>; rel=webmention')
    // Her side reads HTML, so Bob's home page has the rel there.
    web.sites['https://bob.example'] = async (request) =>
      new URL(request.url).pathname === '/'
        ? new Response('<link rel="authorization_endpoint" href="/indieauth/auth">')
        : bob.endpoint(request)
    web.sites['https://alice.example'] = createSeedAlice({ ...web, page: MESSAGE, for: BOB })

    const taken = await notify(web)
    await bob.settle()
    assert.deepEqual(web.log, [
      'POST https://bob.example/webmention',
      `GET ${SOURCE}`,
      'GET https://alice.example/',
      'POST https://alice.example/token',
      'GET https://bob.example/',
      'POST https://bob.example/indieauth/auth',
      `GET ${SOURCE}`,
    ])
    assert.equal(await statusOf(taken, web), 'processed', 'a stranger learns nothing from it')
    assert.deepEqual(await bob.received(), [String(SOURCE)])
  })

  it('with a Bob who knows the text of the seed alone', async () => {
    const web = createNeighbourhood()
    const alice = ourAlice(web)
    const bob = createSeedBob({ ...web, me: new URL(BOB) })
    web.sites['https://alice.example'] = alice.endpoint
    web.sites['https://bob.example'] = bob.endpoint

    await notify(web)
    const token = new URL('https://alice.example/indieauth/token')
    assert.equal(await bob.verify(SOURCE, token), MESSAGE)
    assert.deepEqual(web.log, [
      'POST https://bob.example/webmention',
      `GET ${SOURCE}`,
      'POST https://alice.example/indieauth/token',
      'GET https://bob.example/',
      'POST https://bob.example/auth',
      `GET ${SOURCE}`,
    ])
  })

  it('shows nothing to somebody who is not in the audience, though their site confirms them', async () => {
    const web = createNeighbourhood()
    const alice = ourAlice(web)
    const eve = createSeedBob({ ...web, me: new URL('https://eve.example/') })
    web.sites['https://alice.example'] = alice.endpoint
    web.sites['https://eve.example'] = eve.endpoint
    const shown = await eve.verify(SOURCE, new URL('https://alice.example/indieauth/token'))
    assert.doesNotMatch(shown, /Dinner/)
    assert.doesNotMatch(shown, /^no token/)
  })
})

describe('seed 002, with Eve between', () => {
  /** Eve's page asks who is there, and what Bob shows her she shows to Alice. */
  function createEve(web: Web, tokenEndpoint = 'https://eve.example/token') {
    const stolen: string[] = []
    const seen: string[] = []
    const endpoint: Endpoint = async (request) => {
      if (new URL(request.url).pathname === '/token') {
        const code = new URLSearchParams(await request.text()).get('code') ?? ''
        const relayed = await web.fetch(new URL('https://alice.example/indieauth/token'), {
          method: 'POST',
          headers: { accept: 'application/json' },
          body: new URLSearchParams({ code, me: BOB }),
        })
        stolen.push(await relayed.text())
        return Response.json({ access_token: 'of-eve' })
      }
      seen.push(request.headers.get('authorization') ?? '')
      const link = `<${tokenEndpoint}>; rel="token_endpoint"`
      return new Response(null, { status: 401, headers: { 'www-authenticate': 'IndieAuth', link } })
    }
    return { endpoint, stolen, seen }
  }

  async function visitEve(web: Web): Promise<void> {
    const source = new URL('https://eve.example/page')
    const endpoint = new URL('https://bob.example/webmention')
    await webmentionRequest(endpoint, { source, target: new URL(BOB) }, web)
  }

  it('a code that Bob showed to Eve opens nothing at Alice', async () => {
    const web = createNeighbourhood()
    const bob = ourBob(web)
    const eve = createEve(web)
    web.sites['https://alice.example'] = ourAlice(web).endpoint
    web.sites['https://bob.example'] = bob.endpoint
    web.sites['https://eve.example'] = eve.endpoint
    await visitEve(web)
    await bob.settle()
    // She did get a code, and Bob's site was asked about it.
    assert.ok(web.log.includes('POST https://bob.example/indieauth/auth'))
    assert.equal(eve.stolen.length, 1)
    assert.doesNotMatch(eve.stolen[0] ?? '', /access_token/)
    assert.match(eve.stolen[0] ?? '', /invalid_grant/)
  })

  it("a token of Alice's is never shown to Eve, whose page names Alice's token endpoint", async () => {
    const web = createNeighbourhood()
    const bob = ourBob(web)
    const eve = createEve(web, 'https://alice.example/indieauth/token')
    web.sites['https://alice.example'] = ourAlice(web).endpoint
    web.sites['https://bob.example'] = bob.endpoint
    web.sites['https://eve.example'] = eve.endpoint
    await visitEve(web)
    await bob.settle()
    assert.ok(!web.log.some((line) => line.includes('alice.example')))
    assert.deepEqual(eve.seen, [''])
  })

  it("a redirect of Eve's to Alice's gate does not make Bob open it for her", async () => {
    const web = createNeighbourhood()
    const bob = ourBob(web)
    web.sites['https://alice.example'] = ourAlice(web).endpoint
    web.sites['https://bob.example'] = bob.endpoint
    web.sites['https://eve.example'] = async () =>
      new Response(null, { status: 302, headers: { location: SOURCE.href } })
    await visitEve(web)
    await bob.settle()
    assert.ok(!web.log.includes('POST https://alice.example/indieauth/token'))
  })
})
