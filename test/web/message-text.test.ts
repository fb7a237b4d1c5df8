import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { textOfHtml } from '../../lib/web/html-text.ts'
import { toLine, toParagraphs } from '../../lib/web/message-text.ts'

describe('toLine()', () => {
  it('is one line, without what cannot be seen', () => {
    assert.equal(toLine('  a\n b\u0000c\u202ed ', 20), 'a b c d')
    assert.equal(toLine('👩\u200d🚀', 20), '👩\u200d🚀')
  })

  it('is no longer than so many characters, and says where it was cut', () => {
    assert.equal(toLine('abcdef', 6), 'abcdef')
    assert.equal(toLine('abcdefg', 6), 'abcde…')
    assert.equal(toLine('👩👩👩', 3), '👩👩👩')
    assert.equal(toLine('👩👩👩👩', 3), '👩👩…')
  })
})

describe('toParagraphs()', () => {
  it('keeps lines, and one empty line between paragraphs', () => {
    assert.equal(toParagraphs('\na\r\nb  \n\n\n\n\u202ec\rd\u2028e\n', 50), 'a\nb\n\n c\nd\ne')
  })

  it('is no longer than so many characters', () => {
    assert.equal(toParagraphs('abc\ndef', 5), 'abc…')
  })
})

describe('textOfHtml()', () => {
  const cases = [
    ['<p>One</p><p>two</p>', 'One\n\ntwo'],
    ['One<br>two<BR/>three', 'One\ntwo\nthree'],
    ['<h2>Title</h2>text<ul><li>a</li><li>b</li></ul>', 'Title\n\ntext\n\n- a\n- b'],
    ['a\n   b <b>c</b>', 'a b c'],
    ['<style>p {}</style><script>alert(1)</script>text', 'text'],
    ['a &amp; b &lt;c&gt;', 'a & b <c>'],
    ['no markup', 'no markup'],
    ['', ''],
  ] as const
  for (const [html, text] of cases) {
    it(`reads ${JSON.stringify(html)}`, () => {
      assert.equal(textOfHtml(html, 100), text)
    })
  }

  it('reads no more elements than a text has', () => {
    assert.equal(textOfHtml(`${'<b>'.repeat(30_000)}x`, 100_000), '')
    assert.equal(textOfHtml(`${'<b>'.repeat(10_000)}x`, 100_000), 'x')
  })
})
