import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findReader, mayReadAs } from '../../lib/gate/reader.ts'

describe('mayReadAs()', () => {
  for (const [id, named, expected] of [
    ['https://bob.example/', 'https://bob.example/', true],
    ['https://BOB.example', 'https://bob.example/', true],
    ['https://bob.example./', 'https://bob.example/', true],
    ['https://bob.example/?', 'https://bob.example/', true],
    ['https://bob.example/', 'https://bob.example', true],
    // https proves more than http, never the other way round
    ['https://bob.example/', 'http://bob.example/', true],
    ['http://bob.example/', 'https://bob.example/', false],
    ['http://bob.example/', 'http://bob.example/', true],
    ['https://bob.localhost:8380/', 'http://bob.localhost:8380/', false],
    ['https://bob.example/', 'https://bob.example/blog', false],
    ['https://bob.example/blog', 'https://bob.example/blog/', false],
    ['https://bob.example/Blog', 'https://bob.example/blog', false],
    ['https://bob.example/?u=1', 'https://bob.example/', false],
    ['https://www.bob.example/', 'https://bob.example/', false],
    ['https://bob.example.eve.example/', 'https://bob.example/', false],
    ['https://bob.example:8443/', 'https://bob.example/', false],
    ['mailto:mum@mail.example', 'mailto:mum@mail.example', true],
    ['mailto:mum@mail.example', 'mailto:Mum@mail.example', false],
    ['Mum', 'Mum', true],
    ['mum', 'Mum', false],
    ['https://', 'https://', true],
    ['https://', 'https://bob.example/', false],
  ] as const) {
    it(`${id} may ${expected ? '' : 'not '}read as ${named}`, () => {
      assert.equal(mayReadAs(id, named), expected)
    })
  }
})

describe('findReader()', () => {
  it('prefers the reader who was named letter by letter', () => {
    const reader = (id: string) => ({ id, name: '', files: {} })
    const readers = [reader('http://bob.example/'), reader('https://bob.example/')]
    for (const { id } of readers) assert.equal(findReader({ readers }, id)?.id, id)
    assert.equal(findReader({ readers: [] }, 'https://bob.example/'), undefined)
  })
})
