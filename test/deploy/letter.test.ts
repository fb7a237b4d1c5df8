import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { contentHash } from '../../lib/deploy/content.ts'
import { letterOf, publicLetterOf } from '../../lib/deploy/letter.ts'
import { letterIdOf } from '../../lib/delivery/letter.ts'
import { holds } from '../support/property.ts'

const PAGE = new URL('https://alice.example/p/0123456789abcdefghjkmnpqrs/')
const BOB = 'https://bob.example/'
const page = (body: string, head = '') =>
  `<!doctype html><html><head><title>T</title>${head}</head><body><nav><a href="/">Alice</a></nav>${body}</body></html>`
const entry = (inside: string) => page(`<article class="h-entry">${inside}</article>`)
const read = (html: string, context: Partial<Parameters<typeof letterOf>[2]> = {}) =>
  letterOf(html, PAGE, { audience: [BOB], ...context })
const textOf = (html: string) => read(entry(`<div class="e-content">${html}</div>`)).text
const htmlOf = (html: string) => read(entry(`<div class="e-content">${html}</div>`)).html

describe('letterOf()', () => {
  it('says what the post says, with name, date and parent', () => {
    const html = entry(`
      <aside class="private-post-notice"><p>Shared with you.</p></aside>
      <h1 class="p-name">Dinner <em>tonight</em></h1>
      <time class="dt-published" datetime="2026-11-21T18:00:00+01:00">today</time>
      <a class="u-in-reply-to" href="https://bob.example/7">Bob</a>
      <div class="e-content"><p>At <a href="map.html">ours</a>?</p></div>`)
    assert.deepEqual(read(html), {
      id: letterIdOf(PAGE),
      version: contentHash(html, PAGE),
      url: PAGE.href,
      title: 'Dinner tonight',
      text: 'At ours?',
      html: `<p>At <a href="${PAGE.href}map.html">ours</a>?</p>`,
      published: '2026-11-21T17:00:00.000Z',
      inReplyTo: 'https://bob.example/7',
      audience: [BOB],
    })
  })

  it('takes the whole entry where no content is marked, without its name and its notice', () => {
    const html = entry(
      '<aside class="private-post-notice">Shared.</aside><h1 class="p-name">Dinner</h1><p>Tonight?</p>',
    )
    const { title, text, html: markup } = read(html)
    assert.deepEqual([title, text, markup], ['Dinner', 'Tonight?', '<p>Tonight?</p>'])
  })

  it('takes what the page is about where it marks no post', () => {
    assert.equal(read(page('<main><p>Tonight?</p></main><footer>F</footer>')).text, 'Tonight?')
  })

  it('takes nothing of a post that it quotes', () => {
    const quoted =
      '<div class="u-in-reply-to h-cite"><b class="p-name">Theirs</b><time class="dt-published" datetime="2020-01-01"></time><a class="u-url" href="https://bob.example/7">7</a><div class="e-content">Theirs</div></div>'
    const { text, title, published, inReplyTo } = read(
      entry(`${quoted}<div class="e-content">Mine</div>`),
    )
    assert.deepEqual([text, title, published], ['Mine', undefined, undefined])
    assert.equal(inReplyTo, 'https://bob.example/7')
  })

  it('gives a note no title: its name is its content', () => {
    const { title, text } = read(entry('<p class="p-name e-content">Dinner\n tonight?</p>'))
    assert.deepEqual([title, text], [undefined, 'Dinner tonight?'])
    assert.equal(
      read(entry('<p class="e-content">Tonight?</p>'), { title: 'Dinner' }).title,
      'Dinner',
    )
  })

  it('believes of the parent what the build knows before what the page says', () => {
    const html = entry('<a class="u-in-reply-to" href="/7"></a><p class="e-content">Yes</p>')
    assert.equal(read(html).inReplyTo, 'https://alice.example/7')
    assert.equal(
      read(html, { inReplyTo: 'fmtp:1.bob@mail.example' }).inReplyTo,
      'fmtp:1.bob@mail.example',
    )
  })

  for (const [written, moment] of [
    ['2026-11-21', '2026-11-21T00:00:00.000Z'],
    ['2026-11-21T12:00', '2026-11-21T12:00:00.000Z'],
    ['2026-11-21 12:00:30Z', '2026-11-21T12:00:30.000Z'],
    ['2026-11-21T12:00:00-0500', '2026-11-21T17:00:00.000Z'],
    ['21 November', undefined],
    ['2026-13-45', undefined],
  ] as const) {
    it(`dates ${JSON.stringify(written)} as ${moment}`, () => {
      const html = entry(`<time class="dt-published" datetime="${written}">x</time><p>Yes</p>`)
      assert.equal(read(html).published, moment)
    })
  }

  it('has another version when it says something else, and the same id', () => {
    const [one, other] = ['Yes', 'No'].map((text) =>
      read(entry(`<p class="e-content">${text}</p>`)),
    )
    assert.notEqual(one?.version, other?.version)
    assert.equal(one?.id, other?.id)
  })

  it('fits into a message: text is cut between words, markup that is too long is left out', () => {
    const { text, html } = read(
      entry(`<div class="e-content"><p>${'wörter '.repeat(5_000)}</p></div>`),
    )
    assert.ok(Buffer.byteLength(text) <= 16 * 1024)
    assert.match(text, /wörter…$/)
    assert.equal(html, undefined)
    const cut = read(entry(`<p class="e-content">${'😀'.repeat(9_000)}</p>`)).text
    assert.doesNotMatch(cut, /\uFFFD/)
    const long = read(
      entry(`<h1 class="p-name">${'x'.repeat(900)}</h1><p class="e-content">Yes</p>`),
    )
    assert.equal(long.title?.length, 300)
    assert.equal(read(entry('<p>Yes</p>'), { audience: Array(900).fill(BOB) }).audience.length, 200)
  })
})

describe('letterOf(): text', () => {
  for (const [name, html, text] of [
    ['divides paragraphs by an empty line', '<p>One</p>\n<p>Two</p>', 'One\n\nTwo'],
    ['makes one line of a line', '<p>One\n  two\tthree</p>', 'One two three'],
    ['keeps the breaks of lines', '<p>One<br>two<br />\nthree</p>', 'One\ntwo\nthree'],
    ['keeps spaces between words that are marked', '<p>a <em>b</em> <b>c</b>d</p>', 'a b cd'],
    [
      'lists points',
      '<p>Menu</p><ul><li>Soup</li><li>Fish</li></ul><p>!</p>',
      'Menu\n\n- Soup\n- Fish\n\n!',
    ],
    ['keeps code as it is', '<pre><code>if (a)\n  b()\n</code></pre>', 'if (a)\n  b()'],
    [
      'describes pictures',
      '<p><img src="a.jpg" alt="A quokka"> here</p>',
      '[picture: A quokka] here',
    ],
    ['divides cells', '<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>', 'a b\nc'],
    [
      'leaves out what is not read',
      '<p>a<script>x()</script><style>p{}</style><noscript>n</noscript>b</p>',
      'ab',
    ],
    ['leaves out what is hidden', '<p>a<span hidden>secret</span>b</p>', 'ab'],
    ['reads entities', '<p>Fish &amp; chips&nbsp;&lt;3</p>', 'Fish & chips\u00a0<3'],
  ] as const) {
    it(name, () => assert.equal(textOf(html), text))
  }
})

describe('letterOf(): markup', () => {
  for (const [name, html, kept] of [
    [
      'makes links absolute',
      '<a href="../x?a=1&amp;b">l</a>',
      '<a href="https://alice.example/p/x?a=1&amp;b">l</a>',
    ],
    [
      'makes pictures absolute',
      '<img src="/a.jpg" srcset="b.jpg 2x" alt="A">',
      '<img src="https://alice.example/a.jpg" alt="A">',
    ],
    ['drops links that act', '<a href="javascript:alert(1)">l</a>', '<a>l</a>'],
    [
      'drops pictures in the text',
      '<img src="data:image/png;base64,AAAA" alt="A">',
      '<img alt="A">',
    ],
    [
      'keeps mail links',
      '<a href="mailto:a@b.example">l</a>',
      '<a href="mailto:a@b.example">l</a>',
    ],
    [
      'drops handlers, styles and classes',
      '<p onclick="x()" style="color:red" class="a" id="b" data-x="1">a</p>',
      '<p>a</p>',
    ],
    [
      'drops scripts, styles, frames and forms',
      '<script>x()</script><style>p{}</style><iframe src="/f"></iframe><form action="/"><input></form><svg><script>x()</script></svg><template><p>t</p></template>a',
      'a',
    ],
    ['drops comments', '<p>a<!-- not for Bob -->b</p>', '<p>ab</p>'],
  ] as const) {
    it(name, () => assert.equal(htmlOf(html), kept))
  }

  it('resolves links as the page does', () => {
    const html = page(
      '<article class="h-entry"><p class="e-content"><a href="x">l</a></p></article>',
      '<base href="/base/">',
    )
    assert.equal(read(html).html, '<a href="https://alice.example/base/x">l</a>')
  })

  it('leaves nothing that acts, whatever the page (property)', async (t) => {
    const piece = fc.constantFrom(
      ...[
        '<script>',
        '</script>',
        '<style>',
        '<svg>',
        '<math>',
        '<template>',
        '<p onclick=x>',
        '<a href=javascript:x>',
      ],
      ...[
        '<iframe srcdoc=x>',
        '<form>',
        '<xmp>',
        '<noscript>',
        '<!--',
        '-->',
        '</p>',
        '<img src=x onerror=x>',
        'text',
      ],
      ...[
        '<table>',
        '<tr>',
        '<select>',
        '<title>',
        '<plaintext>',
        '</svg>',
        '<foreignObject>',
        '<object>',
        '<link>',
      ],
    )
    await holds(
      t,
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const markup = htmlOf(pieces.join('')) ?? ''
        assert.doesNotMatch(
          markup,
          /<(script|style|iframe|object|svg|math|template|form|link|xmp|plaintext|noscript)\b/i,
        )
        assert.doesNotMatch(markup, /\son\w+=|javascript:|<!--/i)
      }),
      { numRuns: 500 },
    )
  })
})

describe('publicLetterOf()', () => {
  const url = new URL('https://alice.example/notes/1/')
  const note = '<p class="e-content">Hello</p>'

  it('is of a page that shows one post, and is for nobody by name', () => {
    const letter = publicLetterOf(entry(note), url)
    assert.equal(letter?.text, 'Hello')
    assert.deepEqual(letter?.audience, [])
  })

  it('is none of a page that is kept out of search engines', () => {
    const withRobots = (content: string) =>
      `<meta name="robots" content="${content}">${entry(note)}`
    for (const content of ['noindex', 'none', 'nofollow, NoIndex']) {
      assert.equal(publicLetterOf(withRobots(content), url), undefined, content)
    }
    assert.ok(publicLetterOf(withRobots('index, max-snippet:20'), url))
  })

  it('is none of a post that calls itself anything but public', () => {
    const marked = (visibility: string) =>
      publicLetterOf(entry(`${note}<data class="p-visibility" value="${visibility}"></data>`), url)
    assert.equal(marked('unlisted'), undefined)
    assert.equal(marked('private'), undefined)
    assert.ok(marked('Public'))
    assert.equal(
      publicLetterOf(entry(`${note}<span class="p-visibility">unlisted</span>`), url),
      undefined,
    )
  })

  it('is none of a list, of a page without a post, or of a page that is not the post’s own', () => {
    assert.equal(publicLetterOf(page('<p>Hello</p>'), url), undefined)
    const item = `<article class="h-entry">${note}</article>`
    assert.equal(publicLetterOf(page(item + item), url), undefined)
    assert.equal(
      publicLetterOf(entry(`<a class="u-url" href="/notes/2/"></a>${note}`), url),
      undefined,
    )
    assert.ok(publicLetterOf(entry(`<a class="u-url" href="/notes/1/"></a>${note}`), url))
  })
})
