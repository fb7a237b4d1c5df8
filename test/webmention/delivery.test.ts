import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { FetchError } from '../../lib/web/errors.ts'
import { createGuardedFetch } from '../../lib/web/guarded-fetch.ts'
import { createWebmentionDelivery } from '../../lib/webmention/delivery.ts'
import { createParcel } from '../support/parcel.ts'
import { startServer } from '../support/web-server.ts'
import { createWeb } from '../support/web.ts'

const TOKEN = '0123456789abcdefghjkmnpqrs'
const now = () => new Date('2026-11-21T12:00:00Z')
const capability = createParcel({
  source: new URL(`https://alice.example/p/${TOKEN}/`),
  target: new URL('https://bob.example/'),
  exposure: 'capability',
  recipient: 'https://bob.example/',
})
const publicParcel = createParcel({
  source: new URL('https://alice.example/notes/1'),
  target: new URL('https://bob.example/'),
  exposure: 'public',
  recipient: null,
})
const lister = new URL('https://webmention.io/bob.example/webmention')
const own = new URL('https://bob.example/webmention')

const accept: Endpoint = async () => new Response(null, { status: 202 })
const moveTo =
  (location: string, status = 307): Endpoint =>
  async () =>
    new Response(null, { status, headers: { location } })
const listerWeb = () =>
  createWeb({ 'https://webmention.io': accept, 'https://bob.example': accept })
const delivery = (exposure: 'refuse' | 'warn' | 'allow' = 'refuse') =>
  createWebmentionDelivery({ exposure, now })

describe('createWebmentionDelivery(): exposure', () => {
  it('does not hand a capability URL to a receiver that publishes its sources', async () => {
    const web = listerWeb()
    const receipt = await delivery('refuse').deliver(capability, lister, web)
    assert.equal(receipt.outcome, 'refused')
    assert.match(
      receipt.reason,
      /webmention\.io would publish.*API.*access: gate.*private-posts links/,
    )
    assert.deepEqual(web.log, [])
  })

  it('hands it to a receiver that is not known to', async () => {
    const web = listerWeb()
    const receipt = await delivery('refuse').deliver(capability, own, web)
    assert.deepEqual(receipt, { outcome: 'delivered', reason: 'the receiver answered 202' })
    assert.deepEqual(web.log, [`POST ${own.href}`])
  })

  it('hands a public source to anyone', async () => {
    for (const exposure of ['refuse', 'warn', 'allow'] as const) {
      const receipt = await delivery(exposure).deliver(publicParcel, lister, listerWeb())
      assert.deepEqual(receipt, { outcome: 'delivered', reason: 'the receiver answered 202' })
    }
  })

  it('warns where the author wants to be warned only', async () => {
    const web = listerWeb()
    const receipt = await delivery('warn').deliver(capability, lister, web)
    assert.equal(receipt.outcome, 'delivered')
    assert.match(
      receipt.reason,
      /^the receiver answered 202\. Warning: webmention\.io would publish/,
    )
    assert.deepEqual(web.log, [`POST ${lister.href}`])
  })

  it('still warns of such a receiver after it has passed the post on', async () => {
    const web = createWeb({
      'https://webmention.io': moveTo(own.href),
      'https://bob.example': accept,
    })
    const receipt = await delivery('warn').deliver(capability, lister, web)
    assert.equal(receipt.outcome, 'delivered')
    assert.match(receipt.reason, /Warning: webmention\.io/)
  })

  it('says nothing where the author allows it', async () => {
    const web = listerWeb()
    const receipt = await delivery('allow').deliver(capability, lister, web)
    assert.deepEqual(receipt, { outcome: 'delivered', reason: 'the receiver answered 202' })
    assert.deepEqual(web.log, [`POST ${lister.href}`])
  })

  for (const status of [301, 302, 307, 308]) {
    it(`does not follow ${status} from an endpoint of the target's own to such a receiver`, async () => {
      const web = createWeb({
        'https://bob.example': moveTo(lister.href, status),
        'https://webmention.io': accept,
      })
      const receipt = await delivery('refuse').deliver(capability, own, web)
      assert.equal(receipt.outcome, 'refused')
      assert.match(receipt.reason, /webmention\.io/)
      assert.deepEqual(web.log, [`POST ${own.href}`])

      assert.equal((await delivery('warn').deliver(capability, own, web)).outcome, 'delivered')
      assert.equal((await delivery('refuse').deliver(publicParcel, own, web)).outcome, 'delivered')
    })
  }

  it('lets not a byte reach such a receiver, over real connections either', async (t) => {
    const bodies: string[] = []
    let connections = 0
    const atLister = await startServer(t, async (request, response) => {
      connections++
      for await (const chunk of request) bodies.push(String(chunk))
      response.writeHead(202).end()
    })
    const port = Number(atLister.port)
    const atBob = await startServer(t, (_, response) => {
      response.writeHead(307, { location: `http://webmention.io:${port}/bob/webmention` }).end()
    })
    const lookup = async () => ['127.0.0.1']
    const { fetch, close } = createGuardedFetch({ allowLoopback: true, ports: [port], lookup })
    t.after(close)

    assert.equal(
      (await delivery('refuse').deliver(capability, atBob, { fetch })).outcome,
      'refused',
    )
    assert.deepEqual([connections, bodies], [0, []])
    assert.equal(
      (await delivery('allow').deliver(capability, atBob, { fetch })).outcome,
      'delivered',
    )
    assert.equal(connections, 1)
    assert.match(bodies.join(''), new RegExp(TOKEN))
  })
})

describe('createWebmentionDelivery(): receivers that are recognised by what they answer', () => {
  const page =
    (link: string, headers: Record<string, string> = {}): Endpoint =>
    async () =>
      new Response('', { headers: { link, ...headers } })
  const pageOrEndpoint =
    (asPage: Endpoint): Endpoint =>
    async (request) =>
      request.method === 'POST' ? accept(request) : asPage(request)
  const wordPress = pageOrEndpoint(
    page('<https://bob.example/wp-json/>; rel="https://api.w.org/", </mention>; rel="webmention"'),
  )
  const target = new URL('https://bob.example/')

  it('by the headers of the target, for which nothing more is asked', async () => {
    const web = createWeb({ 'https://bob.example': wordPress })
    const { discover, deliver, objects } = delivery()
    const endpoint = (await discover(target, web)) ?? assert.fail()
    const receipt = await deliver(capability, endpoint, web)
    assert.equal(receipt.outcome, 'refused')
    assert.match(
      receipt.reason,
      /^WordPress would publish .*recognised by its link with rel="https:\/\/api\.w\.org\/"\. Set "access: gate".*private-posts links/,
    )
    assert.equal(await objects?.('capability', endpoint, web), receipt.reason)
    assert.deepEqual(web.log, ['GET https://bob.example/'])
    assert.equal((await deliver(publicParcel, endpoint, web)).outcome, 'delivered')
  })

  it('by the links in its page, where no header has them', async () => {
    const html =
      '<link rel="https://api.w.org/" href="/wp-json/"><link rel="webmention" href="/mention">'
    const web = createWeb({
      'https://bob.example': pageOrEndpoint(
        async () => new Response(html, { headers: { 'content-type': 'text/html' } }),
      ),
    })
    const { discover, deliver } = delivery()
    const endpoint = (await discover(target, web)) ?? assert.fail()
    assert.equal((await deliver(capability, endpoint, web)).outcome, 'refused')
    assert.deepEqual(web.log, ['GET https://bob.example/'])
  })

  it('by the headers of an endpoint at another host, which is asked once', async () => {
    const web = createWeb({
      'https://bob.example': page('<https://wp.example/mention>; rel="webmention"'),
      'https://wp.example': wordPress,
    })
    const { discover, deliver, objects } = delivery()
    const endpoint = (await discover(target, web)) ?? assert.fail()
    assert.equal((await deliver(capability, endpoint, web)).outcome, 'refused')
    assert.match((await objects?.('capability', endpoint, web)) ?? '', /^WordPress/)
    assert.deepEqual(web.log, ['GET https://bob.example/', 'HEAD https://wp.example/mention'])
  })

  it('hands the link over where nothing of that is seen, and where the endpoint answers no question', async () => {
    const other = page('<https://other.example/mention>; rel="webmention"')
    for (const asked of [page(''), () => Promise.reject(new FetchError('no answer'))]) {
      const web = createWeb({
        'https://bob.example': other,
        'https://other.example': pageOrEndpoint(asked),
      })
      const { discover, deliver } = delivery()
      const endpoint = (await discover(target, web)) ?? assert.fail()
      assert.equal((await deliver(capability, endpoint, web)).outcome, 'delivered')
    }
  })

  it('warns where only the answer to the webmention shows it, and hands over no other', async () => {
    const headers = { link: '<https://bob.example/wp-json/>; rel="https://api.w.org/"' }
    const web = createWeb({
      'https://bob.example': async ({ method }) =>
        method === 'POST'
          ? new Response(null, { status: 200, headers })
          : new Response('', { headers: { link: '</mention>; rel="webmention"' } }),
    })
    const { discover, deliver } = delivery()
    const endpoint = (await discover(target, web)) ?? assert.fail()
    const first = await deliver(capability, endpoint, web)
    assert.equal(first.outcome, 'delivered')
    assert.match(first.reason, /Warning: only its answer showed .*: WordPress would publish/)
    assert.equal((await deliver(capability, endpoint, web)).outcome, 'refused')
    const allowed = await delivery('allow').deliver(capability, endpoint, web)
    assert.deepEqual(allowed, { outcome: 'delivered', reason: 'the receiver answered 200' })
    const open = await delivery().deliver(publicParcel, endpoint, web)
    assert.deepEqual(open, { outcome: 'delivered', reason: 'the receiver answered 200' })
  })

  it('does not take the software of the page for that of a receiver elsewhere', async () => {
    const web = createWeb({
      'https://bob.example': page('<https://other.example/mention>; rel="webmention"', {
        'x-powered-by': 'WordPress',
      }),
      'https://other.example': accept,
    })
    const { discover, deliver } = delivery()
    const endpoint = (await discover(target, web)) ?? assert.fail()
    assert.equal((await deliver(capability, endpoint, web)).outcome, 'delivered')
  })

  it('says so where the author allows it, without keeping the post back', async () => {
    const web = createWeb({ 'https://bob.example': wordPress })
    const { discover, deliver, warns } = delivery('allow')
    const endpoint = (await discover(target, web)) ?? assert.fail()
    assert.match(warns?.('capability', endpoint) ?? '', /^WordPress would publish/)
    assert.equal(warns?.('public', endpoint), undefined)
    assert.equal((await deliver(capability, endpoint, web)).outcome, 'delivered')
  })
})

describe('createWebmentionDelivery(): an endpoint that moved', () => {
  it('is posted to again where it is now, up to five times', async () => {
    const hops: Endpoint = async ({ url, method }) => {
      assert.equal(method, 'POST')
      const left = Number(new URL(url).searchParams.get('left'))
      if (left === 0) return new Response(null, { status: 201, headers: { location: '/status/1' } })
      return new Response(null, { status: 307, headers: { location: `?left=${left - 1}` } })
    }
    const web = createWeb({ 'https://bob.example': hops })
    const receipt = await delivery().deliver(capability, new URL('?left=5', own), web)
    assert.ok(receipt.outcome === 'delivered')
    assert.equal(receipt.statusUrl?.href, 'https://bob.example/status/1')
    assert.equal(web.log.length, 6)

    const failed = await delivery().deliver(capability, new URL('?left=6', own), web)
    assert.deepEqual(failed, { outcome: 'failed', reason: 'the endpoint moved more than 5 times' })
  })

  it('is not posted to at an address that is not public', async (t) => {
    let posts = 0
    const server = await startServer(t, (request, response) => {
      posts++
      const location = request.url === '/private' ? 'http://10.0.0.1/wm' : '/wm'
      response.writeHead(request.url === '/wm' ? 202 : 307, { location }).end()
    })
    const { fetch, close } = createGuardedFetch({ allowLoopback: true })
    t.after(close)
    const receipt = await delivery().deliver(capability, new URL('/private', server), { fetch })
    assert.equal(receipt.outcome, 'refused')
    assert.match(receipt.reason, /not at an address of the public web/)
    assert.equal(posts, 1)

    const twin = await delivery().deliver(capability, new URL('/public', server), { fetch })
    assert.equal(twin.outcome, 'delivered')
  })
})

describe('createWebmentionDelivery(): receipts', () => {
  const answerWith = (
    status: number,
    headers: Record<string, string> = {},
    body: string | null = null,
  ) => createWeb({ 'https://bob.example': async () => new Response(body, { status, headers }) })

  it('SHOULD NOT post to loopback', async (t) => {
    let posts = 0
    const server = await startServer(t, (_, response) => void response.end(`${++posts}`))
    const guarded = createGuardedFetch()
    t.after(guarded.close)
    const receipt = await delivery().deliver(publicParcel, server, { fetch: guarded.fetch })
    assert.equal(receipt.outcome, 'refused')
    assert.equal(posts, 0)

    const development = createGuardedFetch({ allowLoopback: true })
    t.after(development.close)
    const twin = await delivery().deliver(publicParcel, server, { fetch: development.fetch })
    assert.equal(twin.outcome, 'delivered')
  })

  it('is pending after a network failure', async () => {
    const receipt = await delivery().deliver(capability, own, createWeb({}))
    assert.equal(receipt.outcome, 'pending')
  })

  it('is pending as long as the receiver asks for', async () => {
    const web = answerWith(429, { 'retry-after': 'Sat, 21 Nov 2026 13:00:00 GMT' })
    assert.deepEqual(await delivery().deliver(capability, own, web), {
      outcome: 'pending',
      reason: 'the receiver answered 429',
      notBefore: new Date('2026-11-21T13:00:00Z'),
    })
  })

  it('is failed when the receiver says no, with its words and without the token', async () => {
    const web = answerWith(400, {}, `${capability.source} does not link to ${capability.target}`)
    assert.deepEqual(await delivery().deliver(capability, own, web), {
      outcome: 'failed',
      reason:
        'the receiver answered 400: https://alice.example/p/0123…/ does not link to https://bob.example/',
    })
  })

  it('is failed, before anything is sent, for a source longer than receivers take', async () => {
    const longest = new URL('https://alice.example/')
    longest.pathname = 'x'.repeat(512 - longest.href.length)
    const web = listerWeb()
    const taken = await delivery().deliver({ ...publicParcel, source: longest }, own, web)
    assert.equal(taken.outcome, 'delivered')
    web.log.length = 0

    const source = new URL(`${longest.href}x`)
    const receipt = await delivery().deliver({ ...publicParcel, source }, own, web)
    assert.equal(receipt.outcome, 'failed')
    assert.match(receipt.reason, /513 bytes.*512/)
    assert.deepEqual(web.log, [])
  })

  it('carries no token of a URL that could not be fetched', async () => {
    const fetch = () =>
      Promise.reject(new FetchError(`https://bob.example/p/${TOKEN}/ did not answer`))
    const receipt = await delivery().deliver(capability, own, { fetch })
    assert.deepEqual(receipt, {
      outcome: 'pending',
      reason: 'https://bob.example/p/0123…/ did not answer',
    })
  })

  it('lets a fault of our own through', async () => {
    const fetch = () => Promise.reject(new RangeError('ours'))
    await assert.rejects(delivery().deliver(capability, own, { fetch }), RangeError)
  })
})

describe('createWebmentionDelivery(): discover() and follow()', () => {
  it('speaks Webmention with a target that does, and with no other', async () => {
    const web = createWeb({
      'https://bob.example': async () =>
        new Response(null, { headers: { link: '</webmention>; rel=webmention' } }),
      'https://eve.example': async () => new Response(null),
    })
    const { name, discover } = delivery()
    assert.equal(name, 'webmention')
    assert.equal((await discover(new URL('https://bob.example/'), web))?.href, own.href)
    assert.equal(await discover(new URL('https://eve.example/'), web), undefined)
  })

  it('counts the time of a Retry-After from its own clock', async () => {
    const web = createWeb({
      'https://bob.example': async () =>
        new Response(null, { status: 503, headers: { 'retry-after': '60' } }),
    })
    const notBefore = new Date('2026-11-21T12:01:00Z')
    await assert.rejects(delivery().discover(own, web), { notBefore })
    await assert.rejects(async () => delivery().follow?.(own, web), { notBefore })
  })
})
