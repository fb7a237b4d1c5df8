import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createWebmentionDelivery } from '../../lib/webmention/delivery.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { createParcel } from '../support/parcel.ts'
import { createWeb } from '../support/web.ts'
import { ALICE, BOB, createClock, createTestSite, SOURCE, TARGET } from './sites.ts'

const parcel = createParcel({ source: SOURCE, target: TARGET, exposure: 'gated', recipient: BOB })
const endpoint = new URL('https://bob.example/webmention')
/** Private-Webmention: no quotation mark, no backslash. */
const CHARSET = /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/

function createAlice(bob: Endpoint = async () => new Response(null, { status: 202 })) {
  const forms: URLSearchParams[] = []
  const record =
    (answer: Endpoint): Endpoint =>
    async (request) => {
      forms.push(new URLSearchParams(await request.clone().text()))
      return answer(request)
    }
  const web = createWeb({
    'https://bob.example': record(bob),
    'https://eve.example': record(async () => new Response(null, { status: 202 })),
    'https://webmention.io': record(async () => new Response(null, { status: 201 })),
    'http://bob.example': record(async () => new Response(null, { status: 202 })),
  })
  const { now } = createClock()
  const site = createTestSite(ALICE, { ...web, now })
  return { ...site, web, forms }
}

describe('createPrivateWebmentionDelivery()', () => {
  it('carries gated posts and nothing else, and Webmention everything else', () => {
    const { delivery } = createAlice()
    const plain = createWebmentionDelivery({ exposure: 'refuse', now: () => new Date(0) })
    assert.equal(delivery.name, 'private-webmention')
    for (const [exposure, byPrivate] of [
      ['gated', true],
      ['public', false],
      ['capability', false],
    ] as const) {
      assert.equal(delivery.carries?.(exposure), byPrivate, exposure)
      assert.equal(plain.carries?.(exposure), !byPrivate, exposure)
    }
  })

  it('sends source, target, code and realm, and nothing else', async () => {
    const { delivery, web, forms } = createAlice()
    const receipt = await delivery.deliver(parcel, endpoint, web)
    assert.deepEqual(receipt, { outcome: 'delivered', reason: 'the receiver answered 202' })
    assert.deepEqual([...(forms[0]?.keys() ?? [])], ['source', 'target', 'code', 'realm'])
    assert.equal(forms[0]?.get('source'), SOURCE.href)
    assert.equal(forms[0]?.get('target'), TARGET.href)
  })

  it('makes codes of at most 512 characters, of the characters that the spec allows', async () => {
    const { delivery, web, forms } = createAlice()
    const recipient = `https://bob.example/${'people/'.repeat(12)}`
    const far = { ...parcel, recipient, target: new URL(recipient) }
    await delivery.deliver(far, endpoint, web)
    const code = forms[0]?.get('code') ?? ''
    assert.match(code, CHARSET)
    assert.match(forms[0]?.get('realm') ?? '', CHARSET)
    assert.ok(code.length <= 512, `${code.length}`)
  })

  it('makes a new code for each attempt, and the same realm for the same recipient', async () => {
    const { delivery, web, forms } = createAlice()
    await delivery.deliver(parcel, endpoint, web)
    const other = { ...parcel, source: new URL('https://alice.example/private/other/') }
    await delivery.deliver(other, endpoint, web)
    const [one, two] = forms
    assert.notEqual(one?.get('code'), two?.get('code'))
    assert.equal(one?.get('realm'), two?.get('realm'))
    assert.ok((one?.get('realm') ?? '').length >= 22)
  })

  it('has another realm for another recipient, and at another site', async () => {
    const { delivery, web, forms } = createAlice()
    const atSub = { ...parcel, target: new URL('https://bob.example/sub/') }
    await delivery.deliver(parcel, endpoint, web)
    await delivery.deliver({ ...atSub, recipient: 'https://bob.example/sub/' }, endpoint, web)
    const source = new URL('https://other.example/private/4x7k2m9qwert/')
    await delivery.deliver({ ...parcel, source }, endpoint, web)
    assert.equal(new Set(forms.map((form) => form.get('realm'))).size, 3)
  })

  it('sends no code where nobody is named, or somebody without a website', async () => {
    for (const recipient of [null, 'Mum', 'mailto:bob@bob.example']) {
      const { delivery, web, forms } = createAlice()
      assert.equal(
        (await delivery.deliver({ ...parcel, recipient }, endpoint, web)).outcome,
        'delivered',
      )
      assert.deepEqual([...(forms[0]?.keys() ?? [])], ['source', 'target'], String(recipient))
    }
  })

  it('sends no code with a post that is not gated', async () => {
    const { delivery, web, forms } = createAlice()
    await delivery.deliver({ ...parcel, exposure: 'public' }, endpoint, web)
    assert.deepEqual([...(forms[0]?.keys() ?? [])], ['source', 'target'])
  })

  for (const [what, target, recipient, hasCode] of [
    ['their home page', BOB, BOB, true],
    ['a post of theirs', 'https://bob.example/notes/1', BOB, true],
    ['a page of somebody else', 'https://eve.example/', BOB, false],
    [
      'a neighbour on the same host',
      'https://bob.example/~eve/',
      'https://bob.example/~bob/',
      false,
    ],
    ['a page below theirs there', 'https://bob.example/~bob/1', 'https://bob.example/~bob', true],
    [
      'a neighbour with a longer name',
      'https://bob.example/~bobby/',
      'https://bob.example/~bob',
      false,
    ],
  ] as const) {
    it(`${hasCode ? 'sends' : 'sends no'} code of the recipient to ${what}`, async () => {
      const { delivery, web, forms } = createAlice()
      await delivery.deliver({ ...parcel, target: new URL(target), recipient }, endpoint, web)
      assert.equal(forms.length, 1)
      assert.equal(forms[0]?.has('code'), hasCode)
    })
  }

  it('lets a public lister have it: the source of a gated post is no secret', async () => {
    const { delivery, web, forms } = createAlice()
    const lister = new URL('https://webmention.io/bob.example/webmention')
    assert.equal((await delivery.deliver(parcel, lister, web)).outcome, 'delivered')
    assert.ok(forms[0]?.has('code'))
  })

  it('sends a new code to where the endpoint moved on its own origin', async () => {
    const { delivery, web, forms } = createAlice(async ({ url }) =>
      new URL(url).pathname === '/webmention'
        ? new Response(null, { status: 307, headers: { location: '/wm' } })
        : new Response(null, { status: 202 }),
    )
    assert.equal((await delivery.deliver(parcel, endpoint, web)).outcome, 'delivered')
    assert.deepEqual(web.log, [
      'POST https://bob.example/webmention',
      'POST https://bob.example/wm',
    ])
    assert.notEqual(forms[0]?.get('code'), forms[1]?.get('code'))
  })

  it('lets no code follow the endpoint to another origin', async () => {
    const location = 'https://eve.example/webmention'
    const { delivery, web } = createAlice(
      async () => new Response(null, { status: 307, headers: { location } }),
    )
    const receipt = await delivery.deliver(parcel, endpoint, web)
    assert.equal(receipt.outcome, 'refused')
    assert.match(receipt.reason, /moved to eve\.example/)
    assert.deepEqual(web.log, ['POST https://bob.example/webmention'])
  })

  it('sends no code in the clear that an https page has asked for', async () => {
    const plain = new URL('http://bob.example/webmention')
    const { delivery, web } = createAlice()
    assert.equal((await delivery.deliver(parcel, plain, web)).outcome, 'refused')
    assert.deepEqual(web.log, [])
    const old = {
      ...parcel,
      target: new URL('http://bob.example/'),
      recipient: 'http://bob.example/',
    }
    assert.equal((await delivery.deliver(old, plain, web)).outcome, 'delivered')
  })

  it('keeps the code out of the receipt, whatever the receiver repeats', async () => {
    const { delivery, web, forms } = createAlice(
      async (request) => new Response(`no: ${await request.text()}`, { status: 400 }),
    )
    const { outcome, reason } = await delivery.deliver(parcel, endpoint, web)
    assert.equal(outcome, 'failed')
    assert.match(reason, /no: source=/)
    assert.ok(!reason.includes(forms[0]?.get('code')?.slice(0, 40) ?? ''))
    assert.ok(!reason.includes(forms[0]?.get('realm') ?? ''))
  })

  for (const [status, words, isHinted] of [
    [400, 'The source URL could not be fetched (401).', true],
    [400, 'No link found on the page', true],
    [401, '', true],
    [422, 'unauthorized', true],
    [400, '"target" is no page of this site', false],
    [403, 'blocked', false],
    [405, '', false],
    [500, '', false],
  ] as const) {
    it(`says ${isHinted ? '' : 'not '}that its reader can sign in where the answer is ${status} ${words}`, async () => {
      const { delivery, web } = createAlice(async () => new Response(words, { status }))
      const { reason } = await delivery.deliver(parcel, endpoint, web)
      const hint =
        'bob.example cannot open the post by itself; the reader can sign in at the address that "private-posts links" prints'
      assert.equal(reason.endsWith(hint), isHinted)
      assert.ok(!reason.includes(SOURCE.pathname))
    })
  }

  for (const [word, isHinted] of [
    ['unauthorized', true],
    ['no_token_endpoint', true],
    ['no_link_found', true],
    ['spam', false],
    ['blocked', false],
  ] as const) {
    it(`says ${isHinted ? '' : 'not '}so where a status page has ${word}`, async () => {
      const { delivery, web } = createAlice(async () => Response.json({ status: word }))
      const progress = await delivery.follow?.(new URL('https://bob.example/status/1'), web)
      assert.ok(typeof progress === 'object')
      assert.equal(progress.rejected.startsWith(word), true)
      assert.equal(
        /cannot open the post by itself; the reader can sign in/.test(progress.rejected),
        isHinted,
      )
    })
  }

  it('fails, before anything is sent, for a source longer than receivers take', async () => {
    const { delivery, web } = createAlice()
    const source = new URL(`https://alice.example/private/${'x'.repeat(500)}`)
    assert.equal((await delivery.deliver({ ...parcel, source }, endpoint, web)).outcome, 'failed')
    assert.deepEqual(web.log, [])
  })

  it('discovers the endpoint that Webmention does', async () => {
    const { delivery } = createAlice()
    const web = createWeb({
      'https://bob.example': async () =>
        new Response(null, { headers: { link: '</webmention>; rel=webmention' } }),
    })
    assert.equal((await delivery.discover(TARGET, web))?.href, endpoint.href)
  })
})
