/**
 * Who wrote a page of somebody else's software, from the receiver to what everybody sees. The pages have the shapes
 * of that software and words of their own.
 *
 * @module
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { createMentionsEndpoint } from '../../lib/inbox/mentions-endpoint.ts'
import { createBench, POLICY } from '../inbox/messages.ts'
import { createLab, entry, POST, SITE } from '../webmention/receiving.ts'

interface Page {
  readonly file: string
  readonly source: string
  /** Pages that are there besides, by their addresses. */
  readonly others?: Readonly<Record<string, string>>
  readonly author: { readonly name: string; readonly url?: string; readonly photo?: string }
  readonly via?: string
  /** The permalink, where it is not the source. */
  readonly url?: string
}

const BRIDGE = 'https://bridge.example'
const toot = (path: string) => `https://toot.example/${path}`

const PAGES: readonly Page[] = [
  {
    ...{ file: 'bridge-mastodon-reply', source: `${BRIDGE}/comment/mastodon/a/1/5` },
    author: {
      name: 'Nora Relay',
      url: toot('@nora'),
      photo: 'https://files.toot.example/nora.png',
    },
    ...{ via: 'bridge.example', url: toot('@nora/5') },
  },
  {
    ...{ file: 'bridge-mastodon-like', source: `${BRIDGE}/like/mastodon/a/1/9` },
    author: { name: 'Ola 🌊', url: toot('@ola'), photo: 'https://files.toot.example/ola.png' },
    ...{ via: 'bridge.example', url: toot('@alice/1#favorited-by-9') },
  },
  {
    ...{ file: 'bridge-bluesky-repost', source: `${BRIDGE}/repost/bluesky/a/1/x` },
    author: {
      ...{ name: 'Pia', url: 'https://sky.example/profile/pia.example' },
      photo: 'https://cdn.sky.example/img/avatar/pia@jpeg',
    },
    via: 'bridge.example',
    url: 'https://sky.example/profile/alice.example/post/1#reposted_by_pia',
  },
  {
    ...{ file: 'bridge-github-comment', source: `${BRIDGE}/comment/github/a/3/12` },
    author: {
      ...{ name: 'rita', url: 'https://forge.example/rita' },
      photo: 'https://avatars.forge.example/u/6?v=4',
    },
    via: 'bridge.example',
    url: 'https://forge.example/alice/site/issues/3#issuecomment-12',
  },
  {
    ...{ file: 'wordpress-hidden-card', source: 'https://otto.example/2026/links/' },
    author: { name: 'Otto Klein', url: 'https://otto.example/author/otto/' },
  },
  {
    ...{ file: 'wordpress-nested-vcard', source: 'https://wim.example/2026/a-reply/' },
    author: { name: 'Wim' },
  },
  {
    ...{ file: 'wordpress-classic', source: 'https://wally.example/?p=7' },
    author: { name: 'Wally', url: 'https://wally.example/author/wally/' },
  },
  {
    ...{ file: 'known-reply', source: 'https://ken.example/2026/good' },
    author: {
      ...{ name: 'Ken Known', url: 'https://ken.example/profile/ken' },
      photo: 'https://ken.example/file/ken.png',
    },
  },
  {
    ...{ file: 'known-owner-beside', source: 'https://kim.example/2026/liked' },
    author: {
      ...{ name: 'Kim', url: 'https://kim.example/profile/kim' },
      photo: 'https://kim.example/file/kim.png',
    },
  },
  {
    ...{ file: 'micro-blog', source: 'https://mia.example/2026/11/20/a-note.html' },
    author: { name: 'Mia' },
  },
  {
    ...{ file: 'hugo-hidden-author', source: 'https://www.hugo.example/posts/x/' },
    author: {
      ...{ name: 'Hugo Stein', url: 'http://hugo.example/' },
      photo: 'https://www.hugo.example/img/hugo.jpg',
    },
  },
  {
    ...{ file: 'jekyll-given-family', source: 'https://notes.jill.example/x' },
    author: {
      ...{ name: 'Jill Hyde', url: 'https://jill.example/' },
      photo: 'https://jill.example/media/jill.jpg',
    },
  },
  {
    ...{ file: 'eleventy-section-card', source: 'https://elle.example/marks/1/' },
    author: {
      ...{ name: 'Elle Even', url: 'https://www.elle.example/' },
      photo: 'https://elle.example/avatar.jpeg',
    },
  },
  {
    ...{ file: 'eleventy-author-link', source: 'https://greg.example/notes/1/' },
    others: { 'https://greg.example/': 'greg-home' },
    author: {
      ...{ name: 'Greg', url: 'https://greg.example/' },
      photo: 'https://greg.example/greg.png',
    },
  },
  {
    ...{ file: 'eleventy-author-link', source: 'https://nobody.example/notes/1/' },
    author: { name: 'nobody.example', url: 'https://nobody.example/' },
  },
  {
    ...{ file: 'publ-feed-author', source: 'https://fluff.example/blog/12-note' },
    // No URL is implied where a card says anything else by an address (microformats2 parsing).
    author: { name: 'Fluff', photo: 'https://fluff.example/static/fluff.jpg' },
  },
  {
    ...{ file: 'p3k-rel-me', source: 'https://pat.example/2026/324/1/' },
    others: { 'https://pat.example/': 'pat-home' },
    author: {
      ...{ name: 'Pat Parker', url: 'https://pat.example/' },
      photo: 'https://pat.example/pat.jpg',
    },
  },
  {
    ...{ file: 'indiekit-author-beside', source: 'https://inez.example/rsvps/1' },
    author: {
      ...{ name: 'Inez', url: 'https://inez.example/' },
      photo: 'https://inez.example/inez.webp',
    },
  },
  {
    ...{ file: 'silo-card', source: 'https://ed.example/p' },
    ...{ author: { name: 'Ed', url: toot('@ed') }, via: 'ed.example' },
  },
  {
    ...{ file: 'silo-author-link', source: 'https://mo.example/p' },
    ...{ author: { name: 'toot.example/@mo', url: toot('@mo') }, via: 'mo.example' },
  },
  { file: 'name-only', source: 'https://jr.example/w/1.html', author: { name: 'jr' } },
  {
    ...{ file: 'two-authors', source: 'https://ann.example/both' },
    author: { name: 'Ann', url: 'https://ann.example/' },
  },
  {
    ...{ file: 'two-authors', source: 'https://zine.example/both' },
    ...{ author: { name: 'Ann', url: 'https://ann.example/' }, via: 'zine.example' },
  },
  {
    ...{ file: 'no-microformats', source: 'https://story.example/@maya/ten' },
    author: { name: 'Maya Medium', url: 'https://story.example/@maya' },
  },
  {
    ...{ file: 'hostile-imitation', source: 'https://eve.example/1' },
    author: { name: 'Bob', url: 'https://eve.example/' },
  },
  {
    ...{ file: 'hostile-claim', source: 'https://eve.example/2' },
    author: { name: 'Bob', url: 'https://bob.example/' },
    ...{ via: 'eve.example', url: 'https://carol.example/post' },
  },
  {
    ...{ file: 'hostile-permalink', source: 'https://eve.example/4' },
    author: { name: 'Bob', url: 'https://eve.example/' },
    ...{ via: 'eve.example', url: 'https://bob.example/post' },
  },
  {
    ...{ file: 'hostile-links', source: 'https://eve.example/3' },
    author: { name: 'Eve' },
  },
]

const read = (file: string) =>
  readFileSync(new URL(`pages/authors/${file}.html`, import.meta.url), 'utf8')

/** The mention as everybody sees it, after the receiver and the inbox. */
async function shown(source: string, pages: Readonly<Record<string, string>>) {
  const bench = createBench({ policy: { ...POLICY, otherwise: 'accept' }, me: SITE })
  const lab = createLab({ pages })
  Object.assign(lab.options, { sink: bench.inbox })
  assert.equal((await lab.send({ source, target: POST })).status, 'success')
  const answer = await createMentionsEndpoint(bench)(new Request(new URL('mentions.json', SITE)))
  const { children } = (await answer.json()) as { children: Record<string, unknown>[] }
  const [child] = children
  return { author: child?.['author'], url: child?.['url'], via: child?.['wm-via'], ...from(child) }
}

function from(child: Record<string, unknown> | undefined) {
  return { source: child?.['wm-source'] }
}

describe("the author of a stranger's page", () => {
  assert.ok(PAGES.length >= 25)
  for (const { file, source, others = {}, author, via, url } of PAGES) {
    it(`${file}: ${author.name}${via === undefined ? '' : `, via ${via}`}`, async () => {
      const more = Object.entries(others).map(([address, name]) => [address, read(name)])
      const found = await shown(source, { [source]: read(file), ...Object.fromEntries(more) })
      assert.deepEqual(found, {
        author: { type: 'card', photo: '', url: '', ...author },
        ...{ url: url ?? source, via, source },
      })
    })
  }

  it('is a name of a length that can be shown, however long or deep it stands there', async () => {
    const source = 'https://eve.example/'
    const nameOf = async (author: string) =>
      ((await shown(source, { [source]: entry(author) })).author as { name: string }).name
    const long = await nameOf(`<b class="p-author">${'n'.repeat(10_000)}</b>`)
    assert.match(long, /^n{50,199}…$/)
    const nest = (names: string) =>
      Array.from({ length: 20 }).reduce<string>(
        (card) => `<div class="${names}">${card}</div>`,
        'Eve',
      )
    // Each name more has the parser read all within twice.
    assert.equal(await nameOf(nest('p-author u-author h-card')), 'eve.example')
    assert.equal(await nameOf(nest('p-author h-card')), 'Eve')
    assert.equal(await nameOf(`<b class="p-author">B\u202eo\u0007b</b>`), 'B o b')
  })
})
