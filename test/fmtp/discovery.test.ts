import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { recommendedServer } from '../../lib/fmtp/discovery.ts'
import type { UserObject } from '../../lib/fmtp/object.ts'

const userWith = (CONTACT: string): UserObject => ({
  TYPE: 'user',
  ADDRESS: 'lost@lenore.org',
  CONTACT,
})

describe('recommendedServer()', () => {
  for (const [contact, server] of [
    ['lost.lenore.org, port 8000 tcp', 'https://lost.lenore.org:8000/fmtp/'],
    ['Connect to lost.lenore.org, port 8000 tcp', 'https://lost.lenore.org:8000/fmtp/'],
    ['lost.lenore.org port 8000 TCP', 'https://lost.lenore.org:8000/fmtp/'],
    ['lost.lenore.org, 8000, TCP.', 'https://lost.lenore.org:8000/fmtp/'],
    ['lost.lenore.org:8000', 'https://lost.lenore.org:8000/fmtp/'],
    ['tcp lost.lenore.org 8000', 'https://lost.lenore.org:8000/fmtp/'],
    ['Host: lost.lenore.org; Port: 8000; Protocol: TCP', 'https://lost.lenore.org:8000/fmtp/'],
    ['lost.lenore.org., port 8000 (tcp)', 'https://lost.lenore.org:8000/fmtp/'],
    ['lost.lenore.org:8000/tcp', 'https://lost.lenore.org:8000/fmtp/'],
    [' lost.lenore.org \n port 443 ', 'https://lost.lenore.org/fmtp/'],
    ['192.0.2.7, port 8000 tcp', 'https://192.0.2.7:8000/fmtp/'],
    ['[2001:db8::7], port 8000 tcp', 'https://[2001:db8::7]:8000/fmtp/'],
    ['https://lost.lenore.org:8000/in', 'https://lost.lenore.org:8000/in/'],
    ['lost.localhost:8000', 'http://lost.localhost:8000/fmtp/'],
    ['lost.lenore.org, port 8000 udp', undefined],
    ['lost.lenore.org, port 99999 tcp', undefined],
    ['lost.lenore.org/in, port 8000 tcp', undefined],
    ['eve@lost.lenore.org, port 8000 tcp', undefined],
    ['http://lost.lenore.org/', undefined],
    ['lost.lenore.org', undefined],
    ['lost, port 8000 tcp', undefined],
    ['lost.lenore.org, port 8000, port 9000 tcp', undefined],
    ['lost.lenore.org:8000, port 9000 tcp', undefined],
    ['lost.lenore.org eve.example, port 8000 tcp', undefined],
    ['ask at the desk', undefined],
    ['', undefined],
  ] as const) {
    it(`takes ${JSON.stringify(contact)} for ${server}`, () => {
      assert.equal(recommendedServer(userWith(contact))?.href, server)
    })
  }
})
