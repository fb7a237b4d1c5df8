import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { issueCapabilityToken } from '../../lib/capability-url/capability-url.ts'
import type { JournaledLedger } from '../../lib/ledger/journaled-ledger.ts'
import { revokeLinks, rotateLinks } from '../../lib/ledger/revoke.ts'
import { GONE_PAGE, TOMBSTONE } from '../../lib/web/tombstone.ts'
import { openTwoSites, type Host, type TwoSites } from '../support/two-sites.ts'

const DAY = 24 * 60 * 60 * 1000
const DINNER = 'private/dinner.md'
const PARTY = 'private/party.md'
const HELLO = 'posts/hello.md'

interface Kept {
  readonly audience?: string
  readonly more?: string
}

/** A private post with a link of its own, and one behind the gate. */
function privatePost(sites: TwoSites, { audience, more = '' }: Kept = {}, access = 'link'): string {
  const bob = sites.urlOf('bob').href
  const lines = ['visibility: private', `audience: [${audience ?? bob}]`, `access: ${access}`, more]
  return sites.page(
    lines.join('\n'),
    `We meet in ${access === 'gate' ? 'Oslo' : 'Rome'}, [Bob](${bob}).`,
  )
}

function publicPost(sites: TwoSites): string {
  const note = `${sites.urlOf('bob').href}notes/1/`
  return sites.page('title: Hello', `I like [this](${note}).`)
}

/** Alice has told Bob of three posts, and his inbox has what it can have. */
async function told(t: TestContext, host: Host, options = {}): Promise<TwoSites> {
  const sites = await openTwoSites(t, { host, options })
  sites.write({
    [DINNER]: privatePost(sites),
    [HELLO]: publicPost(sites),
    ...(host === 'serve' && { [PARTY]: privatePost(sites, {}, 'gate') }),
  })
  await sites.build()
  await sites.send()
  assert.equal((await sites.inbox()).length, host === 'serve' ? 3 : 2)
  return sites
}

/** Where Bob knows the post to be. */
async function addressIn(sites: TwoSites, folder: string): Promise<string> {
  const source = (await sites.inbox()).find((one) => new URL(one).pathname.startsWith(folder))
  assert.ok(source, folder)
  return new URL(source).pathname
}

async function revoke(sites: TwoSites, postId: string): Promise<void> {
  await sites.ledger.update(async (before) => ({
    ledger: revokeLinks(before, { postId }, sites.now()).ledger,
    result: undefined,
  }))
}

async function rotate(sites: TwoSites, postId: string): Promise<void> {
  await sites.ledger.update(async (before) => ({
    ledger: rotateLinks(before, { postId }, sites.now(), issueCapabilityToken).ledger,
    result: undefined,
  }))
}

/** What a stranger, and so a receiver without a token, is answered where a post was taken back. */
const ANSWERS = {
  serve: { status: 410, body: GONE_PAGE },
  static: { status: 200, body: TOMBSTONE },
} as const

const WAYS: readonly [
  name: string,
  post: string,
  folder: string,
  change: (sites: TwoSites) => unknown,
  newAddresses?: number,
][] = [
  ['a revoked link', DINNER, '/p/', (sites) => revoke(sites, DINNER)],
  ['a rotated link', DINNER, '/p/', (sites) => rotate(sites, DINNER), 1],
  [
    'somebody taken out of the audience',
    DINNER,
    '/p/',
    (sites) => sites.write({ [DINNER]: privatePost(sites, { audience: 'Carol' }) }),
  ],
  [
    'a post that has expired',
    DINNER,
    '/p/',
    (sites) => sites.write({ [DINNER]: privatePost(sites, { more: 'expires: 2026-11-20' }) }),
  ],
  ['a deleted public post', HELLO, '/posts/', (sites) => sites.remove(HELLO)],
  [
    'a public post that became private',
    HELLO,
    '/posts/',
    (sites) => sites.write({ [HELLO]: privatePost(sites, { audience: 'Carol' }) }),
  ],
  [
    'a post that moved behind the gate',
    DINNER,
    '/p/',
    (sites) => sites.write({ [DINNER]: privatePost(sites, { audience: 'Carol' }, 'gate') }),
  ],
]

for (const host of ['serve', 'static'] as const) {
  describe(`taking back, ${host === 'serve' ? 'with our own server' : 'on a static host'}`, () => {
    for (const [name, , folder, change, newAddresses = 0] of WAYS) {
      it(`${name}: its address says that it is gone, and Bob's inbox is without it`, async (t) => {
        const sites = await told(t, host)
        const address = await addressIn(sites, folder)
        const others = (await sites.inbox()).length - 1
        await change(sites)
        await sites.build()
        assert.deepEqual(await sites.get(address), ANSWERS[host])
        const rows = await sites.send()
        assert.deepEqual(
          rows.filter(({ outcome }) => outcome === 'failed'),
          [],
        )
        const left = await sites.inbox()
        assert.ok(!left.some((source) => source.endsWith(address)))
        assert.equal(left.length, others + newAddresses)
        // Nobody is told twice.
        const again = await sites.send()
        assert.ok(!again.some(({ outcome }) => outcome === 'delivered'))
      })
    }

    it('a deleted private post: as soon as a deploy without it was seen', async (t) => {
      const sites = await told(t, host)
      const address = await addressIn(sites, '/p/')
      sites.remove(DINNER)
      await sites.build()
      assert.equal((await sites.get(address)).status, host === 'serve' ? 410 : 404)
      await sites.send()
      await sites.build()
      assert.deepEqual(await sites.get(address), ANSWERS[host])
      // A receiver that was answered 404 looks again by itself.
      sites.wait(DAY / 2)
      await sites.sweep()
      assert.ok(!(await sites.inbox()).some((source) => source.endsWith(address)))
    })

    it('lasts thirty days on a host that cannot answer 410, and for ever on ours', async (t) => {
      const sites = await told(t, host)
      const [link, page] = [await addressIn(sites, '/p/'), await addressIn(sites, '/posts/')]
      await revoke(sites, DINNER)
      sites.remove(HELLO)
      for (const [days, expected] of [
        [0, ANSWERS[host].status],
        [29, ANSWERS[host].status],
        [2, host === 'serve' ? 410 : 404],
      ] as const) {
        sites.wait(days * DAY)
        await sites.build()
        assert.equal((await sites.get(link)).status, expected)
        assert.equal((await sites.get(page)).status, expected)
      }
      assert.ok(!sites.built.files.some((file) => /^(p\/\w{26}|posts)\//.test(file)))
    })

    it('gives way to a page that is back', async (t) => {
      const sites = await told(t, host)
      const [link, page] = [await addressIn(sites, '/p/'), await addressIn(sites, '/posts/')]
      sites.remove(DINNER)
      sites.remove(HELLO)
      await sites.build()
      await sites.send()
      await sites.build()
      sites.write({ [DINNER]: privatePost(sites), [HELLO]: publicPost(sites) })
      await sites.build()
      assert.match((await sites.get(link)).body, /Rome/)
      assert.match((await sites.get(page)).body, /I like/)
      sites.wait(60_000)
      await sites.send()
      assert.equal((await sites.inbox()).filter((one) => !one.includes('/private/')).length, 2)
    })

    it('gives way to a page that is back under the other spelling of its address', async (t) => {
      const sites = await told(t, host)
      sites.remove(HELLO)
      await sites.build()
      await sites.send()
      assert.equal((await sites.get('/posts/hello/')).status, ANSWERS[host].status)
      const note = `${sites.urlOf('bob').href}notes/1/`
      sites.write({
        [HELLO]: sites.page('permalink: /posts/hello.html', `I like [this](${note}).`),
      })
      await sites.build()
      assert.doesNotMatch((await sites.get('/posts/hello/')).body, /410 Gone/)
      assert.match((await sites.get('/posts/hello.html')).body, /I like/)
    })

    it('a private post that became public, and is deleted then', async (t) => {
      const sites = await told(t, host)
      const bob = sites.urlOf('bob').href
      const supper = 'posts/supper.md'
      sites.write({ [supper]: privatePost(sites) })
      await sites.build()
      await sites.send()
      const before = await sites.inbox()
      const { posts } = await sites.ledger.read()
      const address = `/p/${posts[supper]?.links[0]?.token}/`
      assert.ok(before.some((source) => source.endsWith(address)))

      sites.write({ [supper]: sites.page('title: Supper', `In Rome, [Bob](${bob}).`) })
      await sites.build()
      await sites.send()
      assert.equal((await sites.get(address)).status, 301)
      sites.wait(60_000)
      sites.remove(supper)
      await sites.build()
      for (const path of [address, '/posts/supper/']) {
        assert.deepEqual(await sites.get(path), ANSWERS[host])
      }
      await sites.send()
      const left = await sites.inbox()
      assert.equal(left.length, before.length - 1)
      assert.ok(!left.some((source) => source.endsWith(address) || /supper/.test(source)))
      assert.ok(!(await sites.send()).some(({ outcome }) => outcome === 'delivered'))
    })

    it('leaves alone what nobody was told of, drafts, and what the author has moved', async (t) => {
      const sites = await told(t, host)
      const link = await addressIn(sites, '/p/')
      sites.write({
        'posts/quiet.md': sites.page('title: Quiet', 'No link.'),
      })
      await sites.build()
      sites.remove('posts/quiet.md')
      sites.remove(HELLO)
      sites.write({
        [DINNER]: sites.page(
          `visibility: private\npermalink: false\naudience: [${sites.urlOf('bob').href}]`,
        ),
        'essays/hello.md': publicPost(sites),
      })
      sites.write({ '_site/_redirects': '/posts/:name/ /essays/:name/ 301\n' })
      await sites.build()
      assert.equal((await sites.get('/posts/hello/')).status, 301)
      assert.equal((await sites.get(link)).status, 404)
      assert.match((await sites.get('/posts/quiet/')).body, /No link/)
    })

    it('loses nothing when the sender is killed after the receiver was told', async (t) => {
      const sites = await told(t, host)
      sites.remove(HELLO)
      await revoke(sites, DINNER)
      await sites.build()
      await assert.rejects(sites.send(dyingAfter(sites.ledger, 1)), /killed/)
      await sites.send()
      assert.deepEqual(
        (await sites.inbox()).filter((one) => !one.includes('/private/')),
        [],
      )
    })
  })
}

describe('taking back a gated post', () => {
  const ways: readonly [name: string, change: (sites: TwoSites) => unknown][] = [
    ['a revoked reader', (sites) => revoke(sites, PARTY)],
    [
      'a reader taken out of the audience',
      (sites) => sites.write({ [PARTY]: privatePost(sites, { audience: 'Carol' }, 'gate') }),
    ],
    [
      'a post that has expired',
      (sites) =>
        sites.write({
          [PARTY]: privatePost(sites, { more: 'expires: 2026-11-20' }, 'gate'),
        }),
    ],
    ['a deleted post', (sites) => sites.remove(PARTY)],
  ]
  for (const [name, change] of ways) {
    it(`${name}: 410 for his site, 401 with the same bytes for all others`, async (t) => {
      const sites = await told(t, 'serve')
      const address = await addressIn(sites, '/private/')
      const before = await sites.get(address)
      assert.equal(before.status, 401)
      await change(sites)
      await sites.build()
      const rows = await sites.send()
      assert.deepEqual(await sites.get(address), before)
      const row = rows.find(({ source }) => source.includes('/private/'))
      assert.equal(row?.outcome, 'delivered')
      assert.ok(!(await sites.inbox()).some((source) => source.endsWith(address)))
    })
  }

  it('empties the inbox when all is taken back at once', async (t) => {
    const sites = await told(t, 'serve')
    for (const path of [DINNER, PARTY, HELLO]) sites.remove(path)
    await sites.build()
    await sites.send()
    assert.deepEqual(await sites.inbox(), [])
  })

  it('does not happen to a reader who stays, nor to a draft', async (t) => {
    const sites = await told(t, 'serve')
    const bob = sites.urlOf('bob').href
    sites.write({ [PARTY]: privatePost(sites, { audience: `${bob}, Carol` }, 'gate') })
    await sites.build()
    await sites.send()
    assert.equal((await sites.inbox()).length, 3)
    sites.write({
      [PARTY]: privatePost(sites, { more: 'permalink: false' }, 'gate'),
    })
    await sites.build()
    await sites.send()
    assert.equal((await sites.inbox()).length, 3)
  })
})

/** A ledger whose process is killed at the write after so many. */
function dyingAfter(ledger: JournaledLedger, lines: number): JournaledLedger {
  let left = lines
  return {
    ...ledger,
    beginJournal() {
      const journal = ledger.beginJournal()
      return {
        ...journal,
        async append(line) {
          if (left-- <= 0) throw new Error('killed')
          return journal.append(line)
        },
      }
    },
  }
}
