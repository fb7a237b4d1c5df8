import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { InputPathToUrlTransformPlugin } from '@11ty/eleventy'
import { mf2 } from 'microformats-parser'
import { createSite, post, type BuildOptions, type Site } from '../support/site.ts'

const GROUPS = { groups: { family: ['https://bob.example/', 'mailto:mum@example.com', 'Grandma'] } }
const TOKEN = /^[0-9a-hjkmnp-tv-z]{26}$/
const DINNER = {
  'private/dinner.md': post('title: Dinner\naudience: [family]', 'At seven, under the pear tree.'),
}

let site: Site | undefined
afterEach(() => site?.dispose())

describe('stampPosts()', () => {
  it('gives each recipient a copy of their own, and an unlisted post one', async () => {
    site = createSite({
      ...DINNER,
      'posts/draft.md': post('title: Draft\nvisibility: unlisted', 'Half an idea.'),
    })
    const built = await site.build({ options: GROUPS })
    const tokens = built.tokens('private/dinner.md')
    assert.deepEqual(Object.keys(tokens), [
      'https://bob.example/',
      'mailto:mum@example.com',
      'Grandma',
    ])
    const all = [...Object.values(tokens), ...Object.values(built.tokens('posts/draft.md'))]
    assert.equal(new Set(all).size, 4)
    for (const token of all) {
      assert.match(token, TOKEN)
      assert.ok(built.files.includes(`p/${token}/index.html`))
    }
    assert.match(built.copy('posts/draft.md', ''), /Half an idea/)
  })

  it('keeps the tokens from build to build', async () => {
    site = createSite(DINNER)
    const first = await site.build({ options: GROUPS })
    const tokens = first.tokens('private/dinner.md')
    const second = await site.build({ options: GROUPS })
    assert.deepEqual(second.tokens('private/dinner.md'), tokens)
  })

  it('shows each recipient only themselves', async () => {
    site = createSite({
      ...DINNER,
      '_includes/base.liquid':
        '<html lang="en"><body class="h-entry">To {{ recipient.name }} <{{ recipient.url }}> {{ recipient }} among {{ audience.size }}: {% for p in audience %}{{ p.name }} {{ p.url }}{% endfor %}. {{ visibility }} {{ isPrivate }} {{ content }}</body></html>',
    })
    const built = await site.build({ options: GROUPS })
    const bob = built.copy('private/dinner.md', 'https://bob.example/')
    assert.match(bob, /To bob\.example &lt;https:\/\/bob\.example\/&gt;|To bob\.example <https/)
    assert.match(bob, /among 1: bob\.example https:\/\/bob\.example\/\. private true/)
    assert.doesNotMatch(bob, /mum|Grandma/)
    const grandma = built.copy('private/dinner.md', 'Grandma')
    assert.match(grandma, /among 1: Grandma/)
    assert.doesNotMatch(grandma, /mum|bob\.example/)
  })

  it('shows everyone when the author says so', async () => {
    site = createSite({
      'private/dinner.md': post('audience: [family]\nshowAudience: true', 'At seven.'),
    })
    const built = await site.build({ options: GROUPS })
    const bob = built.copy('private/dinner.md', 'https://bob.example/')
    assert.match(bob, /shared with you/)
    assert.match(bob, /Grandma/)
    assert.match(bob, /mum/)
    assert.doesNotMatch(bob, /mum@example/)
  })

  it('lets a private post link to another that the same recipient may read, and to no other', async () => {
    const linking = (audience: string) =>
      post(`audience: [${audience}]`, '[the menu](menu.md) and [the way](way.md)')
    const files = {
      'private/invitation.md': linking('Bob, Carol'),
      'private/menu.md': post('audience: [Carol, Bob, Dora]', 'Soup.'),
      'private/way.md': post('visibility: unlisted', 'Left, then right.'),
    }
    site = createSite(files)
    const options: BuildOptions = {
      config: (eleventyConfig) => eleventyConfig.addPlugin(InputPathToUrlTransformPlugin),
    }
    const built = await site.build(options)
    const { Bob: bob, Carol: carol } = built.tokens('private/menu.md')
    const copy = built.copy('private/invitation.md', 'Bob')
    assert.ok(copy.includes(`href="/p/${bob}/"`) && !copy.includes(String(carol)))
    assert.ok(copy.includes(`href="/p/${built.tokens('private/way.md')['']}/"`))

    site.dispose()
    site = createSite({ ...files, 'private/eve.md': linking('Eve') })
    await assert.rejects(
      site.build(options),
      /private\/eve\.md links to private\/menu\.md, which not everybody who may read the first may read/,
    )
  })

  it('tells a page of its own address', async () => {
    site = createSite({
      ...DINNER,
      'private/menu.njk': post(
        'audience: [family]',
        '{% for p in [1] %}<a href="{{ page.url }}">here</a>{% endfor %}',
      ),
    })
    const built = await site.build({ options: GROUPS })
    const bob = built.tokens('private/menu.njk')['https://bob.example/']
    const copy = built.copy('private/menu.njk', 'https://bob.example/')
    assert.ok(copy.includes(`/p/${bob}/`))
    for (const other of Object.values(built.tokens('private/menu.njk'))) {
      if (other !== bob) assert.ok(!copy.includes(other))
    }
  })

  it('says so when a layout changes a placeholder with a filter', async () => {
    site = createSite({
      ...DINNER,
      '_includes/base.liquid': '<p>{{ recipient.name | slice: 0, 20 }}{{ content }}</p>',
    })
    await assert.rejects(site.build({ options: GROUPS }), /private\/dinner\.md.*recipient/s)
  })

  it('respects that a private post has no page', async () => {
    site = createSite({
      'private/part.md': post('audience: [Bob]\npermalink: false', 'Used elsewhere.'),
    })
    const built = await site.build()
    assert.ok(built.files.every((file) => !/Used elsewhere/.test(built.read(file))))
  })

  it('tells templates which posts are private', async () => {
    site = createSite({
      ...DINNER,
      'open.md': post('title: Open'),
      'which.liquid':
        '---\npermalink: /which.txt\n---\n{{ "./open.md" | isPrivate }} {{ isPrivate }}',
    })
    const built = await site.build({ options: GROUPS })
    assert.equal(built.read('which.txt').trim(), 'false')
  })

  it('writes nothing in a dry run, not even the ledger', async () => {
    site = createSite(DINNER)
    const built = await site.build({ options: GROUPS, dryRun: true })
    assert.deepEqual(built.files, [])
    assert.throws(() => built.ledger, { code: 'ENOENT' })
  })
})

describe('markPage()', () => {
  const RICH = `<!doctype html><html lang="de"><head><meta charset="utf-8"><title>{{ title }}</title>
<meta name="description" content="all about it"><meta property="og:title" content="{{ title }}">
<meta name="robots" content="index"><link rel="canonical" href="https://alice.example{{ page.url }}">
<link rel="alternate" type="application/rss+xml" href="/feed.xml">
<link rel="webmention" href="https://webmention.io/alice/webmention"></head>
<body><article class="h-entry"><h1 class="p-name">{{ title }}</h1><div class="e-content">{{ content }}</div>
<a id="share" href="https://social.example/share?url=https://alice.example{{ page.url }}">share</a>
<form action="https://elsewhere.example/reply"><input name="target" value="https://alice.example{{ page.url }}"></form>
<a id="out" href="https://else.example/">elsewhere</a></article></body></html>`

  it('tells people and software that the page is private', async () => {
    site = createSite({ ...DINNER, '_includes/base.liquid': RICH })
    const built = await site.build({ options: GROUPS })
    const html = built.copy('private/dinner.md', 'https://bob.example/')
    assert.match(html, /<meta name="robots" content="noindex, nofollow, noarchive, nosnippet">/)
    assert.doesNotMatch(html, /content="index"/)
    assert.match(html, /<meta name="referrer" content="no-referrer">/)
    assert.match(html, /<body data-pagefind-ignore="all">/)
    assert.match(html, /Dieser private Beitrag ist mit dir geteilt/)

    const { items } = mf2(html, { baseUrl: 'https://alice.example/p/x/' })
    const [entry] = items
    assert.deepEqual(entry?.properties['visibility'], ['private'])
    const [person] = entry?.properties['audience'] ?? []
    assert.deepEqual(typeof person === 'object' && 'properties' in person && person.properties, {
      name: ['bob.example'],
      url: ['https://bob.example/'],
    })
  })

  it('removes what would carry the address away, and nothing else', async () => {
    site = createSite({ ...DINNER, '_includes/base.liquid': RICH })
    const built = await site.build({ options: GROUPS })
    const html = built.copy('private/dinner.md', 'https://bob.example/')
    assert.doesNotMatch(html, /canonical|og:title|rss\+xml|description|webmention\.io/)
    assert.match(html, /<a id="share">/)
    assert.match(html, /<form>/)
    assert.match(html, /<a id="out" href="https:\/\/else\.example\/" rel="noreferrer noopener">/)
  })

  it('leaves public pages as they are', async () => {
    site = createSite({ 'open.md': post('title: Open'), '_includes/base.liquid': RICH })
    const built = await site.build({ options: GROUPS })
    const html = built.read('open/index.html')
    assert.match(html, /canonical/)
    assert.match(html, /og:title/)
    assert.match(html, /webmention\.io/)
    assert.doesNotMatch(html, /noindex|pagefind|private-post-notice/)
  })

  it('marks a page that has no h-entry and no layout', async () => {
    site = createSite({ 'private/note.md': '---\naudience: [Bob]\n---\nJust this.' })
    const built = await site.build()
    const { items } = mf2(built.copy('private/note.md', 'Bob'), {
      baseUrl: 'https://alice.example/',
    })
    assert.deepEqual(items[0]?.type, ['h-entry'])
    assert.deepEqual(items[0]?.properties['visibility'], ['private'])
  })

  it('takes the words of the notice from the options', async () => {
    site = createSite(DINNER)
    const text = { en: { private: 'Just for you' } }
    const built = await site.build({ options: { ...GROUPS, text } })
    const html = built.copy('private/dinner.md', 'Grandma')
    assert.match(html, /Just for you, <span class="p-audience h-card">Grandma<\/span>/)
    assert.doesNotMatch(html, /shared with you/)
  })

  it('renders the notice with the partial of the site, whatever its language', async () => {
    site = createSite({
      ...DINNER,
      '_includes/private-post-notice.njk': '<b>Psst, {{ recipient.name }}!</b>',
    })
    const built = await site.build({ options: GROUPS })
    const html = built.copy('private/dinner.md', 'https://bob.example/')
    assert.match(html, /<b>Psst, bob\.example!<\/b>/)
    assert.match(html, /<a class="u-audience h-card" href="https:\/\/bob\.example\/"/)
    assert.match(html, /p-visibility/)
    assert.doesNotMatch(html, /shared with you/)
  })

  it('escapes what a recipient is called', async () => {
    site = createSite({ 'private/x.md': post('audience: ["Bob & \\"Co\\" Inc"]') })
    const built = await site.build()
    assert.match(built.copy('private/x.md', 'Bob & "Co" Inc'), /Bob &amp; &quot;Co&quot; Inc/)
  })

  it('says until when the link works', async () => {
    site = createSite({ 'private/x.md': post('audience: [Bob]\nexpires: 2026-12-24') })
    const built = await site.build()
    assert.match(
      built.copy('private/x.md', 'Bob'),
      /until <time datetime="2026-12-25T00:00:00.000Z">December 24, 2026<\/time>/,
    )
  })
})

describe('removeDeadLinks()', () => {
  const STAND_IN = `uup00000${'x'.repeat(18)}`

  it('removes what a broken build left behind, and nothing of a build that runs beside it', async () => {
    site = createSite({ ...DINNER, [`_site/p/${STAND_IN}/index.html`]: '<!doctype html>' })
    const soon = new Date(Date.now() + 60_000)
    const beside = await site.build({ options: GROUPS, now: soon })
    assert.ok(beside.files.includes(`p/${STAND_IN}/index.html`))
    const later = new Date(Date.now() + 2 * 60 * 60 * 1000)
    const after = await site.build({ options: GROUPS, now: later })
    assert.ok(!after.files.includes(`p/${STAND_IN}/index.html`))
    assert.equal(after.files.filter((file) => /^p\/\w{26}\//.test(file)).length, 3)
  })
})

describe('a reply', () => {
  const PARENT = 'https://bob.example/notes/1'
  const REPLY = {
    'private/re.md': post(`audience: [family]\ninReplyTo: ${PARENT}`, 'I think so too.'),
  }
  const LINK = /<a class="u-in-reply-to" href="https:\/\/bob\.example\/notes\/1"/g

  it("links its parent on the copy of the parent's author, and on no other", async () => {
    site = createSite(REPLY)
    const built = await site.build({ options: GROUPS })
    assert.equal(built.copy('private/re.md', 'https://bob.example/').match(LINK)?.length, 1)
    assert.doesNotMatch(built.copy('private/re.md', 'Grandma'), /notes\/1/)
  })

  it('takes whoever has an address at the host of the parent for its author', async () => {
    site = createSite({
      're.md': post(`audience: [ann@bob.example, ann@chat.example]\ninReplyTo: ${PARENT}`, 'Yes.'),
    })
    const built = await site.build()
    assert.deepEqual(Object.keys(built.tokens('re.md')), ['ann@bob.example', 'ann@chat.example'])
    assert.equal(built.copy('re.md', 'ann@bob.example').match(LINK)?.length, 1)
    assert.doesNotMatch(built.copy('re.md', 'ann@chat.example'), /notes\/1/)
  })

  it('leaves the link to a layout that has it', async () => {
    site = createSite({
      ...REPLY,
      '_includes/base.liquid':
        '<article class="h-entry"><a href="{{ inReplyTo }}">re</a>{{ content }}</article>',
    })
    const built = await site.build({ options: GROUPS })
    assert.equal(built.copy('private/re.md', 'https://bob.example/').match(LINK), null)
  })
})
