import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import ipaddr from 'ipaddr.js'
import { isLoopbackHost, literalAddress, networkOf } from '../../lib/web/address-text.ts'

const ADDRESSES = [
  ...['127.0.0.1', '127.255.255.254', '128.0.0.1', '10.0.0.1', '192.0.2.7', '0.0.0.0'],
  ...['::1', '0:0:0:0:0:0:0:1', '::', '::2', '1::', 'fe80::1', 'fe80::1:2:3:4', '2001:db8::1'],
  ...[
    '2001:DB8:0:0:1::',
    '2001:db8:1:2:3:4:5:6',
    '::ffff:127.0.0.1',
    '::ffff:c000:207',
    '64:ff9b::1',
  ],
]

describe('isLoopbackHost()', () => {
  for (const address of ADDRESSES) {
    const host = address.includes(':') ? `[${address}]` : address
    const expected = ipaddr.parse(address).range() === 'loopback'
    it(`${expected ? 'knows' : 'does not take'} ${host} for loopback`, () => {
      assert.equal(isLoopbackHost(host), expected)
      assert.equal(literalAddress(host), address)
    })
  }

  it('knows the names of RFC 6761 §6.3', () => {
    assert.ok(['localhost', 'LOCALHOST.', 'bob.localhost'].every(isLoopbackHost))
    assert.ok(!['localhost.example', 'mylocalhost', 'alice.example'].some(isLoopbackHost))
  })
})

describe('networkOf()', () => {
  for (const address of ADDRESSES) {
    it(`counts ${address} as its IPv4 address, or the first half of its IPv6 one`, () => {
      const parsed = ipaddr.process(address)
      const expected =
        parsed instanceof ipaddr.IPv4 ? parsed.toString() : parsed.parts.slice(0, 4).join(':')
      assert.equal(networkOf(address), expected)
    })
  }

  it('counts what is no address as one', () => {
    assert.deepEqual(['', 'unknown', 'alice.example', '1.2.3'].map(networkOf), ['', '', '', ''])
    assert.equal(networkOf('fe80::1%eth0'), networkOf('fe80::2'))
  })
})
