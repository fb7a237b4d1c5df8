import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pageText } from '../../lib/leak-audit/source-text.ts'

describe('pageText()', () => {
  it('takes the target of a link for no text, with angle brackets and parentheses in it', () => {
    const text = pageText('See [the map](<a b.html>) and [the list](/x(1).html), please.')
    assert.match(text, /the map/)
    assert.match(text, /the list/)
    assert.doesNotMatch(text, /html/)
  })

  it('ends on a target that never ends', () => {
    const text = pageText(`Words before ](${'<a>'.repeat(20_000)} and words behind`)
    assert.match(text, /Words before/)
    assert.match(text, /words behind/)
  })
})
