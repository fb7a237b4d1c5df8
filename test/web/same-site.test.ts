import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isSameSite } from '../../lib/web/same-site.ts'

describe('isSameSite()', () => {
  for (const [one, other] of [
    ['https://bob.example/a', 'https://bob.example/b?c#d'],
    ['https://bob.example/', 'http://bob.example/'],
    ['https://bob.example/', 'https://www.bob.example/'],
    ['https://bob.example/', 'https://notes.bob.example:8443/'],
    ['https://bob.example/', 'https://bob.example./'],
    ['https://a.bob.co.uk/', 'https://bob.co.uk/'],
    ['https://bücher.example/', 'https://www.xn--bcher-kva.example/'],
    ['https://www.alice.github.io/', 'https://alice.github.io/'],
    ['http://www.alice.localhost:8080/', 'http://alice.localhost:8080/'],
    ['http://127.0.0.1:8080/a', 'https://127.0.0.1:8080/b'],
    ['http://intranet/', 'https://www.intranet/'],
  ] as const) {
    it(`is so for ${one} and ${other}`, () => {
      assert.ok(isSameSite(new URL(one), new URL(other)))
    })
  }

  for (const [one, other] of [
    ['https://bob.example/', 'https://alice.example/'],
    ['https://bob.example/', 'https://bob.example.org/'],
    ['https://bob.example/', 'https://notbob.example/'],
    ['https://bob.co.uk/', 'https://alice.co.uk/'],
    ['https://bob.github.io/', 'https://alice.github.io/'],
    ['https://bob.github.io/', 'https://github.io/'],
    ['https://bob.netlify.app/', 'https://alice.netlify.app/'],
    ['http://bob.localhost/', 'http://alice.localhost/'],
    ['http://localhost:8080/', 'http://localhost:8081/'],
    ['http://127.0.0.1/', 'http://127.0.0.2/'],
    ['http://10.0.0.1/', 'http://11.0.0.1/'],
    ['http://[::1]/', 'http://[::2]/'],
    ['http://intranet/', 'http://wiki/'],
  ] as const) {
    it(`is not so for ${one} and ${other}`, () => {
      assert.ok(!isSameSite(new URL(one), new URL(other)))
    })
  }
})
