import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { contentHash } from '../../lib/deploy/content.ts'

const page = new URL('https://alice.example/posts/hello/')
const hash = (html: string) => contentHash(html, page)

function post(inside: string, around = ''): string {
  return `<!doctype html><header>${around}</header><article class="h-entry">${inside}</article>`
}

describe('contentHash()', () => {
  const original = post('<p>Hello <a href="/a/">you</a></p><img src="cat.jpg" alt="A cat">')

  const unchanged = {
    'a new menu and footer': post(
      '<p>Hello <a href="/a/">you</a></p><img src="cat.jpg" alt="A cat">',
      '<a href="/new/">New</a> built on Monday',
    ),
    'other white space': post(
      '\n  <p>\n Hello  <a href="/a/">you</a></p>\n<img src="cat.jpg" alt="A cat">\n',
    ),
    'other markup and classes': post(
      '<div class="big"><b>Hello</b> <a class="blue" href="/a/">you</a></div><img src="cat.jpg" alt="A cat">',
    ),
    'an inline script with the time of the build': post(
      '<script>built = 17</script><p>Hello <a href="/a/">you</a></p><img src="cat.jpg" alt="A cat">',
    ),
    'links that the host made pretty': post(
      '<p>Hello <a href="/a/index.html">you</a></p><img src="./cat.jpg" alt="A cat">',
    ),
  }
  for (const [name, html] of Object.entries(unchanged)) {
    it(`does not change with ${name}`, () => assert.equal(hash(html), hash(original)))
  }

  const changed = {
    'a word': post('<p>Hallo <a href="/a/">you</a></p><img src="cat.jpg" alt="A cat">'),
    'a link': post('<p>Hello <a href="/b/">you</a></p><img src="cat.jpg" alt="A cat">'),
    'a link to the same place that becomes a like': post(
      '<p>Hello <a class="u-like-of" href="/a/">you</a></p><img src="cat.jpg" alt="A cat">',
    ),
    'a picture': post('<p>Hello <a href="/a/">you</a></p><img src="dog.jpg" alt="A cat">'),
    'what stands for a picture': post(
      '<p>Hello <a href="/a/">you</a></p><img src="cat.jpg" alt="A dog">',
    ),
    'the order of words': post('<p><a href="/a/">you</a> Hello</p><img src="cat.jpg" alt="A cat">'),
  }
  for (const [name, html] of Object.entries(changed)) {
    it(`changes with ${name}`, () => assert.notEqual(hash(html), hash(original)))
  }

  it('takes <main> of a page without an entry', () => {
    const one = '<nav>1</nav><main>Hello</main>'
    assert.equal(hash(one), hash('<nav>2</nav><main>Hello</main>'))
    assert.notEqual(hash(one), hash('<nav>1</nav><main>Hallo</main>'))
  })

  it('reads a page that nests deeper than the stack', () => {
    const deep = `${'<div>'.repeat(20_000)}Hello`
    assert.notEqual(hash(post(deep)), hash(post(`${deep}!`)))
  })
})
