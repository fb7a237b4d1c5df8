import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { routesCommand } from '../../lib/cli/routes.ts'
import type { RouteExplanation } from '../../lib/deploy/route-explanation.ts'
import { openLedgerFile } from '../../lib/ledger/ledger-file.ts'
import type { Ledger, RouteRecord } from '../../lib/ledger/ledger.ts'
import type { SiteRecord } from '../../lib/ledger/site-record.ts'
import { createDeployedSite, fakeLink } from '../support/deployed-site.ts'
import { createReceiver, type Behaviour } from '../support/receiver.ts'
import { execute, holdsToken, SECRET, siteWith, aliceLedger } from './command-line.ts'

const NOW = new Date('2026-12-01T12:00:00Z')
const KEYS: Behaviour = {
  status: 200,
  headers: { 'content-type': 'application/jwk-set+json' },
  body: JSON.stringify({ keys: [{ kty: 'EC' }] }),
}

/** A page with these rels in its header. */
function home(...rels: readonly string[]): Behaviour {
  const link = rels.map((rel) => `</${rel}>; rel="${rel}"`).join(', ')
  return { status: 200, headers: { 'content-type': 'text/html', ...(link && { link }) }, body: 'x' }
}

async function setUp(t: TestContext, settings: Partial<SiteRecord> = {}) {
  let own = home()
  const receiver = await createReceiver({
    page: ({ host, path }) => {
      if (host.startsWith('alice.')) return own
      if (path === '/keys') return host.startsWith('chat.') ? KEYS : 404
      if (path !== '/') return 404
      if (host.startsWith('bob.')) return home('webmention', 'pm')
      return host.startsWith('carol.') ? home('pm') : home()
    },
    endpoint: () => 404,
  })
  t.after(() => receiver.close())
  const site = await createDeployedSite(t)
  const [bob, carol, dave] = ['bob', 'carol', 'dave'].map((name) => receiver.url(name))
  const erin = `erin@chat.localhost:${receiver.port}`
  const links = [bob, carol, erin, 'mailto:mum@example.com'].map((recipient, number) =>
    fakeLink(recipient ?? null, number),
  )
  await site.publishPrivately({ path: 'private/x.md', links })
  await site.configure({
    protocols: ['private-webmention', 'webmention', 'rel-pm', 'intertalk'],
    me: receiver.url('alice'),
    ...settings,
  })
  const address = new URL('/pm', site.url)
  own = { status: 200, headers: { link: `<${address.href}>; rel="pm"` }, body: 'x' }
  async function routes(...args: readonly string[]) {
    const site_ = ['--site', site.url.href, '--allow-loopback']
    const environment = { PRIVATE_POSTS_SECRET: SECRET }
    const outcome = await execute(routesCommand, [...args, ...site_], {
      ...{ cwd: site.folder, now: NOW, environment },
    })
    assert.doesNotMatch(outcome.out + outcome.error, /[0-9a-hjkmnp-tv-z]{26}/i)
    return outcome
  }
  return {
    own: () => own,
    ...{ site, receiver, routes, bob: bob ?? '', carol: carol ?? '', dave: dave ?? '', erin },
    async json(...args: readonly string[]) {
      const { code, out, error } = await routes(...args, '--json')
      assert.equal(error, '')
      return { code, routes: (JSON.parse(out) as { routes: RouteExplanation[] }).routes }
    },
    async remember(route: Partial<RouteRecord>) {
      await openLedgerFile(site.ledgerFile).update(async (ledger: Ledger) => ({
        ledger: {
          ...ledger,
          routes: [
            {
              ...{ to: bob ?? '', exposure: 'capability', choice: '', protocol: 'rel-pm' },
              expires: new Date(NOW.getTime() + 60_000).toISOString(),
              ...route,
            },
          ],
        },
        result: undefined,
      }))
    },
  }
}

const first = ({ routes }: { routes: RouteExplanation[] }) => routes[0] ?? assert.fail()

describe('private-posts routes', () => {
  it('says of each protocol whether it is considered, whether it is spoken, and which is chosen', async (t) => {
    const { json, bob, receiver } = await setUp(t)
    const found = await json(bob)
    assert.equal(found.code, 0)
    const { link, gate, protocols, recipient } = first(found)
    const host = `bob.localhost:${receiver.port}`
    assert.equal(recipient, bob)
    assert.deepEqual([link.protocol, link.endpoint], ['webmention', host])
    assert.deepEqual([gate.protocol, gate.endpoint], ['private-webmention', host])
    assert.deepEqual(
      protocols.map(({ protocol, speaks, endpoint }) => [protocol, speaks, endpoint]),
      [
        ['private-webmention', true, host],
        ['webmention', true, host],
        ['rel-pm', true, host],
        ['intertalk', null, null],
      ],
    )
    const [code, plain, pm, intertalk] = protocols
    assert.match(code?.link ?? '', /does not carry posts with links of their own/)
    assert.equal(code?.gate, null)
    assert.match(plain?.gate ?? '', /does not carry gated posts/)
    assert.deepEqual([pm?.link, pm?.gate], [null, null])
    assert.match(intertalk?.link ?? '', /no address is known: option recipients\["http:.*"\]/)
  })

  it('sends nothing, and writes nothing into the ledger', async (t) => {
    const { site, receiver, routes, bob } = await setUp(t)
    const before = await site.ledger()
    await routes(bob)
    assert.ok(receiver.log.every(({ method }) => method === 'GET'))
    assert.deepEqual(await site.ledger(), before)
  })

  it('is for people, too', async (t) => {
    const { routes, carol, receiver } = await setUp(t)
    const { code, out } = await routes('carol.localhost:' + receiver.port)
    assert.equal(code, 0)
    const lines = out.split('\n')
    const at = `carol.localhost:${receiver.port}`
    assert.equal(lines[0], carol)
    assert.equal(
      lines[1],
      `  posts with links of their own: by rel-pm at ${at}, the first that is spoken`,
    )
    assert.equal(lines[2], `  gated posts: by rel-pm at ${at}, the first that is spoken`)
    assert.match(out, /- private-webmention: gated posts only; not spoken by http:/)
    assert.match(out, /- webmention: no gated posts; not spoken by http:/)
    assert.match(out, /- rel-pm: spoken by http:.*, at carol\.localhost/)
    assert.match(out, /- intertalk: not considered: no address is known/)
  })

  it('ends with 3 where there is no route, and says what to do', async (t) => {
    const { routes, json, dave, receiver } = await setUp(t)
    assert.equal((await routes(dave)).code, 3)
    const nobody = await json(`nobody@dave.localhost:${receiver.port}`)
    assert.equal(nobody.code, 3)
    assert.match(
      first(nobody).link.reason,
      /^no intertalk endpoint; if this is a mail address, write mailto:nobody@/,
    )
    assert.equal((await routes('mailto:mum@example.com')).code, 3)
  })

  it('is of everybody without a name, of whom only those count that a protocol could reach', async (t) => {
    const { json, bob, carol, erin } = await setUp(t)
    const { code, routes } = await json()
    assert.equal(code, 0)
    assert.deepEqual(
      routes.map(({ recipient, link }) => [recipient, link.protocol]).toSorted(),
      [
        [bob, 'webmention'],
        [carol, 'rel-pm'],
        [erin, 'intertalk'],
        ['mailto:mum@example.com', null],
      ].toSorted(),
    )
  })

  it('names the protocol that a recipient is pinned to', async (t) => {
    const { site, json, bob } = await setUp(t)
    await site.configure({ recipients: { [bob]: { protocol: 'rel-pm' } } })
    const { link, protocols } = first(await json(bob))
    assert.equal(link.protocol, 'rel-pm')
    assert.equal(protocols[1]?.link, 'the recipient is pinned to rel-pm')
    assert.equal(protocols[1]?.speaks, null)
  })

  it('says what is remembered, and until when', async (t) => {
    const { site, json, routes, bob, remember } = await setUp(t)
    const choice = 'exposure refuse, loopback allowed, with codes; webmention; rel-pm ' + bob
    await remember({ choice })
    const { link, gate } = first(await json(bob))
    assert.equal(link.protocol, 'rel-pm')
    assert.deepEqual(link.remembered, { protocol: 'rel-pm', until: '2026-12-01T12:01:00.000Z' })
    assert.equal(gate.remembered, null)
    assert.equal(link.reason, 'the one that worked last')
    assert.match((await routes(bob)).out, /rel-pm is remembered until 2026-12-01T12:01/)
    await remember({ choice, expires: NOW.toISOString() })
    assert.equal(first(await json(bob)).link.protocol, 'webmention')
    assert.equal((await site.ledger()).routes.length, 1)
  })

  it('knows whom a capability URL would not be handed to, and takes the next', async (t) => {
    const { receiver, json, bob, own } = await setUp(t)
    const link = '<https://webmention.io/bob/webmention>; rel="webmention", </pm>; rel="pm"'
    const bobs = { status: 200, headers: { link } }
    receiver.script({ page: ({ host }) => (host.startsWith('alice.') ? own() : bobs) })
    const found = first(await json(bob))
    assert.equal(found.link.protocol, 'rel-pm')
    assert.match(found.link.reason, /^webmention is refused: webmention\.io would publish/)
    assert.equal(found.gate.protocol, 'private-webmention')
  })

  it('names the software of a receiver that publishes, by what it was known, and what else can be done', async (t) => {
    const { site, receiver, json, routes, bob, own } = await setUp(t)
    const link = '</mention>; rel="webmention", </wp-json/>; rel="https://api.w.org/"'
    receiver.script({
      page: ({ host }) => (host.startsWith('alice.') ? own() : { status: 200, headers: { link } }),
    })
    const refused = first(await json(bob)).link
    assert.equal(refused.protocol, null)
    assert.match(
      refused.reason,
      /^webmention is refused: WordPress would publish .*comments.*recognised by its link with rel=.*"access: gate".*by mail/,
    )
    for (const exposure of ['warn', 'allow'] as const) {
      await site.configure({ exposure })
      const allowed = first(await json(bob)).link
      assert.equal(allowed.protocol, 'webmention')
      assert.match(allowed.reason, /^the first that is spoken; warning: WordPress would publish/)
    }
    assert.match((await routes(bob)).out, /warning: WordPress would publish/)
  })

  it('knows that nobody would believe an announcement that the own home page does not confirm', async (t) => {
    const { site, json, carol } = await setUp(t)
    const expected = new URL('/pm', site.url).href
    assert.equal(first(await json(carol)).link.protocol, 'rel-pm')
    await site.configure({ me: carol })
    const found = await json(carol)
    assert.equal(found.code, 3)
    const { link, protocols } = first(found)
    assert.equal(link.protocol, null)
    assert.ok(link.reason.includes(`Put <link rel="pm" href="${expected}"> into its head`))
    assert.equal(protocols[2]?.speaks, true)
    await site.configure({ me: 'http://nobody.localhost:9/' })
    const { reason } = first(await json(carol)).link
    assert.match(reason, /^rel-pm could not be asked, so posts would wait: http:\/\/nobody/)
  })

  it('tells an author to whom no protocol could write, and only what is of use to them', async (t) => {
    const { routes } = await setUp(t)
    const { code, out } = await routes('mailto:mum@example.com')
    assert.equal(code, 3)
    assert.deepEqual(out.split('\n'), [
      'mailto:mum@example.com',
      '  told by you: private-posts links has the link, or the invitation',
      '  A protocol could, if you set option recipients["mailto:mum@example.com"] with their profile or address.',
      '',
    ])
  })

  it('chooses nothing before what could not be asked', async (t) => {
    const { receiver, json, bob } = await setUp(t)
    receiver.script({ page: () => 'reset' })
    const found = await json(bob)
    assert.equal(found.code, 3)
    const { link, protocols } = first(found)
    assert.equal(link.protocol, null)
    assert.match(link.reason, /^webmention could not be asked, so posts would wait: http:/)
    assert.deepEqual([protocols[1]?.speaks, typeof protocols[1]?.trouble], [null, 'string'])
  })

  it('says how it is used when it is used wrongly', async (t) => {
    const { routes, bob } = await setUp(t)
    for (const args of [[bob, 'x'], ['Aunt'], ['--bogus']]) {
      const { code, error } = await routes(...args)
      assert.equal(code, 2, error)
      assert.match(error, /Usage: private-posts routes \[recipient\]/)
    }
    assert.match((await routes('Aunt')).error, /is nobody in an audience.*Known:/s)
    assert.match((await routes('--help')).out, /Usage: private-posts routes \[recipient\]/)
  })

  it('needs no secret of the site to tell, but says what is missing', async (t) => {
    const { site, carol } = await setUp(t)
    const args = [carol, '--json', '--site', site.url.href, '--allow-loopback']
    const { code, out } = await execute(routesCommand, args, { cwd: site.folder, now: NOW })
    assert.equal(code, 3)
    const { link } = first(JSON.parse(out) as { routes: RouteExplanation[] })
    assert.match(link.reason, /rel-pm is refused: .*PRIVATE_POSTS_SECRET is missing\. To do/)
    assert.ok(!existsSync(join(site.folder, '.private-posts')))
  })

  it('shows no token of the ledger', async () => {
    const ledger = { ...aliceLedger({ protocols: [] }), routes: [] }
    const { code, out } = await execute(routesCommand, [], { cwd: siteWith(ledger), now: NOW })
    assert.equal(code, 3)
    assert.match(out, /no route: this site speaks no protocol/)
    assert.ok(!holdsToken(out, ledger))
  })
})
