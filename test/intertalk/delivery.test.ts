import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { decodeJwt } from 'jose/jwt/decode'
import type { Parcel, Receipt } from '../../lib/delivery/delivery.ts'
import { letterIdOf, type Letter } from '../../lib/delivery/letter.ts'
import { createIntertalkDelivery } from '../../lib/intertalk/delivery.ts'
import { discoverProvider } from '../../lib/intertalk/discovery.ts'
import { parseMessageBody, type IntertalkMessage } from '../../lib/intertalk/message.ts'
import { processMessageResponse } from '../../lib/intertalk/sender.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { FetchError } from '../../lib/web/errors.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { acctUrl, parseUserAddress } from '../../lib/web/user-address.ts'
import { createWeb } from '../support/web.ts'
import { networkError } from './bob.ts'
import { NOW } from './vectors.ts'

const now = () => NOW
const site = new URL('https://alice.example/')
const secrets = createSecrets({
  keys: [Buffer.alloc(32, 1)],
  site,
  store: createMemoryStore({ now }),
  now,
})
const ALICE = 'alice@alice.example'
const TOKEN = '0123456789abcdefghjkmnpqrs'
const URL_OF = (reader: string) => `https://alice.example/p/${TOKEN}${reader}/`

function addressOf(text: string) {
  const address = parseUserAddress(text)
  assert.ok(address)
  return address
}

interface Sent {
  readonly to: string
  readonly message: IntertalkMessage
  readonly bytes: Uint8Array
  readonly claims: Record<string, unknown>
}

/** Providers that take everything, or answer as they are told to. */
function createProviders(answer: Endpoint = async () => new Response(null, { status: 201 })) {
  const sent: Sent[] = []
  const fetch: Fetch = async (url, init) => {
    const request = new Request(url, init)
    const bytes = new Uint8Array(await request.clone().arrayBuffer())
    if (request.method === 'POST') {
      const token = request.headers.get('authorization')?.replace('Bearer ', '') ?? ''
      const message = parseMessageBody(bytes, new Date())
      sent.push({ to: url.href, message, bytes, claims: decodeJwt(token) })
    }
    return answer(request)
  }
  return { sent, fetch }
}

function create(options: Partial<Parameters<typeof createIntertalkDelivery>[0]> = {}) {
  return createIntertalkDelivery({ address: addressOf(ALICE), secrets, now, ...options })
}

function letterTo(recipient: string, changed: Partial<Letter> = {}): Letter {
  const url = URL_OF(recipient.slice(0, 1))
  const text = 'At seven.\n\nBring wine.'
  const html = '<p>At seven.</p><p>Bring <em>wine</em>.</p>'
  const what = { url, title: 'Dinner', text, html, audience: [recipient] }
  return { id: letterIdOf(url), version: 'v1', published: '2026-11-20', ...what, ...changed }
}

function parcelTo(recipient: string, letter?: Letter, address = recipient): Parcel {
  const destination = acctUrl(addressOf(address))
  const source = new URL(letter?.url ?? 'https://alice.example/x')
  const common = { exposure: 'capability', recipient, destination, target: destination } as const
  return { ...common, source, letter: async () => letter }
}

const ENDPOINT = new URL('https://bob.example/messages')

describe('a post as a message', () => {
  it('says what the post says, and where it is', async () => {
    const { sent, fetch } = createProviders()
    const letter = letterTo('bob@bob.example')
    const receipt = await create().deliver(parcelTo('bob@bob.example', letter), ENDPOINT, { fetch })
    assert.deepEqual(receipt, { outcome: 'delivered', reason: 'the provider answered 201' })
    assert.equal(sent.length, 1)
    const [{ to, message, claims, bytes } = {}] = sent as [Sent]
    assert.equal(to, ENDPOINT.href)
    const { id, ...rest } = message ?? {}
    assert.match(String(id), /^[0-9a-f]{32}$/)
    assert.deepEqual(rest, {
      to: [ALICE, 'bob@bob.example'],
      from: ALICE,
      sentAt: NOW.toISOString(),
      message: `Dinner\n\nAt seven.\n\nBring wine.\n\n${letter.url}`,
      messageFormatted: `<p><strong>Dinner</strong></p>\n${letter.html}\n<p><a href="${letter.url}">${letter.url}</a></p>`,
      format: 'text/html',
      url: letter.url,
    })
    assert.equal(claims?.['aud'], 'bob.example')
    assert.equal(claims?.['sub'], ALICE)
    const hash = createHash('sha256')
      .update(bytes ?? '')
      .digest('base64url')
    assert.equal(claims?.['sha256'], hash)
  })

  it('escapes a title in HTML', async () => {
    const { sent, fetch } = createProviders()
    const letter = letterTo('bob@bob.example', { title: '<b> & co' })
    await create().deliver(parcelTo('bob@bob.example', letter), ENDPOINT, { fetch })
    assert.match(sent[0]?.message.messageFormatted ?? '', /&lt;b&gt; &amp; co/)
  })

  it('does without HTML and title where it has none, and names what it answers', async () => {
    const { sent, fetch } = createProviders()
    const { title: _, html: __, ...letter } = letterTo('bob@bob.example')
    const inReplyTo = 'https://bob.example/1'
    const parcel = parcelTo('bob@bob.example', { ...letter, inReplyTo })
    await create().deliver(parcel, ENDPOINT, { fetch })
    const message = sent[0]?.message
    assert.equal(message?.message, `${letter.text}\n\n${letter.url}`)
    assert.equal(message.messageFormatted, undefined)
    assert.equal(message.format, undefined)
    assert.equal(message.inReplyTo, inReplyTo)
  })

  it('has the same id when it is sent again, and another when it has changed', async () => {
    const { sent, fetch } = createProviders()
    for (const version of ['v1', 'v1', 'v2']) {
      const letter = letterTo('bob@bob.example', { version })
      await create().deliver(parcelTo('bob@bob.example', letter), ENDPOINT, { fetch })
    }
    const [one, two, three] = sent.map(({ message }) => message.id)
    assert.equal(one, two)
    assert.notEqual(two, three)
  })

  it('has another id for each recipient, also where all share an address', async () => {
    const { sent, fetch } = createProviders()
    const url = 'https://alice.example/private/dinner/'
    const delivery = create()
    for (const recipient of ['bob@chat.example', 'jane@chat.example']) {
      const letter = letterTo(recipient, { url, id: letterIdOf(url) })
      await delivery.deliver(parcelTo(recipient, letter), ENDPOINT, { fetch })
    }
    assert.deepEqual(
      sent.map(({ message }) => message.to),
      [
        [ALICE, 'bob@chat.example'],
        [ALICE, 'jane@chat.example'],
      ],
    )
    assert.notEqual(sent[0]?.message.id, sent[1]?.message.id)
  })

  it('fits into 64 kB: first the HTML goes, then the end of the text, never the link', async () => {
    const { sent, fetch } = createProviders()
    const long = (changed: Partial<Letter>) => letterTo('bob@bob.example', changed)
    for (const letter of [
      long({ html: '<p>x</p>'.repeat(10_000) }),
      long({ text: 'x "\n'.repeat(30_000) }),
      long({ text: '🎄'.repeat(30_000) }),
    ]) {
      const receipt = await create().deliver(parcelTo('bob@bob.example', letter), ENDPOINT, {
        fetch,
      })
      assert.equal(receipt.outcome, 'delivered')
    }
    const [html, text, trees] = sent.map(({ message }) => message)
    assert.equal(html?.messageFormatted, undefined)
    assert.equal(html?.message, `Dinner\n\nAt seven.\n\nBring wine.\n\n${URL_OF('b')}`)
    assert.ok(text?.message.endsWith(`…\n\n${URL_OF('b')}`))
    assert.match(trees?.message ?? '', /🎄…\n\nhttps/u)
    for (const { bytes } of sent) assert.ok(bytes.byteLength <= 65_536)
    assert.ok((sent[1]?.bytes.byteLength ?? 0) > 40_000)
  })

  it('is nothing where the post is gone', async () => {
    const { sent, fetch } = createProviders()
    const receipt = await create().deliver(parcelTo('bob@bob.example'), ENDPOINT, { fetch })
    assert.equal(receipt.outcome, 'skipped')
    assert.deepEqual(sent, [])
  })

  it('is nothing that is public, and goes to addresses', () => {
    const { carries, reaches, takesBack, name } = create()
    assert.deepEqual(
      [carries?.('public'), carries?.('capability'), carries?.('gated')],
      [false, true, true],
    )
    assert.deepEqual([name, reaches, takesBack], ['intertalk', 'address', false])
  })
})

describe('a post that shows its audience', () => {
  const audience = [
    'bob@chat.example',
    'jane@chat.example',
    'carol@carol.example',
    'mailto:m@x.example',
  ]

  async function deliverAll(
    letterOf: (recipient: string) => Letter,
    options: Parameters<typeof create>[0] = {},
    people: readonly (readonly [string, string])[] = audience.slice(0, 3).map((id) => [id, id]),
  ) {
    const { sent, fetch } = createProviders()
    const delivery = create(options)
    const receipts: Receipt[] = []
    for (const [id, address] of people) {
      const parcel = parcelTo(id, letterOf(id), address)
      receipts.push(await delivery.deliver(parcel, ENDPOINT, { fetch }))
    }
    return { sent, receipts }
  }

  it('is one conversation, and one request for each provider', async () => {
    const { sent, receipts } = await deliverAll((id) => letterTo(id, { audience }))
    assert.deepEqual(
      receipts.map(({ outcome }) => outcome),
      ['delivered', 'delivered', 'delivered'],
    )
    assert.deepEqual(
      sent.map(({ to }) => to),
      ['https://chat.example/messages', 'https://carol.example/messages'],
    )
    const everybody = [ALICE, 'bob@chat.example', 'carol@carol.example', 'jane@chat.example']
    for (const { message } of sent) assert.deepEqual(message.to, everybody)
    assert.equal(sent[0]?.message.id, sent[1]?.message.id)
  })

  it('is one request also where all are delivered at the same time', async () => {
    const { sent, fetch } = createProviders()
    const delivery = create()
    const people = audience.slice(0, 2)
    await Promise.all(
      people.map((id) => {
        return delivery.deliver(parcelTo(id, letterTo(id, { audience })), ENDPOINT, { fetch })
      }),
    )
    assert.equal(sent.length, 1)
  })

  it("holds nobody's own link", async () => {
    const { sent } = await deliverAll((id) =>
      letterTo(id, {
        audience,
        text: `See ${URL_OF(id.slice(0, 1))}`,
        html: `<p><a href="${URL_OF(id.slice(0, 1))}">x</a></p>`,
        inReplyTo: URL_OF('z'),
      }),
    )
    for (const { bytes } of sent) assert.ok(!Buffer.from(bytes).includes(TOKEN.slice(0, 20)))
    assert.ok(sent.every(({ message: { url, inReplyTo } }) => url === undefined && !inReplyTo))
  })

  it('keeps its HTML where that holds no link of anybody', async () => {
    const { sent } = await deliverAll((id) =>
      letterTo(id, { audience, inReplyTo: 'https://x.example/' }),
    )
    assert.match(sent[0]?.message.messageFormatted ?? '', /Bring <em>wine/)
    assert.doesNotMatch(sent[0]?.message.messageFormatted ?? '', /<a /)
    assert.equal(sent[0]?.message.inReplyTo, 'https://x.example/')
  })

  it('is the conversation of two where nobody else has an address', async () => {
    const { sent } = await deliverAll(
      (id) => letterTo(id, { audience: [id, 'mailto:m@x.example'] }),
      {},
      [['bob@chat.example', 'bob@chat.example']],
    )
    assert.match(sent[0]?.message.message ?? '', /https:\/\/alice\.example\/p\//)
  })

  it('finds the addresses of those who are named by their profile', async () => {
    const jane = 'https://jane.example/'
    const shown = ['bob@chat.example', jane]
    const recipients = { [jane]: { address: 'jane@chat.example' } }
    const { sent } = await deliverAll((id) => letterTo(id, { audience: shown }), { recipients }, [
      ['bob@chat.example', 'bob@chat.example'],
      [jane, 'jane@chat.example'],
    ])
    assert.equal(sent.length, 1)
    assert.deepEqual(sent[0]?.message.to, [ALICE, 'bob@chat.example', 'jane@chat.example'])
  })

  it('is alone with a recipient whose address is another than the name in the audience', async () => {
    const { sent } = await deliverAll((id) => letterTo(id), {}, [
      ['bob@old.example', 'bob@new.example'],
    ])
    assert.deepEqual(sent[0]?.message.to, [ALICE, 'bob@new.example'])
    assert.equal(sent[0]?.message.url, URL_OF('b'))
  })

  it('asks a provider that could not take it once a minute at most', async () => {
    let seconds = 0
    const { sent, fetch } = createProviders(async () => new Response(null, { status: 503 }))
    const delivery = create({ now: () => new Date(NOW.getTime() + seconds * 1000) })
    const deliver = (id: string) =>
      delivery.deliver(parcelTo(id, letterTo(id, { audience })), ENDPOINT, { fetch })
    for (const id of audience.slice(0, 2)) assert.equal((await deliver(id)).outcome, 'pending')
    assert.equal(sent.length, 1)
    seconds = 60
    await deliver('bob@chat.example')
    assert.equal(sent.length, 2)
  })
})

describe('what a provider answers', () => {
  for (const [status, outcome] of [
    [200, 'delivered'],
    [201, 'delivered'],
    [202, 'delivered'],
    [400, 'failed'],
    [401, 'failed'],
    [403, 'failed'],
    [404, 'failed'],
    [413, 'failed'],
    [301, 'failed'],
    [501, 'failed'],
    [429, 'pending'],
    [500, 'pending'],
    [503, 'pending'],
  ] as const) {
    it(`${status}: ${outcome}`, () => {
      assert.equal(processMessageResponse(new Response(null, { status }), NOW).outcome, outcome)
    })
  }

  it('401 with a time to come back is no final answer', () => {
    const response = new Response(null, { status: 401, headers: { 'retry-after': '60' } })
    const receipt = processMessageResponse(response, NOW)
    assert.equal(receipt.outcome, 'pending')
    const notBefore = 'notBefore' in receipt ? receipt.notBefore : undefined
    assert.equal(notBefore?.getTime(), NOW.getTime() + 60_000)
  })

  it('a network that fails is worth another try, a place that we do not visit is not', async () => {
    const deliver = (error: Error) =>
      create().deliver(parcelTo('bob@bob.example', letterTo('bob@bob.example')), ENDPOINT, {
        fetch: () => Promise.reject(error),
      })
    assert.equal((await deliver(networkError('ECONNREFUSED'))).outcome, 'pending')
    const refusal = new FetchError('is private', { kind: 'refused' })
    assert.equal((await deliver(refusal)).outcome, 'refused')
    await assert.rejects(deliver(new TypeError('a fault of ours')))
  })

  it('we send over HTTPS alone, or to names below localhost in development', async () => {
    const { sent, fetch } = createProviders()
    const id = 'bob@bob.localhost:8380'
    const parcel = parcelTo(id, letterTo(id))
    assert.equal((await create().deliver(parcel, ENDPOINT, { fetch })).outcome, 'refused')
    const receipt = await create({ allowLoopback: true }).deliver(parcel, ENDPOINT, { fetch })
    assert.equal(receipt.outcome, 'delivered')
    assert.equal(sent[0]?.to, 'http://bob.localhost:8380/messages')
  })
})

describe('discoverProvider()', () => {
  const keys = { keys: [{ kty: 'EC' }] }
  const provider = (site: Endpoint) => createWeb({ 'https://bob.example': site })
  const discover = (web: ReturnType<typeof provider>) =>
    discoverProvider('bob.example', { ...web, now })

  it('finds a domain that publishes keys', async () => {
    const web = provider(async () => Response.json(keys))
    assert.equal((await discover(web))?.href, 'https://bob.example/messages')
    assert.deepEqual(web.log, ['GET https://bob.example/keys'])
  })

  it('finds one without a set of keys that asks for a token at /messages', async () => {
    const web = provider(
      async ({ method }) => new Response(null, { status: method === 'POST' ? 401 : 404 }),
    )
    assert.equal((await discover(web))?.href, 'https://bob.example/messages')
    assert.deepEqual(web.log, ['GET https://bob.example/keys', 'POST https://bob.example/messages'])
  })

  for (const [what, site] of [
    ['that has neither', async () => new Response(null, { status: 404 })],
    ['that has a page at every address', async () => new Response('<p>Hello')],
    ['that has other JSON there', async () => Response.json({ keys: ['a'] })],
    [
      'that takes posts of anybody',
      async ({ method }) => new Response(null, { status: method === 'POST' ? 200 : 404 }),
    ],
    [
      'that sends us elsewhere',
      async () => new Response(null, { status: 302, headers: { location: '/x' } }),
    ],
    ['that is closed', async () => new Response(null, { status: 403 })],
  ] satisfies [string, Endpoint][]) {
    it(`finds nothing at a domain ${what}`, async () => {
      assert.equal(await discover(provider(site)), undefined)
    })
  }

  it('says that a provider has no HTTPS, and is never to be sent anything', async () => {
    const inClear = createWeb({ 'http://bob.example': async () => Response.json(keys) })
    const fetch: Fetch = async (url, init) => {
      if (url.protocol === 'https:') throw networkError('ECONNREFUSED')
      return inClear.fetch(url, init)
    }
    const isTold = (error: unknown) =>
      error instanceof FetchError && error.kind === 'refused' && /no HTTPS/.test(error.message)
    await assert.rejects(discoverProvider('bob.example', { fetch, now }), isTold)
    const others = createWeb({ 'http://bob.example': async () => new Response('<p>Hello') })
    const noProvider: Fetch = async (url, init) =>
      url.protocol === 'https:' ? fetch(url, init) : others.fetch(url, init)
    const isDown = (error: unknown) => error instanceof FetchError && error.kind === 'failed'
    await assert.rejects(discoverProvider('bob.example', { fetch: noProvider, now }), isDown)
  })

  it('does not take silence or trouble for absence', async () => {
    for (const status of [429, 503]) {
      const retry = { 'retry-after': '60' }
      const web = provider(async () => new Response(null, { status, headers: retry }))
      await assert.rejects(discover(web), (error) => {
        return error instanceof FetchError && error.notBefore?.getTime() === NOW.getTime() + 60_000
      })
    }
    await assert.rejects(discover(createWeb({})), FetchError)
  })

  it('does not ask our own domain, and nothing that is no address', async () => {
    const web = createWeb({})
    assert.equal(await create().discover(acctUrl(addressOf('x@alice.example')), web), undefined)
    assert.equal(await create().discover(new URL('https://bob.example/'), web), undefined)
    assert.deepEqual(web.log, [])
  })
})
