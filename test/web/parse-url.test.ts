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

  const chinese = String.fromCharCode(...Array.from({ length: 5_000 }, (_, i) => 0x4e00 + i))
  const broken = chinese.replace(/.{9}/g, '$&\n')
  for (const [what, text] of [
    ['in another script', `https://${chinese}.example/`],
    ['percent-encoded', `https://${encodeURIComponent(chinese)}.example/`],
    ['of accents', `https://a${'\u0301\u0323'.repeat(3_000)}.example`],
    ['behind spaces, with slashes of another kind', `  HTTP:\\/\\${chinese}`],
    ['with line breaks in it and in the scheme', `ht\ntp:/\t/${broken}?`],
    ['without a scheme', `/\\${chinese}/`],
    ['behind a user name', `https://a@b@${chinese}/`],
  ] as const) {
    it(`does not read a host that no name can have: ${what}`, () => {
      assert.equal(parseUrl(text, base), undefined)
    })
  }

  it('reads whatever else is long', () => {
    const long = 'x'.repeat(5_000)
    for (const text of [
      `https://bob.example/${long}`,
      `https://bob.example?${long}`,
      `https://bob.example#${chinese}`,
      `https://${long}:${long}@bob.example/`,
      `data:text/plain,${long}`,
      `mailto:${long}@bob.example`,
      `/${long}`,
      long,
    ]) {
      assert.ok(parseUrl(text, base))
    }
    const label = 'ü'.repeat(50)
    assert.ok(parseUrl(`https://${encodeURIComponent(label)}.${label}.bücher.example/`))
  })
})
