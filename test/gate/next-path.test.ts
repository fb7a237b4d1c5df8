import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { nextPath } from '../../lib/gate/next-path.ts'
import { holds } from '../support/property.ts'

const SITE = new URL('https://alice.example/')

describe('nextPath()', () => {
  for (const [text, expected] of [
    ['/private/x/', '/private/x/'],
    ['/private/x/?as=bob', '/private/x/?as=bob'],
    ['/inbox#top', '/inbox'],
    ['/a/%2F%2Feve.example', '/a/%2F%2Feve.example'],
    ['/a/../b', '/b'],
    ['https://alice.example/private/', '/'],
    ['private/', '/'],
    ['', '/'],
    [undefined, '/'],
    ['//eve.example/', '/'],
    ['///eve.example/', '/'],
    ['/\\eve.example/', '/'],
    ['\\/eve.example/', '/'],
    ['/%2Feve.example/', '/'],
    ['/%5ceve.example/', '/'],
    ['%2F/eve.example/', '/'],
    ['/..//eve.example/', '/'],
    ['/./%2feve.example', '/'],
    ['/a/..//eve.example', '/'],
    ['/\t/eve.example/', '/'],
    ['/\n/eve.example/', '/'],
    ['\u0000/private/', '/'],
    [' //eve.example', '/'],
    ['/\u2028/x', '/'],
    ['https:eve.example', '/'],
    ['javascript:alert(1)', '/'],
    ['/@eve.example/', '/@eve.example/'],
    [`/${'x'.repeat(300)}`, '/'],
  ] as const) {
    it(`leads from ${JSON.stringify(text)?.slice(0, 40)} to ${expected}`, () => {
      assert.equal(nextPath(text, SITE), expected)
    })
  }

  it('stays below the path of a site that shares its host', () => {
    const site = new URL('https://pages.example/alice/')
    assert.equal(nextPath('/alice/private/', site), '/alice/private/')
    for (const text of ['/bob/', '/alice/../bob/', '/', '/alice']) {
      assert.equal(nextPath(text, site), '/alice/')
    }
  })

  it('never leads to another origin, whatever it is given (property)', async (t) => {
    const hostile = fc.array(
      fc.constantFrom(
        '/',
        '\\',
        '.',
        '..',
        '%2f',
        '%5c',
        ':',
        '@',
        'eve.example',
        'https',
        '\t',
        '?',
        '#',
        '%',
      ),
      { maxLength: 12 },
    )
    const texts = fc.oneof(
      fc.string(),
      hostile.map((parts) => parts.join('')),
    )
    await holds(
      t,
      fc.property(texts, (text) => {
        const next = nextPath(text, SITE)
        assert.equal(new URL(next, SITE).origin, SITE.origin)
        assert.equal(new URL(SITE.origin + next).host, SITE.host)
      }),
      { numRuns: 3_000 },
    )
  })
})
