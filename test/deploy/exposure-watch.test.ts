import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it, type TestContext } from 'node:test'
import { linksCommand } from '../../lib/cli/links.ts'
import { routesCommand } from '../../lib/cli/routes.ts'
import { sendCommand } from '../../lib/cli/send.ts'
import { statusCommand } from '../../lib/cli/status.ts'
import type { ExposureRow } from '../../lib/deploy/exposure-report.ts'
import type { SiteRecord } from '../../lib/ledger/site-record.ts'
import { execute } from '../cli/command-line.ts'
import { createDeployedSite, fakeLink, fakeToken, START } from '../support/deployed-site.ts'
import {
  createDiscreet,
  createWebmentionIo,
  createWordPress,
  type Publisher,
} from '../support/publishing.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const POST = 'private/x.md'

async function setUp(t: TestContext, publisher: Publisher, settings: Partial<SiteRecord> = {}) {
  t.after(() => publisher.receiver.close())
  const site = await createDeployedSite(t)
  await site.configure({ me: 'https://alice.example/', ...settings })
  await site.publishPrivately({ path: POST, links: [fakeLink(publisher.home, 1)] })
  let time = START.getTime()
  const at = () => new Date(time)
  const command = async (which: typeof sendCommand, args: readonly string[]) => {
    const context = { cwd: site.folder, now: at(), environment: {} }
    const outcome = await execute(which, args, context)
    if (which !== linksCommand) {
      assert.doesNotMatch(outcome.out + outcome.error, /[0-9a-hjkmnp-tv-z]{26}/i, 'no token')
    }
    return outcome
  }
  const send = (...args: readonly string[]) =>
    command(sendCommand, ['--site', site.url.href, '--allow-loopback', '--wait', '0', ...args])
  return {
    ...{ site, publisher, send },
    wait: (milliseconds: number) => void (time += milliseconds),
    async json(...args: readonly string[]) {
      const { code, out } = await send('--json', ...args)
      const { exposures = [], looks = [], deliveries } = JSON.parse(out)
      return { code, exposures: exposures as ExposureRow[], looks, deliveries }
    },
    async states() {
      const links = JSON.parse((await command(linksCommand, ['--json'])).out).links
      const { posts } = JSON.parse((await command(statusCommand, ['--json'])).out)
      return [
        links.map(({ state }: { state: string }) => state),
        posts[0].recipients.map(({ state }: { state: string }) => state),
      ]
    },
    text: async (which: typeof sendCommand) => (await command(which, [])).out,
    watches: async () => (await site.ledger()).watches,
  }
}

describe('the exposure watch, at a WordPress that hides what it is', () => {
  it('finds the link in the feed of the comments when it was approved days later', async (t) => {
    const { publisher, send, json, states, text, wait } = await setUp(t, await createWordPress())
    const first = await send()
    assert.equal(first.code, 0, first.out)
    assert.match(first.out, /delivered/)
    assert.deepEqual(await states(), [['live'], ['live']])

    wait(3 * DAY)
    assert.equal((await send()).code, 0)
    publisher.approve()
    wait(6 * HOUR)
    const { code, out } = await send()
    assert.equal(code, 1)
    assert.match(out, /Private links that everybody can read:\n/)
    const feed = publisher.receiver.url('bob', '/comments/feed/')
    assert.ok(out.includes(`${POST}, the link of ${publisher.home}: found in public on 2026-03-04`))
    assert.ok(out.includes(` at ${feed}. To do: private-posts rotate ${POST} ${publisher.home}, `))
    assert.match(out, /"access: gate"/)
    assert.deepEqual(await states(), [['exposed'], ['exposed']])
    assert.ok(
      (await text(linksCommand)).includes(`exposed: found in public on 2026-03-04 at ${feed}`),
    )
    assert.ok((await text(statusCommand)).includes(`at ${feed}: private-posts rotate`))

    const again = await json()
    assert.equal(again.code, 1, 'as long as the link works')
    assert.deepEqual(
      again.exposures.map(({ post, recipient, place, isNew, rotated }) => [
        ...[post, recipient, place, isNew, rotated],
      ]),
      [[POST, publisher.home, feed, false, false]],
    )
  })

  it('finds it in the very run that delivered it', async (t) => {
    const { publisher, json } = await setUp(t, await createWordPress())
    publisher.approve()
    const { code, exposures } = await json()
    assert.equal(code, 1)
    assert.equal(exposures[0]?.isNew, true)
  })

  it('takes no link text that is cut short for the link', async (t) => {
    const wordPress = await createWordPress({ showsExcerpts: true })
    const { publisher, json, states } = await setUp(t, wordPress)
    publisher.approve()
    const { code, looks } = await json('--verbose')
    assert.deepEqual([code, looks.length], [0, 3])
    assert.deepEqual(await states(), [['live'], ['live']])
  })
})

describe('the exposure watch, at a listing like that of webmention.io', () => {
  it('finds the link pages behind what others have sent since', async (t) => {
    const { publisher, json, send, wait } = await setUp(t, await createWebmentionIo(50))
    assert.equal((await send()).code, 0)
    publisher.approve()
    wait(10 * MINUTE)
    publisher.visited()
    const { code, exposures } = await json()
    assert.equal(code, 1)
    assert.match(exposures[0]?.place ?? '', /\/api\/mentions\.jf2\?target=.*&page=2$/)
    assert.equal(publisher.visited().length, 5, 'the page, three of the list, and the older API')
  })

  it('reads no list for ever', async (t) => {
    const { publisher, json } = await setUp(t, await createWebmentionIo(10_000))
    publisher.approve()
    const { code, looks } = await json('--verbose')
    assert.equal(code, 0)
    assert.equal(looks.length, 7)
  })
})

describe('the exposure watch, at a receiver that keeps what it was sent', () => {
  it('leaves the link live, says nothing, and says with detail what did not answer', async (t) => {
    const { publisher, send, states, wait } = await setUp(t, await createDiscreet())
    publisher.approve()
    for (let day = 0; day < 16; day++) {
      const { code, out, error } = await send()
      assert.equal(code, 0, out)
      assert.doesNotMatch(out + error, /public|404/)
      wait(DAY)
    }
    assert.deepEqual(await states(), [['live'], ['live']])
  })

  it('says with detail where it looked, and what did not answer', async (t) => {
    const { publisher, send, json, wait } = await setUp(t, await createDiscreet())
    const { code, out } = await send('--verbose')
    assert.equal(code, 0)
    assert.ok(out.includes(`  ${publisher.receiver.url('bob', '/feed.xml')}: answered 404\n`))
    assert.ok(out.includes(`  ${publisher.home}\n`))
    wait(10 * MINUTE)
    publisher.receiver.script({ page: () => 'reset' })
    const { looks } = await json('--verbose')
    assert.match(looks[0]?.trouble, /did not answer/)
  })

  it('goes to no address that is not public, wherever a feed leads', async (t) => {
    const { publisher, json } = await setUp(t, await createDiscreet())
    const page =
      '<link rel="webmention" href="/mention"><link rel="alternate" type="application/rss+xml" href="/feed">'
    publisher.receiver.script({
      page: ({ path }) =>
        path === '/'
          ? { status: 200, headers: { 'content-type': 'text/html' }, body: page }
          : { status: 302, headers: { location: 'http://192.168.0.1/feed' } },
    })
    const { code, looks } = await json('--verbose')
    assert.equal(code, 0)
    assert.match(looks[1].trouble, /192\.168\.0\.1.*not at an address of the public web/)
  })

  it('ends after two weeks, and keeps nothing of it', async (t) => {
    const { publisher, send, wait, watches } = await setUp(t, await createDiscreet())
    await send()
    assert.equal((await watches())?.length, 1)
    wait(14 * DAY - HOUR)
    publisher.visited()
    await send()
    assert.deepEqual(publisher.visited(), ['/', '/feed.xml'])
    wait(2 * HOUR)
    await send()
    wait(30 * DAY)
    await send()
    assert.deepEqual(publisher.visited(), [])
    assert.equal(await watches(), undefined)
  })

  it('begins anew when the post was changed and told again', async (t) => {
    const { site, publisher, send, wait } = await setUp(t, await createDiscreet())
    await send()
    wait(20 * DAY)
    const links = [fakeLink(publisher.home, 1)]
    await site.publishPrivately({ path: POST, links, title: 'changed' })
    await send()
    publisher.visited()
    wait(DAY)
    await send()
    assert.deepEqual(publisher.visited(), ['/', '/feed.xml'])
  })

  it('looks at each page and feed once in a run, and seldom, however many links there are', async (t) => {
    const { site, publisher, send, wait } = await setUp(t, await createDiscreet())
    for (let number = 2; number < 9; number++) {
      const links = [fakeLink(publisher.home, number)]
      await site.publishPrivately({ path: `private/${number}.md`, links })
    }
    await send()
    assert.deepEqual(publisher.visited(), ['/', '/', '/feed.xml'], 'once for the endpoint')
    const looksOf = async (runs: number, pause: number) => {
      for (let run = 0; run < runs; run++) {
        wait(pause)
        await send()
      }
      return publisher.visited().filter((path) => path === '/feed.xml').length
    }
    assert.equal(await looksOf(12, 5 * MINUTE), 6, 'in the first hour')
    assert.equal(await looksOf(47, 30 * MINUTE), 3, 'in the rest of the day')
  })

  for (const [path, expected] of [
    [`/p/${fakeToken('y')}/`, 0],
    ['/notes/1/', 1],
  ] as const) {
    it(`takes ${expected === 0 ? 'no page that is itself for its reader alone' : 'an ordinary page'} for a public place`, async (t) => {
      const { site, publisher, send } = await setUp(t, await createDiscreet())
      await site.publishPrivately({
        path: POST,
        inReplyTo: publisher.receiver.url('bob', path),
        implied: publisher.home,
        links: [fakeLink(publisher.home, 1)],
      })
      publisher.receiver.script({
        page: () => ({
          status: 200,
          headers: { 'content-type': 'text/html' },
          body: `<link rel="webmention" href="/mention">A reply: ${site.url.href}p/${fakeToken(1)}/`,
        }),
      })
      const { code, out } = await send()
      assert.match(out, /delivered/)
      assert.equal(code, expected, out)
    })
  }
})

describe('the exposure watch, and what comes after', () => {
  it('keeps the next link of this receiver back, whichever way the author rotated it', async (t) => {
    const { site, publisher, json, wait } = await setUp(t, await createWordPress())
    publisher.approve()
    await json()
    const revoked = { at: START.toISOString(), reason: 'rotated' } as const
    const [old, next] = [fakeLink(publisher.home, 1, { revoked }), fakeLink(publisher.home, 2)]
    await site.publishPrivately({ path: POST, links: [old, { ...next, generation: 1 }] })
    wait(HOUR)
    const taken = publisher.receiver.taken.length
    const { code, deliveries, exposures } = await json()
    assert.equal(code, 1)
    assert.deepEqual(exposures, [], 'the link that was found works no more')
    const held = deliveries.find(({ outcome }: { outcome: string }) => outcome === 'refused')
    assert.match(
      held?.reason,
      /^held back: a private link .* stood in public on 2026-03-01 at http/,
    )
    assert.match(held?.reason, /private-posts links.*access: gate/)
    const sent = publisher.receiver.taken.slice(taken)
    assert.ok(sent.every(({ source }) => !source?.includes(fakeToken(2))))
    assert.ok(
      sent.some(({ source }) => source?.includes(fakeToken(1))),
      'of the end of the old one it is told',
    )

    const intended = await json('--dry-run')
    assert.match(
      JSON.stringify(intended.deliveries),
      /Not by webmention: held back: a private link/,
    )
    const routed = await execute(
      routesCommand,
      [publisher.home, '--site', site.url.href, '--allow-loopback'],
      { cwd: site.folder, now: START, environment: {} },
    )
    assert.match(routed.out, /no route: webmention is refused: held back: a private link/)

    await site.configure({ exposure: 'warn' })
    const warned = await json()
    assert.match(JSON.stringify(warned.deliveries), /Warning: a private link that this receiver/)
    assert.equal(warned.code, 1, 'and it is found again')
    assert.equal(warned.exposures[0]?.isNew, true)
  })

  it('rotates it by itself where the author wants that, once, and tells it to nobody who would publish it', async (t) => {
    const { site, publisher, json, states, wait } = await setUp(t, await createWordPress(), {
      ...{ onExposure: 'rotate', exposure: 'allow' },
    })
    publisher.approve()
    const { code, exposures } = await json()
    assert.equal(code, 1)
    assert.equal(exposures[0]?.rotated, true)
    assert.match(
      exposures[0]?.remedy,
      /^It has a new link\. To do: build and deploy.*private-posts links/,
    )
    assert.deepEqual(await states(), [['revoked', 'not-built'], ['not-built']])
    const { links } = (await site.ledger()).posts[POST] ?? assert.fail()
    assert.equal(links[0]?.revoked?.reason, 'rotated')

    await site.publishPrivately({ path: POST, links: links.map(({ unbuilt: _, ...link }) => link) })
    wait(DAY)
    const next = await json()
    assert.equal(next.code, 1)
    assert.match(JSON.stringify(next.deliveries), /held back: a private link/)
    assert.deepEqual(next.exposures, [])
    assert.equal((await site.ledger()).posts[POST]?.links.length, 2, 'it goes in no circles')
  })

  it('says why it cannot rotate where the ledger is gone after the run', async (t) => {
    const { site, publisher } = await setUp(t, await createWordPress(), { onExposure: 'rotate' })
    publisher.approve()
    const { code, out } = await execute(
      sendCommand,
      ['--site', site.url.href, '--allow-loopback', '--wait', '0'],
      { cwd: site.folder, now: START, environment: { CI: 'true' } },
    )
    assert.equal(code, 1)
    assert.match(
      out,
      /could not be given a new link: this build server keeps no ledger.*To do: private-posts rotate/,
    )
    assert.equal((await site.ledger()).posts[POST]?.links.length, 1)
  })

  it('tells in a dry run what is known, and asks nobody', async (t) => {
    const { publisher, json, send, wait, site } = await setUp(t, await createWordPress())
    await send()
    publisher.approve()
    wait(DAY)
    assert.deepEqual((await json('--dry-run')).exposures, [])
    await send()
    publisher.visited()
    const before = await readFile(site.ledgerFile, 'utf8')
    const { code, exposures } = await json('--dry-run')
    assert.deepEqual([code, exposures.length, publisher.visited()], [1, 1, []])
    assert.equal(await readFile(site.ledgerFile, 'utf8'), before)
  })

  it('keeps one line for a link and target in the ledger, in an order of their own', async (t) => {
    const { site, publisher, send, watches } = await setUp(t, await createDiscreet())
    await site.publishPrivately({ path: 'private/y.md', links: [fakeLink(publisher.home, 0)] })
    await send()
    const lines = (await readFile(site.ledgerFile, 'utf8')).split('\n')
    const entries = lines
      .filter((line) => line.startsWith('{"watch"'))
      .map((line) => JSON.parse(line.replace(/,$/, '')).watch)
    assert.deepEqual(entries, await watches())
    assert.deepEqual(
      entries.map(({ token }) => token),
      [fakeToken(0), fakeToken(1)],
    )
    assert.deepEqual(Object.keys(entries[0] ?? {}), [
      'token',
      'target',
      'endpoint',
      'delivered',
      'looked',
    ])
  })
})
