import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  attribute,
  baseUrl,
  elements,
  hasToken,
  isElement,
  parseHtml,
  removeElement,
  serializeHtml,
  setAttribute,
  textOf,
} from '../../lib/web/html.ts'

const url = new URL('https://bob.example/notes/1')
const hrefs = (html: string, options = {}) =>
  [...elements(parseHtml(html, options))].flatMap((element) => attribute(element, 'href') ?? [])

function first(html: string, name: string) {
  const document = parseHtml(html)
  const element = [...elements(document)].find((candidate) => isElement(candidate, name))
  assert.ok(element)
  return { document, element }
}

describe('elements()', () => {
  it('walks in document order, head before body and parents before children', () => {
    assert.deepEqual(hrefs('<link href=1><a href=2><b><i href=3></i></b></a><p><a href=4>'), [
      ...'1234',
    ])
  })

  it('skips what stands in a template, in a comment, in a script and in escaped text', () => {
    const hidden = '<a href=no></a>'
    const page =
      `<template>${hidden}<template>${hidden}</template></template><!-- ${hidden} -->` +
      `<script>"${hidden}"</script><textarea>${hidden}</textarea>&lt;a href=no&gt;<a href=yes>`
    assert.deepEqual(hrefs(page), ['yes'])
  })

  it('sees the elements in a noscript only as software without scripts does', () => {
    const page = '<noscript><link href=1></noscript>'
    assert.deepEqual(hrefs(page, { scripting: false }), ['1'])
    assert.deepEqual(hrefs(page), [])
  })

  it('survives a page that nests without end', () => {
    assert.ok([...elements(parseHtml('<div>'.repeat(100_000)))].length > 1_000)
  })
})

describe('isElement()', () => {
  it('tells an HTML link from its namesake in SVG', () => {
    const [svg, html] = [...elements(parseHtml('<svg><a></a></svg><a></a>'))].filter(
      ({ tagName }) => tagName === 'a',
    )
    assert.ok(svg && html)
    assert.equal(isElement(svg, 'a'), false)
    assert.equal(isElement(html, 'a'), true)
  })
})

describe('attribute()', () => {
  it('reads names in any case, unquoted values and character references', () => {
    const { element } = first('<A HREF=/x?a=1&amp;b=2 Rel="A&#32;B">', 'a')
    assert.equal(attribute(element, 'href'), '/x?a=1&b=2')
    assert.equal(attribute(element, 'rel'), 'A B')
    assert.equal(attribute(element, 'title'), undefined)
  })
})

describe('setAttribute(), removeElement(), serializeHtml()', () => {
  it('replaces, adds and removes, and leaves the rest as it is', () => {
    const { document, element } = first('<!DOCTYPE html><p id="a">x</p><a href="b">y</a>', 'p')
    setAttribute(element, 'id', 'c')
    setAttribute(element, 'title', '"')
    const link = [...elements(document)].find((candidate) => isElement(candidate, 'a'))
    assert.ok(link)
    removeElement(link)
    assert.equal(
      serializeHtml(document),
      '<!DOCTYPE html><html><head></head><body><p id="c" title="&quot;">x</p></body></html>',
    )
  })

  it('keeps an image in a noscript of the head where it is', () => {
    const html =
      '<html><head><noscript><img src="x"></noscript><title>t</title></head><body></body></html>'
    assert.equal(serializeHtml(parseHtml(html)), html)
  })
})

describe('textOf()', () => {
  it('joins the text in document order', () => {
    const { element } = first('<p>a<b>b<i>c</i></b>&amp;<template>no</template>d</p>', 'p')
    assert.equal(textOf(element), 'abc&d')
  })
})

describe('hasToken()', () => {
  for (const value of [
    'webmention',
    'WebMention',
    'me webmention',
    'me\twebmention\n',
    ' a\fwebmention b',
  ]) {
    it(`finds the token in ${JSON.stringify(value)}`, () => {
      assert.equal(hasToken(value, 'webmention'), true)
    })
  }
  for (const value of [
    undefined,
    '',
    'not-webmention',
    'webmentions',
    'web mention',
    'a\u00a0webmention',
    'webment\u0130on',
  ]) {
    it(`does not find it in ${JSON.stringify(value)}`, () => {
      assert.equal(hasToken(value, 'webmention'), false)
    })
  }
  it('folds the case of ASCII only', () => {
    assert.equal(hasToken('\u212Aey', 'key'), false)
  })
})

describe('baseUrl()', () => {
  for (const [id, html, expected] of [
    ['without one, the URL of the document', '<p>', url.href],
    ['the first base', '<base href="/a/"><base href="/b/">', 'https://bob.example/a/'],
    ['the first that has a href', '<base target=_top><base href="/b/">', 'https://bob.example/b/'],
    ['relative to the document', '<base href="x/">', 'https://bob.example/notes/x/'],
    ['another origin', '<base href="https://alice.example/">', 'https://alice.example/'],
    ['not in a template', '<template><base href="/a/"></template>', url.href],
    ['not a URL', '<base href="http://[">', url.href],
    ['not data:', '<base href="data:text/plain,x">', url.href],
    ['not javascript:', '<base href="javascript:x">', url.href],
  ] as const) {
    it(id, () => assert.equal(baseUrl(parseHtml(html), url).href, expected))
  }
})

describe('parseHtml() of more than it may hold', () => {
  it('says that it was cut', () => {
    let cuts = 0
    const options = { maxElements: 10, onCut: () => void (cuts += 1) }
    parseHtml('<p>x'.repeat(5), options)
    assert.equal(cuts, 0)
    parseHtml('<p>x'.repeat(50), options)
    assert.equal(cuts, 1)
  })
})
