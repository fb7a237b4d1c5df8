/**
 * What pages say that were written by other software, in the shapes that it gives them: the words are our own. Each page
 * is a file in `pages/words/`; beside it here is what the owner gets to read.
 *
 * @module
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { displayedHtml } from '../../lib/inbox/displayed-html.ts'
import { textOfHtml } from '../../lib/web/html-text.ts'
import type { ReceivedEntry } from '../../lib/webmention/received-entry.ts'
import { readSource } from '../../lib/webmention/source-page.ts'

const HOME = 'https://alice.example/'
const NOTE = 'https://alice.example/notes/one/'
const PAGE = 'https://bob.example/p'
const NOW = '2026-11-30T00:00:00Z'

function read(
  body: string,
  { target = NOTE, type = 'html' }: { target?: string; type?: 'html' | 'json' | 'text' } = {},
): ReceivedEntry {
  const isHome = target === HOME
  const reading = readSource({
    ...{ type, body, url: PAGE, source: PAGE, target, me: HOME, isHome, now: NOW },
  })
  assert.equal(reading.outcome, 'mentions')
  return reading.entry
}

function readPage(name: string, options?: Parameters<typeof read>[1]): ReceivedEntry {
  const file = new URL(`pages/words/${name}.html`, import.meta.url)
  return read(readFileSync(file, 'utf8'), options)
}

interface Words {
  readonly type?: string
  readonly title?: string
  readonly text: string
}

const pages: readonly [page: string, says: string, words: Words][] = [
  [
    'bridgy-mastodon-picture',
    'its paragraphs and lines, its emoji by name and the picture below, and has no title',
    {
      type: 'reply',
      text: 'The heron was back this morning.\n\nIt took the biggest fish :sob:, as @alice said.\nTwice.\n\n[picture: A heron on a garden chair]',
    },
  ],
  [
    'bridgy-picture-alone',
    'that there are pictures, a video and a sound where it says nothing else',
    { type: 'reply', text: '[picture: Two herons]\n[picture]\n[video]\n[audio]' },
  ],
  [
    'wordpress-blocks',
    'pictures with captions, galleries and embedded pages in their place',
    {
      title: 'A week in the bog',
      text: 'Mist until noon.\n\n[picture]\nThe long path\n\n[picture: Sundew]\nSundew\n\n[picture: Cotton grass]\n\n[embedded page: Cranes at dusk]\n\nMore in this note 🙂',
    },
  ],
  [
    'wordpress-classic-hentry',
    'what its classic markup calls title and content',
    { title: 'Old but gold', text: 'First part.\n\nSecond part with a link.' },
  ],
  [
    'medium',
    'the sentence with the link, and its description',
    {
      title: 'Why I count birds | by Ed | Birdly',
      text: 'Then Alice wrote about herons, and I could not stop.\n\nTen years of lists, and what they taught me.',
    },
  ],
  [
    'microblog-photo',
    'its pictures after its words',
    { text: 'Coffee by the sea, for Alice.\n\n[picture: A cup on a wall] [picture]' },
  ],
  [
    'known-photo-reply',
    'its picture first, and no name that repeats the words',
    { type: 'reply', text: '[picture: Moss]\n\nAs green as it gets.' },
  ],
  [
    'ghost-cards',
    'the sentence of the card that has the link',
    { title: 'Letters from the lake', text: 'Idea: see her note on oars!\n\nOn rowing.' },
  ],
  [
    'substack',
    'the point of the list that has the link, and how it describes itself to others',
    { title: 'Issue 12', text: 'So was a newt, as Alice reports.\n\nNews of the pond.' },
  ],
  [
    'tumblr-photoset',
    'its pictures, without a name that a program gave them',
    {
      text: '[picture]\n\n[picture: The river at night]\n\nvia alice\n\nOld words.\n\nNew words.',
    },
  ],
  [
    'blogger-table-caption',
    'its lines, and the caption below the picture',
    {
      title: 'The dyke',
      text: 'A walk.\n\nWith the dog.\n\n[picture]\nThe dog, wet\n\nSee here.',
    },
  ],
  [
    'indiekit-note',
    'what its entities stand for, once',
    { text: 'Soup again…\n\nRecipe by Alice & co: 1 < 2 &lt; 3' },
  ],
  [
    'recipe',
    'its summary, what goes in, and what to do',
    {
      title: 'Leek soup',
      text: 'After Alice, with less salt.\n\n- 3 leeks\n- 1 potato\n\n1. Cut.\n2. Boil.\n  - Stir',
    },
  ],
  [
    'event',
    'its description, and when and where it is',
    {
      title: 'Reading circle',
      text: 'We talk about this text.\n\nBring tea.\n\nWhen: 2026-12-09 18:30 – 20:00 UTC+01:00\nWhere: Café Anna',
    },
  ],
  [
    'event-plain-description',
    'the same in classic markup',
    { title: 'Bird walk', text: 'Bring boots, says Alice.\n\nWhen: 2026-12-10\nWhere: The dyke' },
  ],
  [
    'review',
    'its words and its rating',
    { title: 'A good pan', text: 'Heavy.\n\nBought after this.\n\nRating: 4 of 5' },
  ],
  [
    'code-block',
    'code as it stands, and other text in one line',
    {
      title: 'A loop',
      text: 'As in her post:\n\nfor (;;) {\n  go()\n\n  on()\n}\n\nCall go() now.',
    },
  ],
  [
    'quote-and-table',
    'rows, terms and what can be opened on a line each',
    {
      text: 'The sea “sleeps”.\n\nNot here:\n\nTides\nDay Hour\nMon 6\nTue 7\n\nHW\nhigh water\nLW\nlow water\n\nSource\nAlice',
    },
  ],
  [
    'mailing-list',
    'the sentence with the address, though it is in three lines',
    {
      title: '[boats] oars',
      text: 'I found this on oars: <https://alice.example/notes/one/> which I liked.',
    },
  ],
  [
    'plain-lines',
    'lines as they stand where a style keeps them',
    { type: 'reply', text: 'roses are red\nviolets are blue' },
  ],
  [
    'summary-with-paragraphs',
    'the paragraphs of its summary',
    { text: 'One.\n\nTwo, after this.' },
  ],
  [
    'received-likes',
    'its own words, not those of whom it lets speak, and likes nothing',
    { type: 'mention', text: 'My own words on this.' },
  ],
  [
    'wordpress-sempress',
    'its words, in a theme that has a dozen names for each element, and not those of its comments',
    { type: 'reply', text: 'Oars are what a boat is about.\n\nA boat is no oar.\n\nWell said!' },
  ],
  [
    'minimal-reply',
    'all of its text where nothing of it is marked up, but not what others answered',
    { type: 'reply', text: 'To this:\n\nYes.\n\n- so\n- do I' },
  ],
  [
    'handwritten-reply',
    'what it answers, though that is not marked up: not who wrote it and when, nor what it quotes',
    { type: 'reply', text: 'Mine are short.\n\nSee you!' },
  ],
  [
    'calendar-vevent',
    'the lines of its description, in classic markup as well',
    {
      title: 'Bird walk',
      text: 'Bring boots,\nbring tea.\n\nAfter her note.\n\nWhen: 2026-12-10 08:00 UTC+01:00\nWhere: the dyke',
    },
  ],
  [
    'wordpress-excerpt',
    'the paragraphs of its excerpt, in classic markup as well',
    { title: 'Old but gold', text: 'First part,\n\nand the second, see there.' },
  ],
  [
    'blog-with-roll',
    'the sentence with the link, not the menu or the list of links beside it',
    {
      title: 'Rowing again',
      text: 'With what Alice says of oars in mind, I took the long ones.',
    },
  ],
  [
    'blogroll-only',
    'what its list of links has, where nothing else has the link',
    { title: 'Rowing', text: 'Alice on oars' },
  ],
  ['checkin', 'where it was written', { text: 'Tea with Alice\n\nAt: Café Anna' }],
  [
    'title-cut-in-a-word',
    'nothing twice: a title that is the beginning of the text is none',
    { text: 'I read “This & that” and it was quite wonderful, thanks to Alice.' },
  ],
  [
    'hidden-things',
    'nothing that its readers do not see, and nothing that turns its words round',
    { text: 'Seen: x\n\nabc d' },
  ],
]

describe('a page of other software says', () => {
  for (const [page, says, words] of pages) {
    it(`${says} (${page})`, () => {
      const { type, title, text } = readPage(page)
      assert.equal(text, words.text)
      assert.equal(title, words.title)
      assert.equal(type, words.type ?? 'mention')
    })
  }

  it('that somebody follows, to the home page', () => {
    const { type, text } = readPage('follow', { target: HOME })
    assert.deepEqual([type, text], ['follow', 'Followed Alice'])
  })

  it('the same in the HTML that is shown, pictures in words', () => {
    let shown = 0
    for (const [page] of pages) {
      const { html, text } = readPage(page)
      if (html === undefined) continue
      shown += 1
      assert.equal(textOfHtml(displayedHtml(html), 5_000), text, page)
      assert.doesNotMatch(html, /<(?:img|video|audio|iframe|script|style|svg|span)\b/, page)
    }
    assert.ok(shown >= 12)
  })
})

const entry = (inside: string) => read(`<article class="h-entry">${inside}</article>`)
const said = (words: string) => entry(`<div class="e-content">${words}</div>`).text
const LINK = `<a href="${NOTE}">x</a>`

describe('the text of an entry', () => {
  for (const [html, text] of [
    [`<p>Ends here.</p><p>Begins there ${LINK}</p>`, 'Ends here.\n\nBegins there x'],
    [`<ul><li>milk</li><li>eggs</li></ul>${LINK}`, '- milk\n- eggs\n\nx'],
    [`<div>One day.</div><div>Another ${LINK}.</div>`, 'One day.\nAnother x.'],
    [`<section>a</section><section>b</section>${LINK}`, 'a\nb\nx'],
    [`<h2>Head</h2>text ${LINK}<h3>Next</h3>`, 'Head\n\ntext x\n\nNext'],
    [`<span>in</span><b>side</b> ${LINK}<i>y</i>`, 'inside xy'],
    [`a<br>b<br/><br>c ${LINK}`, 'a\nb\n\nc x'],
    [`<img src="/very/long/name.jpg"> Seen ${LINK}`, '[picture] Seen x'],
    [`<video src="/v.mp4"><p>No video here</p></video>${LINK}`, '[video]\nx'],
    [`<audio src="/a.mp3" title="Rain"></audio>${LINK}`, '[audio: Rain]\nx'],
    [
      `<picture><source srcset="/b.webp"><img src="/b.jpg" alt="B"></picture> ${LINK}`,
      '[picture: B] x',
    ],
    [`<p>&nbsp;</p><p>a ${LINK}</p><p></p>`, 'a x'],
    [`<ol><li><p>a</p></li><li>${LINK}</li><li></li></ol>`, '1. a\n\n2. x'],
  ] as const) {
    it(JSON.stringify(text), () => assert.equal(said(html), text))
  }

  it('is in lines where a <pre> has it', () => {
    const reply = `<a class="u-in-reply-to" href="${NOTE}"></a>`
    const lines = 'one\n  two'
    assert.equal(entry(`${reply}<pre class="p-content">${lines}</pre>`).text, lines)
    assert.equal(entry(`${reply}<pre class="e-content">${lines}</pre>`).text, lines)
    assert.equal(entry(`${reply}<pre><code class="e-content">${lines}</code></pre>`).text, lines)
    assert.equal(entry(`${reply}<p class="p-content">${lines}</p>`).text, 'one two')
    const { html } = entry(`${reply}<div style="white-space:pre-wrap" class="e-content">a\nb</div>`)
    assert.equal(html, 'a<br />b')
  })

  it('is that of a table whose element is the content', () => {
    const rows = `<tr><td>a</td><td>${LINK}</td></tr><tr><td>b</td></tr>`
    assert.equal(entry(`<table class="e-content">${rows}</table>`).text, 'a x\nb')
  })
})

describe('the title of an entry', () => {
  const title = (name: string, words = 'This page <img alt="A boat" src="/b.jpg"> has a link to') =>
    entry(`<h1 class="p-name">${name}</h1><div class="e-content">${words} ${LINK}</div>`).title
  for (const name of [
    'This page has a link...',
    'This page has a link…',
    'This page has a li ...',
    'this page, has: a “link” […]',
    'This page has a link to x',
    `This page has a link to https://t.example/1`,
    '…',
    // What the parser of microformats has for a picture.
    'This page  A boat  has a link to x',
  ]) {
    it(`is none where it begins the text: ${name}`, () => assert.equal(title(name), undefined))
  }
  it('is in one line, and has no address for its picture', () => {
    assert.equal(title('Two<br>lines'), 'Two lines')
    assert.equal(title('<div>Two</div><div>lines</div>'), 'Two lines')
    assert.equal(title('<img src="/long/name.jpg" alt="Sun"> over Bern'), 'Sun over Bern')
    assert.equal(title('<img src="/long/name.jpg"> over Bern'), 'over Bern')
    const classic = `<h1 class="entry-title">Two<br>lines</h1><p class="entry-content">${LINK}</p>`
    assert.equal(read(`<div class="hentry">${classic}</div>`).title, 'Two lines')
  })

  for (const name of ['This page is no...', 'Links', 'This page has a link to x and much more']) {
    it(`stays where it says something else: ${name}`, () => assert.equal(title(name), name))
  }
})

describe('pictures, videos and sounds of an entry', () => {
  const words = (inside: string) => `<div class="e-content">Seen: ${inside}${LINK}</div>`
  const photo = '<img class="u-photo" src="/pictures/cat%20one.jpg?w=200" alt="a cat">'

  it('are said after its words, where these do not show them', () => {
    assert.equal(entry(words('') + photo).text, 'Seen: x\n\n[picture: a cat]')
    const others =
      '<video class="u-video" src="/v.mp4"></video><a class="u-audio" href="/a.mp3">a</a>'
    assert.equal(entry(words('') + others).text, 'Seen: x\n\n[video]\n[audio]')
    assert.match(entry(words('') + photo).html ?? '', /\[picture: a cat\]/)
  })

  it('are said once', () => {
    assert.equal(entry(words(photo)).text, 'Seen: [picture: a cat] x')
    const summary = `<p class="p-summary">Seen: ${photo}${LINK}</p>`
    assert.equal(entry(summary).text, 'Seen: [picture: a cat] x')
  })

  it('have their captions', () => {
    const figure = `<figure>${photo}<figcaption>Our cat,<br>asleep</figcaption></figure>`
    const author = '<span class="p-author">Eve</span>'
    assert.equal(
      entry(author + words('') + figure).text,
      'Seen: x\n\n[picture: a cat]\nOur cat,\nasleep',
    )
    const reply = `<a class="u-in-reply-to" href="${NOTE}"></a>`
    const pictured = entry(author + reply + figure)
    assert.equal(pictured.text, '[picture: a cat]\nOur cat,\nasleep')
    const other = '<figure><img src="/dog.jpg"><figcaption>A dog</figcaption></figure>'
    assert.equal(entry(words('') + photo + other).text, 'Seen: x\n\n[picture: a cat]')
  })

  it('are said once where a picture links to itself', () => {
    const linked = `<a class="u-photo" href="/pictures/cat%20one.jpg">${photo}</a>`
    assert.equal(entry(words('') + linked).text, 'Seen: x\n\n[picture: a cat]')
    const other = '<img class="u-photo" src="/dog.jpg">'
    assert.equal(entry(words('') + linked + other).text, 'Seen: x\n\n[picture: a cat]\n[picture]')
  })

  it('are no title either', () => {
    const { title, text } = entry(`${photo}<a class="u-in-reply-to" href="${NOTE}"></a>`)
    assert.deepEqual([title, text], [undefined, '[picture: a cat]'])
  })
})

describe('an entry without content', () => {
  it('says its name once', () => {
    const { title, text } = entry(`Links: ${LINK} and <a href="/y">y</a>`)
    assert.deepEqual([title, text], [undefined, 'Links: x and y'])
    const named = read(`<p class="h-entry"><b class="p-name">Oars</b> see ${LINK}</p>`)
    assert.deepEqual([named.title, named.text], [undefined, 'Oars see x'])
  })

  it('keeps a name that its sentence does not begin with', () => {
    const named = read(`<div class="h-entry"><h1 class="p-name">Oars</h1><p>See ${LINK}.</p></div>`)
    assert.deepEqual([named.title, named.text], ['Oars', 'See x.'])
  })
})

describe('a comment on a page', () => {
  it('has its lines, whether it names its author or not', () => {
    const words = `<div class="p-content"><p>One.</p><p>Two ${LINK}</p></div>`
    for (const author of ['', '<span class="p-author">Eve</span>']) {
      const comment = `<div class="p-comment h-cite">${author}${words}</div>`
      assert.equal(entry(`<p class="e-content">Mine</p>${comment}`).text, 'One.\n\nTwo x')
    }
  })
})

describe('responses that an entry received', () => {
  it('make it no like, repost or bookmark, and are not what it says', () => {
    for (const name of ['like', 'repost', 'bookmark', 'comment']) {
      for (const prefix of ['u', 'p']) {
        const response = `<div class="${prefix}-${name} h-cite"><a class="u-url" href="${NOTE}">Alice</a><p class="e-content">Hers</p></div>`
        const { type, text } = entry(`<p class="e-content">Mine</p>${response}`)
        assert.deepEqual([type, text], ['mention', 'Mine'])
      }
    }
  })

  it('are no part of the HTML either', () => {
    const comment = `<div class="u-comment h-cite"><p>Hers</p></div>`
    const { html } = entry(`<div class="e-content"><p>Mine ${LINK}</p>${comment}</div>`)
    assert.doesNotMatch(html ?? '', /Hers/)
    assert.match(html ?? '', /Mine/)
  })

  it('are others than those that it gives', () => {
    const given = (name: string) =>
      entry(
        `<p class="e-content">Mine</p><div class="u-${name} h-cite"><a class="u-url" href="${NOTE}">A</a></div>`,
      ).type
    assert.equal(given('like-of'), 'like')
    assert.equal(given('repost-of'), 'repost')
    assert.equal(entry(`<a class="u-like" href="${NOTE}">x</a>`).type, 'like')
  })
})

describe('a page without microformats', () => {
  const page = (body: string, head = '<title>T</title>') => read(`${head}<body>${body}`)

  it('has the title that it gives to others where it has no other', () => {
    const og =
      '<meta property="og:title" content="Shared"><meta property="og:description" content="D">'
    assert.equal(page(LINK, og).title, 'Shared')
    assert.equal(page(LINK, `<title>Own</title>${og}`).title, 'Own')
    assert.equal(page(LINK, og).text, 'x\n\nD')
  })

  it('says the sentence with the link, within its paragraph', () => {
    const body = `<p>Before. No.</p><p>First. I read <b>all of</b> ${LINK}, twice! Last.</p><p>After.</p>`
    assert.equal(page(body).text, 'I read all of x, twice!')
    assert.equal(page(`<div>menu<p>one</p>see ${LINK}<p>two</p></div>`).text, 'see x')
  })

  it('says no more than that: a long sentence is cut around the link', () => {
    const { text } = page(`<p>${'before '.repeat(400)}${LINK} ${'after '.repeat(400)}</p>`)
    assert.ok(text.length <= 402)
    assert.match(text, /^….*before x after.*…$/)
  })

  it('says nothing of links that nobody sees', () => {
    assert.equal(page(`<p hidden>${LINK} hidden words</p>`).text, '')
    assert.equal(page(`<p hidden>${LINK} hidden</p><p>Seen ${LINK}</p>`).text, 'Seen x')
  })

  it('says its description once', () => {
    const head = '<title>T</title><meta name="Description" content="Long words: see x, she said.">'
    assert.equal(page(`<p>see ${LINK},</p>`, head).text, 'Long words: see x, she said.')
  })
})

describe('other sources', () => {
  it('JSON: the picture of who wrote it', () => {
    const attributedTo = {
      ...{ type: 'Person', name: 'Bob', url: 'https://bob.example/' },
      icon: { type: 'Image', url: 'https://bob.example/me.png' },
    }
    const { author } = read(JSON.stringify({ type: 'Note', attributedTo, inReplyTo: NOTE }), {
      type: 'json',
    })
    assert.deepEqual([author.name, author.photo], ['Bob', 'https://bob.example/me.png'])
  })

  it('plain text keeps its lines, and says first why it was sent where it is long', () => {
    assert.equal(read(`One\n\ntwo\n${NOTE}\n`, { type: 'text' }).text, `One\n\ntwo\n${NOTE}`)
    const long = read(`${'Many words here. '.repeat(200)}\n\nAt last\nI read ${NOTE} there.`, {
      type: 'text',
    })
    assert.match(
      long.text,
      /^At last I read https:\/\/alice\.example\/notes\/one\/ there\.\n\nMany words/,
    )
  })

  for (const [name, json, words] of [
    [
      'microformats2',
      {
        items: [
          {
            type: ['h-entry'],
            properties: {
              name: ['Oars'],
              content: [{ html: `<p>On</p><p>oars ${LINK}</p>`, value: 'x' }],
              'in-reply-to': [NOTE],
            },
          },
        ],
      },
      { type: 'reply', title: 'Oars', text: 'On\n\noars x' },
    ],
    [
      'microformats2 with plain lines',
      { type: ['h-entry'], properties: { content: ['one\ntwo'], 'like-of': [NOTE] } },
      { type: 'like', text: 'one\ntwo' },
    ],
    [
      'jf2',
      { type: 'entry', name: 'Oars', content: { text: 'On oars' }, 'in-reply-to': NOTE },
      { type: 'reply', title: 'Oars', text: 'On oars' },
    ],
    [
      'ActivityStreams',
      { type: 'Create', object: { type: 'Note', content: `<p>a</p><p>b</p>`, inReplyTo: NOTE } },
      { type: 'reply', text: 'a\n\nb' },
    ],
    [
      'ActivityStreams: pictures',
      {
        ...{ type: ['Note'], content: '<p>Seen</p>', inReplyTo: NOTE },
        attachment: [
          { type: 'Document', mediaType: 'image/png', url: `${PAGE}.png`, name: 'a cat' },
          { type: 'Video', url: `${PAGE}.mp4` },
          { type: 'PropertyValue', name: 'Home', value: 'x' },
        ],
      },
      { type: 'reply', text: 'Seen\n\n[picture: a cat]\n[video]' },
    ],
    ['ActivityStreams: a like', { type: 'Like', object: NOTE }, { type: 'like', text: '' }],
    ['any other', { note: NOTE }, { type: 'mention', text: '' }],
  ] as const) {
    it(`JSON: ${name}`, () => {
      const { type, title, text } = read(JSON.stringify(json), { type: 'json' })
      assert.deepEqual({ type, ...(title !== undefined && { title }), text }, words)
    })
  }
})
