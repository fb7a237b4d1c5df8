import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { displayedHtml } from '../../lib/inbox/displayed-html.ts'
import { elements, parseHtml } from '../../lib/web/html.ts'
import { textOfHtml } from '../../lib/web/html-text.ts'
import { sanitiseHtml } from '../../lib/web/sanitise.ts'
import { holds } from '../support/property.ts'

/** A page of a megabyte, as that is what a source may have. */
const MEGABYTE = 1_000_000

describe('the text of hostile HTML', () => {
  for (const [name, html, text] of [
    ['50,000 divisions in each other', `${'<div>'.repeat(50_000)}x`, ''],
    ['19,000 divisions in each other', `${'<div>'.repeat(19_000)}x`, 'x'],
    ['a megabyte of line breaks', `a${'<br>'.repeat(MEGABYTE / 4)}b`, 'a'],
    ['many line breaks', `a${'<br>'.repeat(15_000)}b`, 'a\n\nb'],
    ['a megabyte of white space', `a${' \n'.repeat(MEGABYTE / 2)}b`, 'a b'],
    ['a megabyte of white space that is kept', `<pre>a${' '.repeat(MEGABYTE)}b</pre>`, 'a…'],
    ['a megabyte of bullets', `a${'<li>'.repeat(19_000)}b`, 'a\n- b'],
    ['lists in each other', `${'<ul><li>'.repeat(5_000)}x`, '        - x'],
    ['controls and signs that turn the writing', 'a\u0000b&#x202e;c&#x2066;d\u009be', 'ab c d e'],
    ['a word that may be divided', 'Donau&shy;dampf&#8203;schiff', 'Donaudampfschiff'],
    ['markup in entities', '&lt;img src=x onerror=alert(1)&gt;', '<img src=x onerror=alert(1)>'],
    ['markup in words for a picture', '<img alt="&lt;b&gt;x">', '[picture: <b>x]'],
  ] as const) {
    it(name, () => {
      const read = textOfHtml(html, MEGABYTE)
      assert.equal(read.slice(0, 100).trim(), text.trim())
    })
  }

  it('has no more words for a picture than a reader reads', () => {
    const text = textOfHtml(`<img alt="${'word '.repeat(100_000)}">`, MEGABYTE)
    assert.ok(text.length < 330)
    assert.match(text, /^\[picture: word word .*…\]$/)
  })

  it('is shown as text where it nests deeper than a document does', () => {
    assert.equal(sanitiseHtml(`${'<div>'.repeat(5_000)}x`), undefined)
    assert.match(sanitiseHtml(`${'<div>'.repeat(100)}x`) ?? '', /x/)
  })
})

const NAMES = ['p', 'div', 'li', 'ul', 'td', 'tr', 'table', 'pre', 'b', 'a', 'figure', 'h2', 'q']
const LEAVES = [
  ...['<br>', '<img alt="cat">', '<img src="/x.jpg">', '<script>x</script>', '<video></video>'],
  ...[
    '&lt;b&gt;',
    '&amp;lt;',
    '\n',
    ' ',
    'word',
    '<i hidden>no</i>',
    '&#x202e;',
    '<iframe>',
    '"\'<',
  ],
]
const anyHtml = fc
  .array(
    fc.oneof(
      fc.constantFrom(...LEAVES),
      fc.constantFrom(...NAMES).chain((name) => fc.constantFrom(`<${name}>`, `</${name}>`)),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''))

describe('any HTML', () => {
  it('has a text that is no longer than asked for (property)', async (t) => {
    await holds(
      t,
      fc.property(anyHtml, fc.integer({ min: 1, max: 80 }), (html, length) => {
        assert.ok([...textOfHtml(html, length)].length <= length)
      }),
    )
  })

  it('is shown with nothing that loads or acts, and with no address of a picture (property)', async (t) => {
    await holds(
      t,
      fc.property(anyHtml, (html) => {
        const shown = displayedHtml(sanitiseHtml(html) ?? '')
        for (const { tagName } of elements(parseHtml(shown))) {
          assert.doesNotMatch(tagName, /^(img|script|video|iframe|style|svg|object)$/)
        }
        assert.doesNotMatch(shown, /x\.jpg|\u202e/)
      }),
    )
  })

  it('says the same as text that was made of it as HTML (property)', async (t) => {
    await holds(
      t,
      fc.property(anyHtml, (html) => {
        const text = textOfHtml(html, 1_000)
        const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
        assert.equal(textOfHtml(`<pre>${escaped}</pre>`, 1_000).trimStart(), text)
      }),
    )
  })
})
