import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isPermalink, linksOf, searchEntry } from '../../lib/web/h-entry.ts'
import { attribute, parseHtml } from '../../lib/web/html.ts'

const page = new URL('https://alice.example/posts/hello/')

function entryOf(html: string): string | undefined {
  const entry = searchEntry(parseHtml(html), page).entry
  return entry && attribute(entry, 'id')
}

describe('searchEntry()', () => {
  const cases = [
    { name: 'the only entry', html: '<div id="a" class="post h-entry"></div>', id: 'a' },
    {
      name: 'an entry below utility classes that look like roots',
      html: '<body class="h-full"><div class="h-screen"><p id="a" class="h-entry"></p></div>',
      id: 'a',
    },
    {
      name: 'an entry beside a feed of others',
      html: '<p id="a" class="h-entry"></p><ul class="h-feed"><li class="h-entry"></ul>',
      id: 'a',
    },
    {
      name: 'an entry with a reply inside it',
      html: '<div id="a" class="h-entry"><p class="u-comment h-entry"></p></div>',
      id: 'a',
    },
    { name: 'no entry in a listing', html: '<p class="h-entry"></p><p class="h-entry"></p>' },
    { name: 'no entry in a feed', html: '<div class="h-feed"><p class="h-entry"></p></div>' },
    { name: 'no entry in a template', html: '<template><p class="h-entry"></p></template>' },
    { name: 'no entry in a comment', html: '<!-- <p class="h-entry"></p> -->' },
    { name: 'no entry', html: '<p class="h-entry-content">' },
  ]
  for (const { name, html, id } of cases) {
    it(`finds ${name}`, () => assert.equal(entryOf(html), id))
  }
})

describe('isPermalink()', () => {
  const cases = [
    { name: 'a post that names no address', inside: 'Hello', expected: true },
    { name: 'its own address', inside: '<a class="u-url" href="./">#</a>', expected: true },
    {
      name: 'its own address in full, on a <data>',
      inside: '<data class="u-url" value="https://alice.example/posts/hello/"></data>',
      expected: true,
    },
    {
      name: 'its own address with a fragment',
      inside: '<a class="u-url" href="/posts/hello/index.html#top">#</a>',
      expected: true,
    },
    {
      name: 'the address of the author beside none of its own',
      inside: '<a class="p-author h-card u-url" href="https://alice.example/">Alice</a>',
      expected: true,
    },
    {
      name: 'its own address before it had a certificate',
      inside: '<a class="u-url" href="http://alice.example/posts/hello/">#</a>',
      expected: true,
    },
    {
      name: 'its own address with www',
      inside: '<a class="u-url" href="https://www.alice.example/posts/hello/">#</a>',
      expected: true,
    },
    {
      name: 'a neighbour below the same domain',
      inside: '<a class="u-url" href="https://blog.alice.example/posts/hello/">#</a>',
      expected: false,
    },
    {
      name: 'another page',
      inside: '<a class="u-url" href="/posts/other/">#</a>',
      expected: false,
    },
    {
      name: 'another site',
      inside: '<a class="u-url" href="https://eve.example/posts/hello/">#</a>',
      expected: false,
    },
  ]
  for (const { name, inside, expected } of cases) {
    it(`${expected ? 'accepts' : 'rejects'} ${name}`, () => {
      const document = parseHtml(`<article class="h-entry">${inside}</article>`)
      const entry = searchEntry(document, page).entry
      assert.equal(entry && isPermalink(entry, document, page), expected)
    })
  }
})

describe('linksOf()', () => {
  it('gives the links of the entry, each once, resolved against the base', () => {
    const document =
      parseHtml(`<base href="https://alice.example/deep/"><a href="https://nav.example/">nav</a>
      <div class="h-entry"><a href="https://bob.example/1">1</a> <a href=" https://bob.example/1 ">again</a>
      <a href="https://bob.example/1#part">part</a> <a href="own">own</a> <a href="mailto:bob@example.com">mail</a>
      <a>none</a> <a href="https://[bad">bad</a> <img src="https://img.example/a.png"></div>`)
    const entry = searchEntry(document, page).entry
    assert.ok(entry)
    assert.deepEqual(linksOf(entry, document, page).map(String), [
      'https://bob.example/1',
      'https://bob.example/1#part',
      'https://alice.example/deep/own',
    ])
  })
})
