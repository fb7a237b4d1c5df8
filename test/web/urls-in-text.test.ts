import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { urlsInText } from '../../lib/web/urls-in-text.ts'

describe('urlsInText()', () => {
  const rows: readonly [text: string, urls: readonly string[]][] = [
    ['See https://bob.example/a, and (https://bob.example/b).', ['/a', '/b']],
    ['<a href="https://bob.example/a?b=1&amp;c=2#d">', ['/a?b=1&amp;c=2#d']],
    ["url('//bob.example/a')", ['/a']],
    [String.raw`{"a":"https:\/\/bob.example\/a\n"}`, ['/a']],
    ['&quot;https://bob.example/a&quot; and &lt;https://bob.example/b&gt;', ['/a', '/b']],
    ['https://bob.example/wiki/A_(b) [c](https://bob.example/d)', ['/wiki/A_(b)', '/d']],
    ['srcset="https://bob.example/a 1x, https://bob.example/b 2x"', ['/a', '/b']],
    ['https://bob.example/a</p>', ['/a']],
    ['webcal://bob.example/a.ics', ['/a.ics']],
    ['// bob.example/a\nx = 1 //bob\nmailto:a@bob.example a//bob.example/a', []],
  ]
  for (const [text, urls] of rows) {
    it(`finds ${urls.length} in ${JSON.stringify(text)}`, () => {
      const found = [...urlsInText(text)]
      assert.deepEqual(
        found.map(({ url }) => url.href.slice(url.href.indexOf('bob.example') + 11)),
        urls,
      )
      for (const { raw, offset } of found) assert.ok(text.startsWith(raw, offset))
    })
  }
})
