import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mayVisit } from '../../lib/web/address.ts'
import { WEB_PORTS, whyNotVisit } from '../../lib/web/url-rules.ts'
import { addresses, forbiddenUrls, loopbackUrls } from './vectors.ts'

describe('mayVisit()', () => {
  assert.ok(addresses.length > 0)
  for (const { id, address, public: expected } of addresses) {
    it(`${expected ? 'allows' : 'refuses'} ${id}: ${address}`, () => {
      assert.equal(mayVisit(address), expected)
      assert.equal(mayVisit(address, { allowLoopback: true }), expected)
    })
  }

  for (const address of ['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1']) {
    it(`allows loopback ${address} only where that is asked for`, () => {
      assert.equal(mayVisit(address), false)
      assert.equal(mayVisit(address, { allowLoopback: true }), true)
    })
  }
})

describe('whyNotVisit() with high ports', () => {
  for (const [href, mayVisit] of [
    ['https://lost.lenore.org:8000/fmtp', true],
    ['https://lost.lenore.org:1024/fmtp', true],
    ['https://lost.lenore.org/fmtp', true],
    ['https://lost.lenore.org:1023/fmtp', false],
    ['https://lost.lenore.org:25/fmtp', false],
    ['http://lost.lenore.org:8000/fmtp', false],
    ['https://10.0.0.1:8000/fmtp', false],
    ['https://localhost:8000/fmtp', false],
  ] as const) {
    it(`${mayVisit ? 'has nothing against' : 'objects to'} ${href}`, () => {
      const rules = { ports: WEB_PORTS, allowLoopback: false, highPorts: true }
      assert.equal(whyNotVisit(new URL(href), rules) === undefined, mayVisit)
      if (new URL(href).port === '8000')
        assert.ok(whyNotVisit(new URL(href), { ...rules, highPorts: false }))
    })
  }
})

describe('whyNotVisit()', () => {
  const rules = { ports: WEB_PORTS, allowLoopback: false }
  const development = { ports: WEB_PORTS, allowLoopback: true }

  assert.ok(loopbackUrls.length > 0)
  for (const href of loopbackUrls) {
    it(`refuses ${href} unless loopback is allowed, and then at any port`, () => {
      const elsewhere = new URL(href)
      elsewhere.port = '3000'
      assert.ok(whyNotVisit(new URL(href), rules))
      assert.equal(whyNotVisit(new URL(href), development), undefined)
      assert.equal(whyNotVisit(elsewhere, development), undefined)
    })
  }

  assert.ok(forbiddenUrls.length > 0)
  for (const href of forbiddenUrls) {
    it(`refuses ${href} in any case`, () => {
      assert.ok(whyNotVisit(new URL(href), rules))
      assert.ok(whyNotVisit(new URL(href), development))
    })
  }

  for (const href of [
    'ftp://bob.example/',
    'file:///etc/passwd',
    'data:,x',
    'gopher://bob.example/',
  ]) {
    it(`refuses the scheme of ${href}`, () => {
      assert.equal(whyNotVisit(new URL(href), rules), 'is not http(s)')
    })
  }

  for (const scheme of ['http', 'https']) {
    it(`allows ${scheme} at a public name and at a public address`, () => {
      assert.equal(whyNotVisit(new URL(`${scheme}://bob.example/`), rules), undefined)
      assert.equal(whyNotVisit(new URL(`${scheme}://93.184.215.14/`), rules), undefined)
    })
  }

  it('refuses a name that only looks like localhost as little as any other', () => {
    assert.equal(whyNotVisit(new URL('http://notlocalhost/'), rules), undefined)
    assert.equal(whyNotVisit(new URL('http://localhost.bob.example/'), rules), undefined)
  })

  for (const user of ['alice@', 'alice:secret@', ':secret@']) {
    it(`refuses user information: ${user}`, () => {
      const why = whyNotVisit(new URL(`http://${user}bob.example/`), rules)
      assert.equal(why, 'contains a user name or password')
    })
  }

  for (const port of [80, 443, 8080, 8443]) {
    it(`allows web port ${port}`, () => {
      assert.equal(whyNotVisit(new URL(`http://bob.example:${port}/`), rules), undefined)
    })
  }

  for (const port of [22, 25, 3000, 6379, 11211]) {
    it(`refuses port ${port}, even where loopback is allowed`, () => {
      assert.ok(whyNotVisit(new URL(`http://bob.example:${port}/`), rules))
      assert.ok(whyNotVisit(new URL(`http://bob.example:${port}/`), development))
    })
  }
})
