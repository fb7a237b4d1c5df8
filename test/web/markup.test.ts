import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { elements, parseHtml, textOf } from '../../lib/web/html.ts'
import { escapeHtml, html, trustedMarkup } from '../../lib/web/markup.ts'
import { holds } from '../support/property.ts'

describe('html()', () => {
  it('escapes texts, for content and for quoted attributes', () => {
    const { markup } = html`<p title="${'"><i>'}">${`<b> & ' "`}</p>`
    assert.equal(markup, '<p title="&quot;&gt;&lt;i&gt;">&lt;b&gt; &amp; &#39; &quot;</p>')
  })

  it('puts in pieces of its own as they are, and lists of them one after the other', () => {
    const items = ['a', '<'].map((text) => html`<li>${text}</li>`)
    assert.equal(html`${items}`.markup, '<li>a</li><li>&lt;</li>')
    assert.equal(html`${[]}`.markup, '')
  })

  it('puts in numbers and URLs, and nothing for what is not there', () => {
    const url = new URL('https://bob.example/?a=1&b=2')
    assert.equal(
      html`${0}|${url}|${undefined}|${false}|${''}`.markup,
      '0|https://bob.example/?a=1&amp;b=2|||',
    )
  })

  it('puts in what was sanitised elsewhere', () => {
    assert.equal(html`<p>${trustedMarkup('<em>x</em>')}</p>`.markup, '<p><em>x</em></p>')
  })

  it('lets no text become an element or an attribute (property)', async (t) => {
    const check = (text: string) => {
      const document = parseHtml(html`<p id="x" title="${text}">${text}</p>`.markup)
      const inBody = [...elements(document)].filter(
        ({ tagName }) => !['html', 'head', 'body'].includes(tagName),
      )
      assert.equal(inBody.length, 1)
      assert.deepEqual(
        inBody[0]?.attrs.map(({ name }) => name),
        ['id', 'title'],
      )
    }
    await holds(t, fc.property(fc.string({ unit: 'binary' }), check))
    const attacks = ['<script>', '" onload="x', "' x='", '</p><p>', '<!--', '&lt;script&gt;']
    for (const text of attacks) check(text)
  })
})

describe('escapeHtml()', () => {
  it('is what a browser reads back as the same text (property)', async (t) => {
    await holds(
      t,
      fc.property(fc.string(), (text) => {
        // @NOTE Parsers drop NUL and turn CR into LF, whether escaped or not.
        fc.pre(!/[\0\r]/.test(text))
        assert.equal(textOf(parseHtml(`<body><p>${escapeHtml(text)}</p>`)), text)
      }),
    )
  })
})
