import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openPmSite } from './pm-site.ts'
import { createStranger, type Format, type Reading } from './pm-stranger.ts'

const READINGS: readonly (readonly [Reading, Format])[] = [
  ['strict', 'form'],
  ['loose', 'form'],
  ['loose', 'jf2'],
  ['loose', 'mf2'],
  ['loose', 'html'],
  ['loose', 'text'],
]

describe('rel=pm with a stranger who has read the document alone', () => {
  for (const reading of ['strict', 'loose'] as const) {
    it(`brings our message to a ${reading} reading of it`, async (t) => {
      const stranger = await createStranger(t, reading)
      const alice = await openPmSite(t, { to: stranger.home, text: 'Dinner at eight?' })
      const [row, ...more] = await alice.send()
      assert.deepEqual(more, [])
      assert.equal(row?.outcome, 'delivered', JSON.stringify(row))
      assert.equal(stranger.inbox.length, 1)
      assert.match(stranger.inbox[0]?.words ?? '', /Dinner at eight\?/)
      assert.equal(stranger.inbox[0]?.sender, alice.url.href)
    })
  }

  it(`takes messages of each reading and format, and names who sent them`, async (t) => {
    const alice = await openPmSite(t)
    for (const [reading, format] of READINGS) {
      const stranger = await createStranger(t, reading, format)
      const words = `By ${reading} ${format}, at eight.`
      assert.equal(await stranger.send(alice.url, words), 202)
      await alice.settle()
      assert.deepEqual(stranger.answers, [201], words)
      const rows = await alice.inbox()
      const row = rows.find(({ summary }) => summary === words)
      assert.equal(row?.protocol, 'rel-pm', JSON.stringify(rows))
      assert.equal(row?.sender, stranger.home.href)
    }
  })

  it('tells whoever uses a token again that it is spent, and takes what is announced anew', async (t) => {
    const alice = await openPmSite(t)
    const stranger = await createStranger(t, 'strict')
    await stranger.send(alice.url, 'One.')
    await alice.settle()
    assert.equal(await stranger.push(alice.pm, 'Two.', stranger.lastToken()), 401)
    await stranger.send(alice.url, 'Two.')
    await alice.settle()
    assert.deepEqual(stranger.answers, [201, 201])
    assert.deepEqual(
      new Set((await alice.inbox()).map(({ summary }) => summary)),
      new Set(['One.', 'Two.']),
    )
  })

  it('takes many messages with the token of the alternate example, until it is revoked', async (t) => {
    const alice = await openPmSite(t)
    const stranger = await createStranger(t, 'loose')
    await stranger.send(alice.url, 'One.')
    await alice.settle()
    const token = stranger.standingToken()
    const post = async (fields: Readonly<Record<string, string>>) => {
      const body = new URLSearchParams({ token, ...fields })
      return (await fetch(alice.pm, { method: 'POST', body })).status
    }
    assert.equal(await post({ id: 'm2', message: 'Two.' }), 201)
    assert.equal(await post({ message_id: 'm3', content: 'Three.' }), 201)
    assert.equal(await post({ msg: 'm4', words: 'Four.' }), 400, 'it is no revocation')
    assert.equal(await post({ id: 'm5', text: 'Five.' }), 201)
    assert.equal((await alice.inbox()).length, 4)
    assert.equal(await post({}), 200)
    assert.equal(await post({ id: 'm6', text: 'Six.' }), 401)
    assert.equal((await alice.inbox()).length, 4)
  })

  it('answers what it cannot read with 4xx, whatever is sent', async (t) => {
    const alice = await openPmSite(t)
    const form = 'application/x-www-form-urlencoded'
    const bodies: readonly (readonly [type: string, body: string, status: number])[] = [
      [form, 'message_id=m1&message=m2&sender=127.0.0.1:1', 400],
      [form, 'message_id=m1&sender=127.0.0.1:1&sender=127.0.0.1:2', 400],
      [form, 'message_id=m1&destination=127.0.0.1:1', 400],
      [form, 'msg=m1&dest=127.0.0.1:1&token=xxxxxxx', 400],
      [form, `message_id=m1&sender=127.0.0.1:1&x=${'x'.repeat(20_000)}`, 413],
      [form, 'token=xxxxxxx&message=Hello+there', 401],
      ['application/json', '['.repeat(100_000), 401],
      ['application/json', '{"message_id":{"a":{}},"sender":"127.0.0.1:1"}', 400],
      ['application/json', `{"message_id":"m1","sender":["127.0.0.1:1","127.0.0.1:2"]}`, 400],
      ['text/plain', 'Hello', 415],
      ['text/html', '<p>Hello', 415],
      ['application/octet-stream', 'Hello', 415],
    ]
    for (const [type, body, status] of bodies) {
      const init = { method: 'POST', headers: { 'content-type': type }, body }
      const response = await fetch(alice.pm, init)
      assert.equal(response.status, status, `${type} ${body.slice(0, 60)}`)
      assert.match(await response.text(), /error_description/)
    }
    const headers = { 'content-type': form }
    const good = { method: 'POST', headers, body: 'message_id=m1&sender=127.0.0.1:1' }
    assert.equal((await fetch(alice.pm, good)).status, 202)
    await alice.settle()
    assert.deepEqual(await alice.inbox(), [])
  })
})
