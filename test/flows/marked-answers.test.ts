import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { openTwoSites } from '../support/two-sites.ts'

const POST = 'private/answer.md'

/** Alice publishes a private post, and sends. */
async function publish(
  t: TestContext,
  body: (parent: string) => string,
  frontMatter: (parent: string) => string = () => 'visibility: private',
  files: Readonly<Record<string, string>> = {},
) {
  const sites = await openTwoSites(t, { host: 'static', options: { exposure: 'allow' } })
  const { href: parent } = new URL('notes/1/', sites.urlOf('bob'))
  sites.write({ ...files, [POST]: sites.page(frontMatter(parent), body(parent)) })
  await sites.build()
  const rows = await sites.send()
  const record = async () => {
    const { posts } = await sites.ledger.read()
    const { links = [], ...rest } = Object.values(posts)[0] ?? {}
    const readers = links.filter(({ revoked }) => !revoked).map(({ recipient }) => recipient)
    return { ...rest, readers }
  }
  return { sites, parent, rows, record, bob: sites.urlOf('bob').href }
}

const told = (rows: readonly { readonly target: string; readonly outcome: string }[]) =>
  rows.map(({ target, outcome }) => `${outcome} ${target}`)

describe('a private post that answers by its markup alone', () => {
  const forms: Readonly<Record<string, readonly [property: string, (url: string) => string]>> = {
    'a link': ['in-reply-to', (url) => `<a class="u-in-reply-to" href="${url}">re</a> Yes.`],
    'a cited post': [
      'in-reply-to',
      (url) =>
        `<div class="u-in-reply-to h-cite"><a class="p-author h-card" href="https://eve.example/">B</a> <a class="u-url" href="${url}">One</a></div>\n\nYes.`,
    ],
    'what a template makes': [
      'in-reply-to',
      () => `<a class="u-{{ kind }}" href="{{ parent }}">re</a> Yes.`,
    ],
    'a like': ['like-of', (url) => `I like <a class="u-like-of" href="${url}">this</a>.`],
    'a repost': ['repost-of', (url) => `<a class="u-repost-of" href="${url}">this</a>.`],
  }
  for (const [name, [property, form]] of Object.entries(forms)) {
    it(`tells the author of its parent, as by inReplyTo: ${name}`, async (t) => {
      const { sites, rows, record, parent, bob } = await publish(
        t,
        form,
        (url) => `visibility: private\nkind: ${property}\nparent: ${url}`,
      )
      assert.deepEqual(told(rows), [`delivered ${parent}`])
      const { inReplyTo, implied, readers } = await record()
      assert.deepEqual([inReplyTo, implied, readers], [parent, bob, [bob]])
      assert.equal((await sites.inbox()).length, 1)
      const [row] = await sites.send()
      assert.equal(row?.reason, 'unchanged')
    })
  }

  it('keeps the other readers, and takes back the link when the answer is no more', async (t) => {
    const { sites, record, rows, bob, parent } = await publish(
      t,
      (url) => `<a class="u-in-reply-to" href="${url}">re</a> Yes.`,
      () => 'audience: [Mum]',
    )
    assert.deepEqual(told(rows), [`delivered ${parent}`, 'skipped Mum'])
    assert.deepEqual((await record()).readers, ['Mum', bob])
    sites.write({ [POST]: sites.page('audience: [Mum]', 'No more.') })
    await sites.build()
    const { inReplyTo, readers } = await record()
    assert.deepEqual([inReplyTo, readers], [undefined, ['Mum']])
  })

  const strangers: Readonly<Record<string, (url: string) => string>> = {
    'an ordinary link': (url) => `See <a href="${url}">this</a>.`,
    'code that shows how it is written': (url) =>
      `\`<a class="u-in-reply-to" href="${url}">\`\n\n<!-- <a class="u-in-reply-to" href="${url}">re</a> -->`,
    'what a cited post answers': (url) =>
      `<blockquote class="h-cite">They wrote <a class="u-in-reply-to" href="${url}">re</a></blockquote>`,
    'a bookmark': (url) => `<a class="u-bookmark-of" href="${url}">this</a>`,
  }
  for (const [name, form] of Object.entries(strangers)) {
    it(`gives nobody a link for ${name}`, async (t) => {
      const { rows, record } = await publish(t, form, () => 'audience: [Mum]')
      assert.deepEqual(told(rows), ['skipped Mum'])
      assert.deepEqual((await record()).readers, ['Mum'])
    })
  }

  it('tells of a bookmark whoever is a reader anyway, at the page', async (t) => {
    const { rows, bob, parent } = await publish(
      t,
      (url) => `<a class="u-bookmark-of" href="${url}">this</a>`,
      (url) => `audience: ["${new URL('/', url).href}"]`,
    )
    assert.deepEqual(told(rows).toSorted(), [`delivered ${bob}`, `delivered ${parent}`])
  })

  describe('on a page that shows other posts as well', () => {
    const note = (url: string) =>
      `<a class="u-in-reply-to" href="http://eve.localhost/1">re</a> <a class="u-url" href="${url}">A note</a>`
    const layoutWith = (others: string, own: string) =>
      `<body><aside>${others}</aside><article class="${own}">{{ content }}</article></body>`
    const layouts: Readonly<Record<string, readonly [layout: string, told: boolean]>> = {
      'its latest notes in a feed before it': [
        layoutWith(`<div class="h-feed"><p class="h-entry">${note('/n/1/')}</p></div>`, 'h-entry'),
        true,
      ],
      'notes that cannot be told from it': [
        layoutWith(
          `<p class="h-entry"><a class="u-in-reply-to" href="http://eve.localhost/1">re</a></p>`,
          'h-entry',
        ),
        false,
      ],
      'the one entry of which is a note of another page': [
        layoutWith(`<p class="h-entry">${note('/n/1/')}</p>`, 'post'),
        false,
      ],
      'a cited entry, and none of its own': [
        layoutWith(
          `<div class="h-cite"><p class="h-entry">${note('http://eve.localhost/2')}</p></div>`,
          'post',
        ),
        false,
      ],
      'no entry at all': [layoutWith('', 'post'), true],
    }
    for (const [name, [layout, isTold]] of Object.entries(layouts)) {
      it(`${isTold ? 'tells its own parent alone' : 'gives nobody a link'}: ${name}`, async (t) => {
        const { rows, record, bob, parent } = await publish(
          t,
          (url) => `<a class="u-in-reply-to" href="${url}">re</a> Yes.`,
          () => 'audience: [Mum]',
          { '_includes/base.liquid': layout },
        )
        assert.deepEqual(told(rows), [...(isTold ? [`delivered ${parent}`] : []), 'skipped Mum'])
        assert.deepEqual((await record()).readers, ['Mum', ...(isTold ? [bob] : [])])
      })
    }
  })
})
