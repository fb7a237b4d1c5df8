import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Message } from '../../lib/delivery/message.ts'
import { ALICE, BOB, createNeighbours, PM_BOB } from './lab.ts'

const CARD = { type: ['h-card'], properties: { name: ['Alice'], url: [ALICE.href] } }
const ITEM = {
  type: ['h-entry'],
  properties: {
    author: [CARD],
    name: ['Invitation'],
    content: [{ html: '<p>Dinner?<p>At eight.', value: 'Dinner?At eight.' }],
    published: ['2026-11-20T12:00:00Z'],
    'in-reply-to': [{ type: ['h-cite'], properties: { url: ['https://carol.example/1'] } }],
  },
}
const PAGE = `<!doctype html><meta charset=utf-8><title>A message</title><article class="h-entry">
<a class="p-author h-card" href="/">Alice</a> <h1 class="p-name">Invitation</h1>
<div class="e-content"><p>Dinner?<p>At eight.</div>
<time class="dt-published" datetime="2026-11-20T12:00:00Z">today</time>
<a class="u-in-reply-to" href="https://carol.example/1">hers</a></article>`
const WHOLE = {
  author: { name: 'Alice', url: ALICE.href },
  title: 'Invitation',
  text: 'Dinner?\n\nAt eight.',
  published: '2026-11-20T12:00:00.000Z',
  inReplyTo: 'https://carol.example/1',
}
const NAME_ALONE = { name: 'alice.example.org', url: ALICE.href }

interface Body {
  readonly type: string
  readonly body: string
  /** The token goes in the header, unless the body has a place for it. */
  readonly inBody?: boolean
  readonly message: Partial<Message>
}
const form = (fields: Readonly<Record<string, string>>) => String(new URLSearchParams(fields))
const FORM = 'application/x-www-form-urlencoded'

/** What may come in step 6 with a token for one message, `TOKEN`, and what the inbox makes of it. */
const bodies: Readonly<Record<string, Body>> = {
  'jf2 as plain JSON': {
    ...{ type: 'application/json; charset=utf-8' },
    body: JSON.stringify({ type: 'entry', content: 'Dinner?' }),
    message: { text: 'Dinner?' },
  },
  'jf2 with the name as "message_id", and its own page as "uid"': {
    ...{ type: 'application/jf2+json' },
    body: JSON.stringify({
      ...{ type: 'entry', message_id: 'm1', uid: `${ALICE}m/1` },
      content: 'x',
    }),
    message: { text: 'x', source: 'pm:m1' },
  },
  'jf2 whose author is a host': {
    ...{ type: 'application/jf2+json' },
    body: JSON.stringify({ type: 'entry', author: 'alice.example.org', content: 'x' }),
    message: { author: NAME_ALONE },
  },
  "microformats' JSON": {
    ...{ type: 'application/mf2+json', body: JSON.stringify(ITEM) },
    message: WHOLE,
  },
  "microformats' JSON of a page": {
    ...{ type: 'application/json', body: JSON.stringify({ items: [CARD, ITEM], rels: {} }) },
    message: WHOLE,
  },
  "microformats' JSON of a feed": {
    type: 'application/mf2+json',
    body: JSON.stringify({ items: [{ type: ['h-feed'], properties: {}, children: [ITEM] }] }),
    message: WHOLE,
  },
  "microformats' JSON whose author is a name": {
    type: 'application/mf2+json',
    body: JSON.stringify({
      type: ['h-entry'],
      properties: { author: ['Alice'], content: ['Dinner?'] },
    }),
    message: { text: 'Dinner?', author: { name: 'Alice', url: ALICE.href } },
  },
  'HTML with an h-entry': { type: 'text/html', body: PAGE, message: WHOLE },
  'XHTML with an h-entry': { type: 'application/xhtml+xml', body: PAGE, message: WHOLE },
  'HTML without one': {
    ...{
      type: 'text/html; charset=utf-8',
      body: '<p>Dinner?<p>At <b>eight</b>.<script>x</script>',
    },
    message: { text: 'Dinner?\n\nAt eight.', html: '<p>Dinner?</p><p>At <b>eight</b>.</p>' },
  },
  text: {
    ...{ type: 'text/plain', body: 'Dinner?\n\nAt eight. <b>' },
    message: { text: 'Dinner?\n\nAt eight. <b>' },
  },
  'a form with the token in the header': {
    ...{ type: FORM, body: form({ content: 'Dinner?' }) },
    message: { text: 'Dinner?' },
  },
  'a form with the contents and the secret': {
    ...{ type: FORM, body: form({ message: 'Dinner at eight?', secret: 'TOKEN' }), inBody: true },
    message: { text: 'Dinner at eight?' },
  },
  'a form with the secret and one word': {
    ...{ type: FORM, body: form({ message: 'Dinner?', secret: 'TOKEN' }), inBody: true },
    message: { text: 'Dinner?' },
  },
  'a form with the secret and a word that could be a name': {
    ...{ type: FORM, body: form({ message: 'Hello', sender: ALICE.href, token: 'TOKEN' }) },
    ...{ inBody: true, message: { text: 'Hello' } },
  },
  'a form with a name, and "message" for one word': {
    ...{ type: FORM, body: form({ id: 'm1', message: 'Dinner?', token: 'TOKEN' }), inBody: true },
    message: { text: 'Dinner?' },
  },
  'a form with a name that is the word': {
    type: FORM,
    body: form({ message_id: 'm1', message: 'm1', text: 'Dinner?', token: 'TOKEN' }),
    inBody: true,
    message: { text: 'Dinner?' },
  },
  'a form as Micropub has it': {
    type: FORM,
    body: form({
      ...{ h: 'entry', name: 'Invitation', 'content[html]': '<p>Dinner?<p>At eight.' },
      ...{ published: '2026-11-20T12:00:00Z', 'in-reply-to': 'https://carol.example/1' },
      ...{ author: 'Alice', sender: 'alice.example.org' },
    }),
    message: WHOLE,
  },
  'a form with its contents under that name': {
    type: FORM,
    body: form({ message_id: 'm1', contents: 'Dinner?', secret: 'TOKEN' }),
    inBody: true,
    message: { text: 'Dinner?' },
  },
  'a form with its contents as those of the message': {
    ...{ type: FORM, body: form({ message_contents: 'Dinner?', access_token: 'TOKEN' }) },
    ...{ inBody: true, message: { text: 'Dinner?' } },
  },
  'a form that says where it is going': {
    type: FORM,
    body: form({ message_id: 'm1', destination: PM_BOB.href, message: 'At 8?', token: 'TOKEN' }),
    inBody: true,
    message: { text: 'At 8?' },
  },
  'jf2 with the token in it': {
    type: 'application/json',
    body: JSON.stringify({ type: 'entry', content: 'Dinner?', token: 'TOKEN' }),
    inBody: true,
    message: { text: 'Dinner?' },
  },
  "microformats' JSON with the secret in it": {
    type: 'application/mf2+json',
    body: JSON.stringify({ ...ITEM, secret: 'TOKEN' }),
    inBody: true,
    message: WHOLE,
  },
  'jf2 beside the token': {
    type: 'application/json',
    body: `{"token":"TOKEN","id":"m1","message":[{"type":"entry","content":"Dinner?"}]}`,
    inBody: true,
    message: { text: 'Dinner?' },
  },
  'an object beside the token': {
    type: 'application/json',
    body: `{"token":"TOKEN","id":"m1","message":{"id":"m1","content":"Dinner?"}}`,
    inBody: true,
    message: { text: 'Dinner?' },
  },
  'JSON with the contents and the secret': {
    type: 'application/json',
    body: JSON.stringify({ message_id: 'm1', token: 'TOKEN', content: { text: 'Dinner?' } }),
    inBody: true,
    message: { text: 'Dinner?' },
  },
}

/** What is refused, and leaves the token good. */
const refusals: Readonly<Record<string, Omit<Body, 'message'> & { readonly status: number }>> = {
  'an unknown type': { type: 'image/png', body: 'x', status: 415 },
  'no type': { type: '', body: 'x', status: 415 },
  'no JSON': { type: 'application/json', body: '{', status: 400 },
  "microformats' JSON without an entry": {
    ...{ type: 'application/mf2+json', body: JSON.stringify({ items: [CARD] }), status: 400 },
  },
  'JSON nested deep': {
    ...{ type: 'application/mf2+json', status: 400 },
    body: `{"items":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
  },
  'items nested deep': {
    ...{ type: 'application/json', status: 400 },
    body: `${'{"type":["h-feed"],"properties":{},"children":['.repeat(40)}${']}'.repeat(40)}`,
  },
  'HTML nested deep': { type: 'text/html', body: '<div>'.repeat(50_000), status: 400 },
  'a huge text': { type: 'text/plain', body: 'x'.repeat(257 * 1024), status: 413 },
  'a huge form': { type: FORM, body: `content=${'x'.repeat(257 * 1024)}`, status: 413 },
  'a text of spaces': { type: 'text/plain', body: ' \n ', status: 400 },
  'two names': {
    ...{ type: 'application/jf2+json', status: 400 },
    body: JSON.stringify({ type: 'entry', message_id: 'm1', uid: 'm2', content: 'x' }),
  },
  'the name of another message': {
    ...{ type: FORM, body: form({ id: 'm2', content: 'x' }), status: 403 },
  },
  'the page of another as its name': {
    ...{ type: 'application/jf2+json', status: 403 },
    body: JSON.stringify({ type: 'entry', uid: 'https://eve.example/1', content: 'x' }),
  },
  'another sender in a form': {
    ...{ type: FORM, body: form({ sender: 'eve.example', content: 'x' }), status: 403 },
  },
  'another author in HTML': {
    ...{ type: 'text/html', status: 403 },
    body: '<p class=h-entry><a class="p-author h-card" href="https://eve.example/">Alice</a> x',
  },
  'another token in jf2': {
    ...{ type: 'application/json', status: 401, inBody: true },
    body: JSON.stringify({ type: 'entry', content: 'x', token: 'yyyyyyy' }),
  },
  'another token in the body': {
    ...{ type: FORM, body: form({ token: 'yyyyyyy', content: 'x' }), status: 400 },
  },
  'the name alone as "message"': {
    ...{ type: FORM, body: form({ message: 'm1', from: ALICE.href }), status: 400 },
  },
  'no contents in a form': { type: FORM, body: form({ message_id: 'm1' }), status: 400 },
}

async function bobWithToken() {
  const neighbours = createNeighbours()
  const { bob, town } = neighbours
  const claims = { message: 'm1', from: ALICE.href, to: BOB.href }
  const token = await bob.secrets.issue('pm-token', claims)
  const push = ({ type, body, inBody = false }: Omit<Body, 'message'>) =>
    town.fetch(PM_BOB, {
      method: 'POST',
      headers: { 'content-type': type, ...(!inBody && { authorization: `Bearer ${token}` }) },
      body: body.replace('TOKEN', token),
    })
  return { ...neighbours, push }
}

describe('the message of step 6, in the formats that the document leaves open', () => {
  for (const [name, body] of Object.entries(bodies)) {
    it(`is read from ${name}`, async () => {
      const { push, bob } = await bobWithToken()
      const response = await push(body)
      assert.equal(response.status, 201, await response.text())
      const [key, message] = [...bob.messages][0] ?? []
      assert.equal(key, `rel-pm ${ALICE} m1`)
      const actual: Readonly<Record<string, unknown>> = { ...message }
      for (const [field, value] of Object.entries(body.message)) {
        assert.deepEqual(actual[field], value, field)
      }
      assert.equal((await push(body)).status, 401, 'once')
    })
  }

  for (const [name, { status, ...body }] of Object.entries(refusals)) {
    it(`is refused with ${name}, and the token stays good`, async () => {
      const { push, bob } = await bobWithToken()
      assert.equal((await push(body)).status, status)
      assert.equal(bob.messages.size, 0)
      assert.equal((await push({ type: 'text/plain', body: 'x' })).status, 201)
    })
  }

  it('is taken with the token in its address, in each format', async () => {
    for (const [type, body] of [
      ['text/plain', 'Dinner?'],
      ['text/html; charset=utf-8', '<p class="h-entry">Dinner?'],
      ['application/jf2+json', JSON.stringify({ type: 'entry', content: 'Dinner?' })],
      [FORM, form({ message: 'Dinner?' })],
    ] as const) {
      const { bob, town } = createNeighbours()
      const claims = { message: 'm1', from: ALICE.href, to: BOB.href }
      const token = await bob.secrets.issue('pm-token', claims)
      const push = async (secret: string) => {
        const place = new URL(`?${new URLSearchParams({ secret, message_id: 'm1' })}`, PM_BOB)
        const init = { method: 'POST', headers: { 'content-type': type }, body }
        return (await town.fetch(place, init)).status
      }
      assert.equal(await push('yyyyyyy'), 401, type)
      assert.equal(await push(token), 201, type)
      assert.equal([...bob.messages.values()][0]?.text, 'Dinner?')
    }
  })

  it('takes its name from the query, where a standing token brings text', async () => {
    const { bob, town } = createNeighbours()
    const claims = { from: ALICE.href, to: BOB.href, family: 'f' }
    const token = await bob.secrets.issue('pm-standing-token', claims)
    const headers = { 'content-type': 'text/plain', authorization: `Bearer ${token}` }
    const push = async (query: string) =>
      (await town.fetch(new URL(query, PM_BOB), { method: 'POST', headers, body: 'x' })).status
    assert.equal(await push(''), 400)
    assert.equal(await push('?message_id=m9'), 201)
    assert.deepEqual([...bob.messages.keys()], [`rel-pm ${ALICE} m9`])
  })
})
