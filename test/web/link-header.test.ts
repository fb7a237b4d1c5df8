import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseLinkHeader } from '../../lib/web/link-header.ts'
import { linkHeaders } from './vectors.ts'

describe('parseLinkHeader() by RFC 8288', () => {
  assert.ok(linkHeaders.length > 0)
  for (const { id, value, links } of linkHeaders) {
    it(id, () => {
      const parsed = parseLinkHeader(value)
      assert.deepEqual(
        parsed.map(({ uri, rel, anchor }) => [uri, rel.join(' '), anchor]),
        links.map(([uri, rel, anchor]) => [uri, rel, anchor]),
      )
    })
  }

  it('keeps every parameter, unescaped and by its lower-case name', () => {
    const [link] = parseLinkHeader('</a>; rel=next; Title="say \\"hi\\""; title=again; flag')
    assert.deepEqual(
      [...(link?.params ?? [])],
      [
        ['rel', 'next'],
        ['title', 'say "hi"'],
        ['flag', ''],
      ],
    )
  })

  for (const unit of ['<,', '<', '"', ';a="\\"', '<a>;', '<a>;rel="\\"\\', ' ', ',', ';=']) {
    it(`does not hang on 64 kB of ${unit}`, () => {
      const started = performance.now()
      parseLinkHeader(unit.repeat(65_536 / unit.length))
      parseLinkHeader(`<a>; rel=a${unit.repeat(65_536 / unit.length)}`)
      assert.ok(performance.now() - started < 2_000)
    })
  }
})
