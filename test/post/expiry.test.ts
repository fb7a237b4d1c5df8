import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import matter from 'gray-matter'
import { parseExpiry, refuseRolledOverExpiry } from '../../lib/post/expiry.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'

const PATH = 'private/dinner.md'
const expiry = (value: unknown) => parseExpiry(PATH, value)?.toISOString()
/** `expires` as Eleventy's YAML reads it. */
const fromYaml = (written: string): unknown =>
  matter(`---\nexpires: ${written}\n---\n`).data['expires']

describe('parseExpiry()', () => {
  it('is nothing when the author says nothing', () => {
    assert.equal(parseExpiry(PATH, undefined), undefined)
    assert.equal(parseExpiry(PATH, null), undefined)
  })

  const rows: readonly [name: string, value: unknown, moment: string][] = [
    ['a day: it is the last one', '2026-12-24', '2026-12-25T00:00:00.000Z'],
    ['a day in YAML', fromYaml('2026-12-24'), '2026-12-25T00:00:00.000Z'],
    ['the last day of a year', '2026-12-31', '2027-01-01T00:00:00.000Z'],
    ['a leap day', '2028-02-29', '2028-03-01T00:00:00.000Z'],
    ['a moment', '2026-12-24T18:00:00Z', '2026-12-24T18:00:00.000Z'],
    ['a moment in YAML', fromYaml('2026-12-24T18:00:00Z'), '2026-12-24T18:00:00.000Z'],
    ['a moment with an offset', '2026-12-24T18:00+01:00', '2026-12-24T17:00:00.000Z'],
    ['midnight as text: a moment', '2026-12-24T00:00:00Z', '2026-12-24T00:00:00.000Z'],
    ['a time without a zone: UTC', '2026-12-24T18:00', '2026-12-24T18:00:00.000Z'],
    ['a time behind a space', ' 2026-12-24 18:00:30 ', '2026-12-24T18:00:30.000Z'],
    ['the same in YAML', fromYaml('2026-12-24 18:00:30'), '2026-12-24T18:00:30.000Z'],
    ['as good as never', '9999-12-31', '9999-12-31T23:59:59.999Z'],
    ['the same in YAML', fromYaml('9999-12-31'), '9999-12-31T23:59:59.999Z'],
  ]
  for (const [name, value, moment] of rows) {
    it(`reads ${name}`, () => assert.equal(expiry(value), moment))
  }

  const refused: readonly unknown[] = [
    '2026-02-31',
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-02-31T10:00',
    '2026-12-24T25:00',
    '2026-12-24T18:00 or so',
    '24.12.2026',
    '12/24/2026',
    '2026-12',
    'tomorrow',
    '',
    20261224,
    true,
    ['2026-12-24'],
    new Date(NaN),
    new Date(-1e15),
  ]
  for (const value of refused) {
    it(`refuses ${value instanceof Date ? String(value.getTime()) : JSON.stringify(value)}`, () => {
      assert.throws(
        () => parseExpiry(PATH, value),
        (error: unknown) =>
          error instanceof ConfigurationError &&
          error.message.startsWith('private/dinner.md: expires: ') &&
          error.message.includes('this is not a date'),
      )
    })
  }
})

describe('refuseRolledOverExpiry()', () => {
  it('refuses an impossible day that YAML has turned into another one', () => {
    assert.equal(fromYaml('2026-02-31') instanceof Date, true)
    assert.throws(
      () => refuseRolledOverExpiry(PATH, '---\nexpires: 2026-02-31\n---\n'),
      /not a date/,
    )
  })

  it('takes a possible one, and a source without any', () => {
    refuseRolledOverExpiry(PATH, '---\nexpires: 2026-02-28\n---\n')
    refuseRolledOverExpiry(PATH, '---\ntitle: Dinner\n---\n')
    refuseRolledOverExpiry(PATH, undefined)
  })
})
