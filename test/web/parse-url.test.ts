import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseUrl } from '../../lib/web/parse-url.ts'

const base = new URL('https://bob.example/a/b')

describe('parseUrl()', () => {
  it('is the URL, or undefined', () => {
    assert.equal(parseUrl('https://Bob.Example')?.href, 'https://bob.example/')
    assert.equal(parseUrl('c', base)?.href, 'https://bob.example/a/c')
    assert.equal(parseUrl('', base)?.href, base.href)
    assert.equal(parseUrl('c'), undefined)
    assert.equal(parseUrl('http://[', base), undefined)
  })

  it('still knows an umlaut after many addresses without one', () => {
    for (let i = 0; i < 100_000; i++) parseUrl(`/${i}`, base)
    assert.equal(parseUrl('/ü', base)?.pathname, '/%C3%BC')
    assert.equal(parseUrl('https://bücher.example/')?.hostname, 'xn--bcher-kva.example')
  })
})
