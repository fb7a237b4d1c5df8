import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseJson } from '../../lib/web/json-body.ts'

describe('parseJson()', () => {
  const list = (count: number, value: string) => `[${Array(count).fill(value).join(',')}]`

  for (const [name, text, isRead] of [
    ['a message', '{"a":[1,{"b":null}]}', true],
    ['as many values as there may be', list(9_999, '1'), true],
    ['one value more', list(10_000, '1'), false],
    ['many lists in a list', list(5_000, '[[]]'), false],
    ['what has spaces in it', ' [ { } , [ \n ] , "[", { "a" : 1 } ] ', true],
    ['many empty lists', list(9_999, '[ ]'), true],
    ['one empty list more', list(10_000, '[ ]'), false],
    ['brackets and commas in texts', list(3, JSON.stringify('\\"[{,\\'.repeat(10_000))), true],
    ['a text that does not end', `["${'\\"'.repeat(10_000)}`, false],
    ['the same name again and again', `{${Array(10_000).fill('"a":1').join(',')}}`, false],
    ['a number', '1', true],
    ['nothing', ' ', false],
    ['many names', `{${Array.from({ length: 10_000 }, (_, i) => `"${i}":1`).join(',')}}`, false],
    ['one long text', JSON.stringify('x'.repeat(500_000)), true],
    ['as deep as it may be', `${'['.repeat(32)}${']'.repeat(32)}`, true],
    ['one deeper', `${'['.repeat(33)}${']'.repeat(33)}`, false],
    ['no JSON', '{"a":', false],
  ] as const) {
    it(`${isRead ? 'reads' : 'refuses'} ${name}`, () => {
      assert.equal(parseJson(text) !== undefined, isRead)
    })
  }
})
