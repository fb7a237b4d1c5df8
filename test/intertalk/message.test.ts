import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { conversationId, providersOf } from '../../lib/intertalk/conversation.ts'
import { displayHtml } from '../../lib/intertalk/formatted.ts'
import { parseMessage, parseMessageBody, refuseFuture } from '../../lib/intertalk/message.ts'
import { RequestError } from '../../lib/web/errors.ts'
import { ADDRESSES, MESSAGE, NOW } from './vectors.ts'
import { holds } from '../support/property.ts'

const refused =
  (status: number, about = /./) =>
  (error: unknown) =>
    error instanceof RequestError && error.status === status && about.test(error.message)

describe('parseMessage()', () => {
  it("reads the document's example", () => {
    const example = {
      to: ['alice@ecorp.com', 'bob@chat.allsafe.io'],
      from: 'alice@ecorp.com',
      sentAt: '2016-09-05T15:45:39Z',
      message: 'Where are you?',
      messageFormatted: 'Where _are_ you?',
      format: 'text/markdown',
    }
    assert.deepEqual(parseMessage(example), example)
  })

  it('needs to, from, sentAt and message, and nothing else', () => {
    const { to, from, sentAt, message } = MESSAGE
    const least = { to, from, sentAt, message }
    assert.deepEqual(parseMessage(least), least)
    for (const name of ['to', 'from', 'sentAt', 'message'] as const) {
      const { [name]: _, ...rest } = least
      assert.throws(() => parseMessage(rest), refused(400, new RegExp(`"${name}"`)))
      assert.throws(() => parseMessage({ ...least, [name]: 1 }), refused(400))
    }
    for (const value of [null, [], 'x', 1]) assert.throws(() => parseMessage(value), refused(400))
  })

  it('keeps id, url and inReplyTo, and forgets what it does not know', () => {
    const additions = { id: 'x 1', url: 'https://bob.example/1', inReplyTo: 'https://a.example/' }
    assert.deepEqual(parseMessage({ ...MESSAGE, ...additions, room: 'x' }), {
      ...MESSAGE,
      ...additions,
    })
    for (const odd of [
      { id: '' },
      { id: 1 },
      { id: 'x'.repeat(256) },
      { id: '\ud800' },
      { url: 'javascript:alert(1)' },
      { url: {} },
      { inReplyTo: 'x'.repeat(2049) },
    ]) {
      assert.deepEqual(parseMessage({ ...MESSAGE, ...odd }), MESSAGE)
    }
  })

  it('takes "to" for a set: nobody is in it twice', () => {
    const to = ['bob@bob.example', 'BOB@Bob.Example', 'alice@alice.example', 'bob@bob.example']
    assert.deepEqual(parseMessage({ ...MESSAGE, to }).to, [
      'bob@bob.example',
      'alice@alice.example',
    ])
  })

  it('takes fifty participants, and no more', () => {
    const people = (count: number) => [
      MESSAGE.from,
      ...Array.from({ length: count - 1 }, (_, at) => `u${at}@x.example`),
    ]
    assert.equal(parseMessage({ ...MESSAGE, to: people(50) }).to.length, 50)
    assert.throws(() => parseMessage({ ...MESSAGE, to: people(51) }), refused(400))
    assert.equal(
      parseMessage({ ...MESSAGE, to: [...people(50), ...people(50)] }).to.length,
      50,
      'counted as a set',
    )
  })

  it('refuses a "from" that is not in "to" with 403', () => {
    const to = ['alice@alice.example']
    assert.throws(() => parseMessage({ ...MESSAGE, to }), refused(403))
    assert.throws(() => parseMessage({ ...MESSAGE, to: [] }), refused(403))
    assert.ok(parseMessage({ ...MESSAGE, to: [...to, 'BOB@bob.example'] }))
  })

  for (const { address, isAddress } of ADDRESSES) {
    it(`${isAddress ? 'takes' : 'refuses'} ${JSON.stringify(address)} as an address`, () => {
      const parse = () => parseMessage({ ...MESSAGE, from: address, to: [address] })
      if (isAddress) assert.ok(parse())
      else assert.throws(parse, refused(400))
      const parseTo = () => parseMessage({ ...MESSAGE, to: [MESSAGE.from, address] })
      if (isAddress) assert.ok(parseTo())
      else assert.throws(parseTo, refused(400))
    })
  }

  it('wants Base 64 of binary types, and of no other', () => {
    const formatted = (format: string, messageFormatted: string) =>
      parseMessage({ ...MESSAGE, format, messageFormatted })
    for (const good of ['aGk=', 'aGkh', 'aGk', 'aGkh\r\naGkh\r\n']) {
      assert.equal(formatted('image/png', good).messageFormatted, good)
    }
    for (const bad of ['_are_', 'aGk==', 'a', 'aGkh=', '====', 'aG k']) {
      assert.throws(() => formatted('image/png', bad), refused(400), bad)
      assert.throws(() => formatted('application/octet-stream; x=y', bad), refused(400), bad)
    }
    for (const text of ['text/markdown', 'image/svg+xml', 'application/x-unknown', 'nonsense']) {
      assert.equal(formatted(text, '_are_').messageFormatted, '_are_')
    }
  })
})

describe('parseMessageBody()', () => {
  it('reads JSON in UTF-8', () => {
    const body = Buffer.from(JSON.stringify({ ...MESSAGE, message: 'Grüße 🎄' }))
    assert.equal(parseMessageBody(body, NOW).message, 'Grüße 🎄')
    for (const bad of ['{', '', '[1]', '{"to":'.repeat(50)]) {
      assert.throws(() => parseMessageBody(Buffer.from(bad), NOW), refused(400))
    }
    assert.throws(() => parseMessageBody(Buffer.from(body).fill(0xff, 10, 12), NOW), refused(400))
  })

  it('throws nothing but RequestError, whatever comes (property)', async (t) => {
    const field = fc.oneof(fc.anything(), fc.constantFrom('bob@bob.example', NOW.toISOString()))
    const message = fc.record(
      {
        to: fc.oneof(fc.array(field), field),
        from: field,
        sentAt: field,
        message: field,
        messageFormatted: field,
        format: fc.oneof(field, fc.constantFrom('text/html', 'image/png')),
        id: field,
        url: field,
      },
      { requiredKeys: [] },
    )
    await holds(
      t,
      fc.property(message, (value) => {
        try {
          assert.ok(parseMessage(value).to.length > 0)
        } catch (error) {
          assert.ok(error instanceof RequestError, String(error))
        }
      }),
    )
  })
})

describe('"sentAt"', () => {
  for (const text of [
    '2016-09-05T15:45:39Z',
    '2016-09-05t15:45:39.123456z',
    '2016-09-05T15:45:39+02:00',
  ]) {
    it(`stays as it is in RFC 3339: ${text}`, () => {
      assert.equal(parseMessage({ ...MESSAGE, sentAt: text }).sentAt, text)
    })
  }

  for (const [text, iso] of [
    ['2016-09-05 15:45:39+02:00', '2016-09-05T13:45:39.000Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.000Z'],
    ['2016-09-05T15:45:39', '2016-09-05T15:45:39.000Z'],
    ['2016-09-05', '2016-09-05T00:00:00.000Z'],
    ['2016-09-05T24:00:00Z', '2016-09-06T00:00:00.000Z'],
    ['2016-09-05T15:45Z', '2016-09-05T15:45:00.000Z'],
    ['20160905T154539Z', '2016-09-05T15:45:39.000Z'],
    ['2016-09-05T15:45:39+0200', '2016-09-05T13:45:39.000Z'],
    ['2016-W36-1T15:45:39Z', '2016-09-05T15:45:39.000Z'],
    ['2016-249T15:45:39Z', '2016-09-05T15:45:39.000Z'],
  ] as const) {
    it(`is read in every form of ISO 8601: ${text}`, () => {
      assert.equal(parseMessage({ ...MESSAGE, sentAt: text }).sentAt, iso)
    })
  }

  for (const text of [
    '2016-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2016-13-01T00:00:00Z',
    '2016-09-05T25:00:00Z',
    'Mon, 05 Sep 2016 15:45:39 GMT',
    '1473090339',
  ]) {
    it(`is nothing else: ${text}`, () => {
      assert.throws(() => parseMessage({ ...MESSAGE, sentAt: text }), refused(400, /sentAt/))
    })
  }

  for (const [text, iso] of [
    ['2026-11-20T12:00:00', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20T23:59:30', '2026-11-20T09:59:30.000Z'],
    ['20261120T10', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20T10:04:00', '2026-11-20T10:04:00.000Z'],
    ['2026-11-21', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20T12:00:00Z', '2026-11-20T12:00:00Z'],
    ['20261120T120000+0100', '2026-11-20T11:00:00.000Z'],
    ['2026-11-21T02:00:00', '2026-11-21T02:00:00.000Z'],
  ] as const) {
    it(`without a zone is no time of the future, if any zone makes it one of the past: ${text}`, () => {
      const now = new Date('2026-11-20T10:00:00Z')
      assert.equal(parseMessage({ ...MESSAGE, sentAt: text }, now).sentAt, iso)
    })
  }

  it('may be five minutes ahead, and not more', () => {
    const at = (seconds: number) => ({
      ...MESSAGE,
      sentAt: new Date(NOW.getTime() + seconds * 1000).toISOString(),
    })
    refuseFuture(at(300), NOW)
    assert.throws(() => refuseFuture(at(301), NOW), refused(400, /future/))
  })
})

describe('the conversation', () => {
  it('is known by who is in it, whatever the order and the capitals', () => {
    const one = conversationId({ to: ['a@x.example', 'b@y.example'] })
    assert.match(one, /^[0-9a-f]{64}$/)
    assert.equal(conversationId({ to: ['B@y.example', 'a@x.example', 'A@x.example'] }), one)
    assert.notEqual(conversationId({ to: ['a@x.example', 'c@y.example'] }), one)
  })

  it('names each provider once', () => {
    const to = ['alice@ecorp.com', 'bob@chat.allsafe.io', 'jane@ECORP.com']
    assert.deepEqual(providersOf({ to }), ['ecorp.com', 'chat.allsafe.io'])
  })
})

describe('displayHtml()', () => {
  it('renders markdown', async () => {
    const html = await displayHtml({
      format: 'text/markdown',
      messageFormatted: 'Where _are_ you?',
    })
    assert.equal(html, '<p>Where <em>are</em> you?</p>')
  })

  it('renders no HTML within markdown, and no link to a script', async () => {
    const messageFormatted =
      '<img src=x onerror=alert(1)> <b>x</b>\n\n[a](javascript:alert(1)) ![p](https://eve.example/p) [b](https://b.example/)'
    const html =
      (await displayHtml({ format: 'text/markdown; charset=utf-8', messageFormatted })) ?? ''
    assert.doesNotMatch(html, /<img|<b>|href="javascript|eve\.example/)
    assert.match(html, /&lt;b&gt;/)
    assert.match(html, /<a href="https:\/\/b\.example\/" rel="[^"]*noreferrer[^"]*">b<\/a>/)
  })

  it('leaves markdown of more than 40,000 characters to the plain message', async () => {
    const long = (length: number) =>
      displayHtml({ format: 'text/markdown', messageFormatted: 'a'.padEnd(length) })
    assert.equal(await long(40_000), '<p>a</p>')
    assert.equal(await long(40_001), undefined)
  })

  it('makes links of bare addresses up to 8,000 characters, beyond which looking for them takes long', async () => {
    const html = (length: number) =>
      displayHtml({
        format: 'text/markdown',
        messageFormatted: 'https://b.example/'.padEnd(length),
      })
    assert.match((await html(8_000)) ?? '', /<a href="https:\/\/b\.example\/"/)
    assert.equal(await html(8_001), '<p>https://b.example/</p>')
  })

  it('sanitises HTML', async () => {
    const messageFormatted = '<p onclick=x>Hi <em>you</em><script>alert(1)</script><img src=x></p>'
    const html = await displayHtml({ format: 'Text/HTML', messageFormatted })
    assert.equal(html, '<p>Hi <em>you</em>[picture]</p>')
  })

  it('leaves bytes, and what it does not know, to the plain message', async () => {
    for (const format of ['image/png', 'application/x-unknown', '', 'text/html+x']) {
      assert.equal(await displayHtml({ format, messageFormatted: 'aGkh' }), undefined)
    }
    assert.equal(await displayHtml({ messageFormatted: '<p>x</p>' }), undefined)
    assert.equal(await displayHtml({ format: 'text/html' }), undefined)
  })
})
