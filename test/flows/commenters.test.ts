import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { createReceiver, targetPage, type Receiver } from '../support/receiver.ts'
import { openTwoSites, type TwoSites } from '../support/two-sites.ts'

/** The layout of docs/public-posts.md, and as it was before it had any words of microformats for a mention. */
const LAYOUTS: Readonly<Record<string, string>> = {
  'a layout with the words of microformats': `<div class="p-comment h-cite">
<a class="u-url p-author h-card" href="{{ mention.url }}">{{ mention.author.name }}</a>: <p class="p-content">{{ mention.content.text }}</p></div>`,
  'a layout without them': `<p><a href="{{ mention.url }}">{{ mention.author.name }}</a>: {{ mention.content.text }}</p>`,
  'a layout that says how many there are': `{% if loop.first %}<h2>Comments ({{ loop.length }})</h2>{% endif %}<p><a href="{{ mention.url }}">{{ mention.author.name }}</a>: {{ mention.content.text }}</p>`,
}
const NONE =
  '{% if (page.url | mentionsFor).length == 0 %}<p>No comments yet. Be the first!</p>{% endif %}'

const pageWith = (mention: string) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title><link rel="webmention" href="/webmention"></head>
<body><main class="h-entry"><h1 class="p-name">{{ title }}</h1><div class="e-content">{{ content | safe }}</div>
<p>By <a class="p-author h-card" href="/">Alice</a></p>
{% for mention in page.url | mentionsFor %}${mention}{% endfor %}${NONE}</main></body></html>`

interface Setting {
  readonly sites: TwoSites
  readonly others: Receiver
  readonly post: string
  /** Builds her site, as a new process would: Eleventy keeps layouts with the filters that they had. */
  build(): Promise<void>
  /** Somebody tells Alice that they have written about her post. */
  comment(words: string): Promise<void>
  notified(): (string | undefined)[]
}

async function setUp(t: TestContext, mention: string): Promise<Setting> {
  const others = await createReceiver()
  t.after(() => others.close())
  const sites = await openTwoSites(t, {
    host: 'serve',
    options: { mentions: { cacheSeconds: 0 }, policy: { otherwise: 'accept' } },
  })
  const { href: post } = new URL('posts/hello/', sites.urlOf('alice'))
  const build = () => {
    sites.write({ '_includes/page.njk': pageWith(mention) })
    return sites.build()
  }
  sites.write({
    'posts/hello.md': `---\ntitle: Hello\nlayout: page.njk\n---\nI like what [a friend](${others.url('friend', '/1')}) wrote.`,
  })
  await build()
  return {
    sites,
    build,
    others,
    post,
    async comment(words) {
      const source = others.url('carol', '/reply')
      const body = `<!doctype html><link rel="webmention" href="/webmention"><article class="h-entry">
<a class="p-author h-card" href="/">Carol</a><a class="u-in-reply-to" href="${post}">re</a><p class="e-content">${words}</p></article>`
      const headers = { 'content-type': 'text/html; charset=utf-8' }
      others.script({
        page: ({ host }) =>
          host.startsWith('carol.') ? { status: 200, headers, body } : targetPage(),
      })
      assert.equal(await sites.post('webmention', { source, target: post }), 201)
    },
    notified: () => others.taken.map(({ target }) => target),
  }
}

for (const [name, mention] of Object.entries(LAYOUTS)) {
  describe(`an accepted comment on a post, in ${name}`, () => {
    it('is shown, tells nobody anything, and its author is not told that the post mentions them', async (t) => {
      const { sites, build, others, comment, notified } = await setUp(t, mention)
      await sites.send()
      assert.deepEqual(notified(), [others.url('friend', '/1')])
      others.forget()

      await comment('I like it as well, and that is the whole truth.')
      await build()
      const shown = await sites.get('posts/hello/')
      assert.match(shown.body, /Carol[^]*and that is the whole truth/)
      const rows = await sites.send()
      assert.deepEqual(notified(), [])
      assert.deepEqual(
        rows.map(({ target, reason }) => [target, reason]),
        [[others.url('friend', '/1'), 'unchanged']],
      )
    })

    it('keeps nobody from being told of what the author writes afterwards, the commenter included', async (t) => {
      const { sites, build, others, comment, notified } = await setUp(t, mention)
      await sites.send()
      await comment('I like it as well, and that is the whole truth.')
      others.forget()
      const [friend, carol] = [others.url('friend', '/1'), others.url('carol', '/reply')]
      sites.write({
        'posts/hello.md': `---\ntitle: Hello\nlayout: page.njk\n---\nI like what [a friend](${friend}) wrote, and so does [Carol](${carol}).`,
      })
      await build()
      await sites.send()
      assert.deepEqual(notified().toSorted(), [carol, friend])
    })
  })
}
