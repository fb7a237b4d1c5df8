import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readDnsResolver } from '../../lib/site/dns-servers.ts'

describe('PRIVATE_POSTS_DNS', () => {
  it('names servers by their addresses', () => {
    for (const servers of [
      '9.9.9.9',
      '127.0.0.1:5353',
      '2620:fe::fe',
      '[::1]:53, 9.9.9.9:65535',
      '',
    ]) {
      assert.ok(readDnsResolver({ PRIVATE_POSTS_DNS: servers }), servers)
    }
    assert.ok(readDnsResolver({}))
  })

  it('is refused by its name where it names no server', () => {
    for (const servers of [
      'dns.example',
      '9.9.9.9,',
      '9.9.9',
      '[9.9.9.9',
      '127.0.0.1:port',
      '9.9.9.9:0',
      '[::1]:0',
      '9.9.9.9:65536',
    ]) {
      assert.throws(() => readDnsResolver({ PRIVATE_POSTS_DNS: servers }), {
        name: 'ConfigurationError',
        message: /^PRIVATE_POSTS_DNS: /,
      })
    }
  })
})
