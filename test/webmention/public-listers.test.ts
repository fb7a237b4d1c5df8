import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { publicLister } from '../../lib/webmention/public-listers.ts'

describe('publicLister()', () => {
  for (const [endpoint, host] of [
    ['https://webmention.io/bob.example/webmention', 'webmention.io'],
    ['http://webmention.io/bob/webmention', 'webmention.io'],
    ['https://www.webmention.io/bob/webmention', 'webmention.io'],
    ['https://WebMention.IO/bob/webmention', 'webmention.io'],
    ['https://webmention.io./bob/webmention', 'webmention.io'],
    ['https://webmention.io:8443/bob/webmention', 'webmention.io'],
    ['https://webmention.herokuapp.com/api/webmention', 'webmention.herokuapp.com'],
    ['https://micro.blog/webmention', 'micro.blog'],
    ['https://brid.gy/publish/webmention', 'brid.gy'],
    ['https://fed.brid.gy/webmention', 'brid.gy'],
    ['https://news.indieweb.org/en/webmention', 'news.indieweb.org'],
    ['https://indieweb.xyz/webmention', 'indieweb.xyz'],
    ['https://webmention.rocks/test/1/webmention', 'webmention.rocks'],
  ] as const) {
    it(`knows ${endpoint}`, () => {
      const lister = publicLister(new URL(endpoint))
      assert.equal(lister?.host, host)
      assert.match(lister.see, /^https:\/\//)
    })
  }

  for (const endpoint of [
    'https://bob.example/webmention',
    'https://webmention.io.bob.example/webmention',
    'https://notwebmention.io/webmention',
    'https://bob.example/webmention.io',
    'https://bob.example/?forward=https://webmention.io/',
    'https://herokuapp.com/webmention',
    'https://indieweb.org/webmention',
  ]) {
    it(`has nothing against ${endpoint}`, () => {
      assert.equal(publicLister(new URL(endpoint)), undefined)
    })
  }
})
