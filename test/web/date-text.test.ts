import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { toDate } from '../../lib/web/date-text.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const DAY = '2026-11-20T00:00:00.000Z'
const NINE = '2026-11-20T09:00:00.000Z'
const TEN = '2026-11-20T10:00:00.000Z'

describe('toDate()', () => {
  for (const [text, expected] of [
    ['2026-11-20', DAY],
    ['20261120', DAY],
    ['2026-11-20T10:00', TEN],
    ['2026-11-20 10:00', TEN],
    ['2026-11-20T10:00:00Z', TEN],
    [' 2026-11-20t10:00z ', TEN],
    ['20261120T100000Z', TEN],
    ['20261120T1000Z', TEN],
    ['2026-11-20T10:00:00+01:00', NINE],
    ['2026-11-20 10:00:00 +0100', NINE],
    ['2026-11-20T10:00+01', NINE],
    ['20261120T100000+0100', NINE],
    ['2026-11-20T01:00:00-0800', NINE],
    ['2026-11-20T01:00:00\u221208:00', NINE],
    ['2026-11-20T01:00-08', NINE],
    ['2026-11-20T14:30:00+05:30', NINE],
    ['2026-11-20t10:00:00.123z', '2026-11-20T10:00:00.123Z'],
    ['2026-11-20T10:00:00.123456789Z', '2026-11-20T10:00:00.123Z'],
    ['2026-11-20T10:00:00,5+01:00', '2026-11-20T09:00:00.500Z'],
    ['2026-11-19T23:59:60Z', '2026-11-19T23:59:59.000Z'],
    ['2026-11-19T24:00:00Z', DAY],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2026-11-22T11:59:59Z', '2026-11-22T11:59:59.000Z'],
    ['2026-11-22T12:00:00Z', undefined],
    ['9999-12-31', undefined],
    ['1989-12-31', undefined],
    ['1970-01-01', undefined],
    ['2026-13-01', undefined],
    ['2026-02-30', undefined],
    ['2025-02-29', undefined],
    ['2026-11-20T25:00Z', undefined],
    ['2026-11-20T10:60Z', undefined],
    ['2026-11-20T10:00+25:00', undefined],
    ['2026-1120', undefined],
    ['2026-11-20T10:00 Europe/Berlin', undefined],
    ['2026-W47-5', DAY],
    ['2026W475T10Z', TEN],
    ['2026-324', DAY],
    ['2026324T10:00', TEN],
    ['2020-W53-7', '2021-01-03T00:00:00.000Z'],
    ['2021-W53-1', undefined],
    ['2026-W00-1', undefined],
    ['2026-W47', undefined],
    ['2024-366', '2024-12-31T00:00:00.000Z'],
    ['2025-366', undefined],
    ['2025-000', undefined],
    ['2026-11-20T09,5Z', '2026-11-20T09:30:00.000Z'],
    ['2026-11-20T09:59,5Z', '2026-11-20T09:59:30.000Z'],
    ['2026-11-20T10', TEN],
    ['2026-11-20T24:00:01Z', undefined],
    ['2026-11', undefined],
    ['21 November 2026', undefined],
    ['Fri, 20 Nov 2026 10:00:00 GMT', undefined],
    ['1795287600', undefined],
    ['yesterday', undefined],
    ['<script>', undefined],
    ['', undefined],
    [undefined, undefined],
  ] as const) {
    it(`takes ${text} for ${expected}`, () => assert.equal(toDate(text, NOW), expected))
  }
})
