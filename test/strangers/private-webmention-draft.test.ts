import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { headElement, homeLinks, layoutLinks } from '../../lib/cli/home-rels.ts'
import { DEFAULT_PATHS } from '../../lib/ledger/site-record.ts'
import { openTwoSites } from '../support/two-sites.ts'
import { post } from '../support/site.ts'
import {
  ask,
  startAlice,
  startBob,
  type AliceOptions,
  type BobOptions,
} from './private-webmention-draft-peer.ts'
import { openRunningSite } from './running-site.ts'

/** The head of a home page, as `init` prints it. */
function printedLinks(me: URL): string {
  const site = { me: me.href, pathPrefix: '/', paths: DEFAULT_PATHS }
  return [...layoutLinks(site), ...homeLinks(site)].map(headElement).join('\n')
}

/** Alice's site is ours: built by Eleventy, served, and its posts told with `send`. Bob is the stranger. */
async function tellBob(t: TestContext, options: BobOptions = {}, audience?: string) {
  const bob = await startBob(options)
  t.after(() => bob.close())
  const sites = await openTwoSites(t, { host: 'serve' })
  const home = printedLinks(sites.urlOf('alice'))
  const head = `title: Dinner\naccess: gate\naudience: ["${audience ?? bob.url.href}"]`
  sites.write({
    'index.md': `---\npermalink: /\n---\n<html><head>${home}</head><body>Alice</body></html>`,
    'private/dinner.md': post(head, `Dinner at eight, <a href="${bob.url.href}">Bob</a>?`),
  })
  await sites.build()
  const rows = await sites.send()
  await bob.settle()
  return { bob, rows, alice: sites.urlOf('alice') }
}

describe('a Bob who was written from the private-webmention draft reads what a site of ours sends', () => {
  const choices: Readonly<Record<string, BobOptions>> = {
    'and nothing but the draft': {},
    'and his links are relative': { link: 'html, relative' },
    'and his links are in headers': { link: 'header' },
    'and his endpoints answer in JSON': { answers: 'json', asks: 'json' },
    'and his endpoints name no type': { answers: 'form without a type' },
    'and he reads a joined header': { readsFirstLineOnly: false, link: 'html, href first' },
  }
  for (const [name, options] of Object.entries(choices)) {
    it(name, async (t) => {
      const { bob, rows } = await tellBob(t, options)
      assert.deepEqual(bob.problems, [])
      assert.deepEqual(
        rows.map(({ outcome, recipient }) => [outcome, recipient]),
        [['delivered', bob.url.href]],
      )
      assert.equal(bob.messages.length, 1)
      assert.match(bob.messages[0]?.page ?? '', /Dinner at eight/)
    })
  }

  it('but not one who says that he is somebody else', async (t) => {
    const { bob } = await tellBob(t, { claims: 'http://carol.localhost/' })
    assert.deepEqual(bob.messages, [])
    assert.match(bob.problems.join(), /no token/)
  })
})

it('the gate sends the challenge of the draft first and in a line of its own, for HEAD as for GET', async (t) => {
  const { url } = await openRunningSite(t, { host: 'alice.localhost' })
  for (const path of ['private/', 'private/4x7k2m9qwert/']) {
    for (const method of ['GET', 'HEAD']) {
      const { status, lines } = await ask(new URL(path, url), { method })
      assert.equal(status, 401)
      assert.deepEqual(
        lines.filter(([name]) => name === 'www-authenticate').map(([, value]) => value),
        ['IndieAuth', 'Bearer realm="private", scope="read"'],
      )
    }
  }
})

describe('an Alice who was written from the private-webmention draft writes to a site of ours', () => {
  const choices: Readonly<Record<string, AliceOptions>> = {
    'and nothing but the draft': {},
    'and her link is relative': { link: 'html, relative' },
    'and her link has other rels and comes late': { link: 'html, href first' },
    'and her link is in a header': { link: 'header' },
    'and her link is in a header, relative': { link: 'header, relative' },
    'in small letters': { challenges: ['indieauth'] },
    'with a second challenge': { challenges: ['IndieAuth', 'Bearer realm="x"'] },
    'with the challenges the other way round': { challenges: ['Bearer realm="x"', 'IndieAuth'] },
    'with joined challenges': { challenges: ['Basic realm="a, b", IndieAuth'] },
    'and her endpoints speak JSON': { answers: 'json', asks: 'json' },
    'and her token endpoint names no type': { answers: 'form without a type' },
  }
  for (const [name, options] of Object.entries(choices)) {
    it(name, async (t) => {
      const { alice, bob } = await openPair(t, options)
      assert.equal(await alice.send(bob.url), 201)
      await bob.settle()
      const [message, ...others] = await bob.messages()
      assert.deepEqual(others, [])
      assert.equal(message?.source, alice.source.href)
      assert.equal(message.private, true)
      assert.match(message.summary, /Had a great time last night/)
    })
  }

  it('but not one whose page asks for nothing that we know', async (t) => {
    const { alice, bob } = await openPair(t, { challenges: ['Basic realm="x"'] })
    await alice.send(bob.url)
    await bob.settle()
    for (const { summary } of await bob.messages()) assert.doesNotMatch(summary, /great time/)
  })

  async function openPair(t: TestContext, options: AliceOptions) {
    const alice = await startAlice(options)
    t.after(() => alice.close())
    const bob = await openRunningSite(t, {
      host: 'bob.localhost',
      pages: (me) => ({ 'index.html': `<html><head>${printedLinks(me)}</head>Bob` }),
    })
    return { alice, bob }
  }
})
