import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isTemporary, parseRetryAfter } from '../../lib/web/retry-after.ts'

const now = new Date('2026-11-21T12:00:00Z')

describe('parseRetryAfter()', () => {
  for (const [value, expected] of [
    ['60', '2026-11-21T12:01:00.000Z'],
    [' 60 ', '2026-11-21T12:01:00.000Z'],
    ['Sat, 21 Nov 2026 12:05:00 GMT', '2026-11-21T12:05:00.000Z'],
    ['Saturday, 21-Nov-26 12:05:00 GMT', '2026-11-21T12:05:00.000Z'],
    ['Sat Nov 21 12:05:00 2026', '2026-11-21T12:05:00.000Z'],
    ['259200', '2026-11-24T12:00:00.000Z'],
    ['259201', '2026-11-24T12:00:00.000Z'],
    ['9999999999', '2026-11-24T12:00:00.000Z'],
    ['Fri, 21 Nov 2036 12:00:00 GMT', '2026-11-24T12:00:00.000Z'],
  ] as const) {
    it(`reads "${value}" as ${expected}`, () => {
      assert.equal(parseRetryAfter(value, now)?.toISOString(), expected)
    })
  }

  for (const value of [
    null,
    '',
    '0',
    '-60',
    '1.5',
    '1e3',
    '0x10',
    '60s',
    'soon',
    '2026-11-21T12:05:00Z',
    'Sat, 99 Nov 2026 12:05:00 GMT',
    'Sat, 21 Nov 2026 11:59:59 GMT',
    '99999999999999999999',
  ]) {
    it(`takes no advice from "${value}"`, () => {
      assert.equal(parseRetryAfter(value, now), undefined)
    })
  }
})

describe('isTemporary()', () => {
  for (const status of [408, 425, 429, 500, 502, 503, 504]) {
    it(`says so of ${status}`, () => assert.equal(isTemporary(status), true))
  }
  for (const status of [200, 202, 301, 400, 401, 403, 404, 410]) {
    it(`does not say so of ${status}`, () => assert.equal(isTemporary(status), false))
  }
})
