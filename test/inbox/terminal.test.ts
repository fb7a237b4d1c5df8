import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { idOf } from '../../lib/inbox/entry.ts'
import { listed, ME, message, POST, publishedSources } from './messages.ts'
import { createOwner, type Owner } from './owner.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

async function call(owner: Owner, purpose = 'inbox'): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await owner.secrets.issue('call', { purpose })}` }
}

async function order(owner: Owner, body: unknown, headers?: Record<string, string>) {
  return owner.ask('/inbox', {
    method: 'POST',
    headers: { ...JSON_TYPE, ...(headers ?? (await call(owner))) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

describe('GET /inbox as JSON', () => {
  it('lists messages as the contract says', async () => {
    const owner = await createOwner()
    const source = await owner.accept({
      ...{ privacy: 'private', target: ME.href, title: 'Friday', text: 'Are you free?' },
      inReplyTo: POST,
    })
    const response = await owner.ask('/inbox', { headers: await call(owner) })
    const { messages, ...rest } = (await response.json()) as { messages: unknown[] }
    const version = (await listed(owner))[0]?.version
    assert.deepEqual(messages, [
      {
        id: idOf(source),
        author: 'Bob',
        type: 'reply',
        private: true,
        state: 'unread',
        received: '2026-11-21T12:00:00.000Z',
        summary: 'Friday – Are you free?',
        inReplyTo: POST,
        unread: true,
        host: 'bob.example',
        authorUrl: 'https://bob.example/',
        protocol: 'webmention',
        sender: source,
        audience: [],
        source,
        target: ME.href,
        warnings: [],
        version,
      },
    ])
    assert.deepEqual(rest, {
      ...{ total: 1, page: 0, perPage: 100 },
      counts: { all: 1, unread: 1, held: 0, private: 1, public: 0 },
    })
    assert.match(response.headers.get('cache-control') ?? '', /no-store/)
  })

  it('pages, and shows one message in full', async () => {
    const owner = await createOwner()
    const sources = [await owner.accept(), await owner.accept({ text: 'x'.repeat(4000) })]
    const get = async (path: string) => {
      const response = await owner.ask(path, { headers: await call(owner) })
      return { status: response.status, value: (await response.json()) as never }
    }
    const page: { value: { messages: { source: string }[] } } = await get(
      '/inbox?per-page=1&page=1',
    )
    assert.deepEqual(
      page.value.messages.map(({ source }) => source),
      [sources[0]],
    )
    const one: { value: { content: { text: string } } } = await get(
      `/inbox/${idOf(sources[1] ?? '')}`,
    )
    assert.equal(one.value.content.text.length, 4000)
    assert.equal((await get(`/inbox/${idOf('none')}`)).status, 404)
  })

  it('answers the owner who is signed in, too', async () => {
    const owner = await createOwner()
    const accept = { accept: 'application/json' }
    assert.equal(
      (await owner.get('/inbox', accept)).headers.get('content-type'),
      'application/json',
    )
    assert.equal((await owner.ask('/inbox', { headers: accept })).status, 401)
  })

  it('answers 401 to every other secret, and to a call for something else', async () => {
    const owner = await createOwner()
    await owner.accept({ text: 'Secret' })
    const { secrets } = owner
    const others = [
      await secrets.issue('access-token', { me: ME.href, scope: ['read'] }),
      await secrets.issue('session', { reader: ME.href, by: 'passphrase' }),
      await secrets.issue('call', { purpose: 'deliver' }),
      'xxxxxxx',
    ]
    for (const other of others) {
      const headers = { authorization: `Bearer ${other}`, cookie: owner.cookie }
      const response = await owner.ask('/inbox', { headers })
      assert.equal(response.status, 401)
      assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer/)
      assert.ok(!(await response.text()).includes('Secret'))
    }
    const headers = await call(owner)
    owner.later(6 * 60)
    assert.equal((await owner.ask('/inbox', { headers })).status, 401)
  })
})

describe('POST /inbox as JSON', () => {
  it('decides about a message', async () => {
    const owner = await createOwner()
    const source = await owner.accept()
    const id = idOf(source)
    const response = await order(owner, { action: 'approve', id })
    assert.deepEqual([response.status, await response.json()], [200, { outcome: 'done' }])
    assert.deepEqual(await publishedSources(owner), [source])
    const stale = await order(owner, { action: 'keep', id, version: idOf('another') })
    assert.deepEqual([stale.status, await stale.json()], [409, { outcome: 'changed' }])
    const gone = await order(owner, { action: 'delete', id: idOf('none') })
    assert.deepEqual([gone.status, await gone.json()], [404, { outcome: 'gone' }])
  })

  it('takes each pass once, and no cookie', async () => {
    const owner = await createOwner()
    const id = idOf(await owner.accept())
    const headers = await call(owner)
    assert.equal((await order(owner, { action: 'read', id }, headers)).status, 200)
    assert.equal((await order(owner, { action: 'unread', id }, headers)).status, 401)
    const cookie = { cookie: owner.cookie }
    assert.equal((await order(owner, { action: 'unread', id }, cookie)).status, 415)
    const deliver = await call(owner, 'deliver')
    assert.equal((await order(owner, { action: 'unread', id }, deliver)).status, 401)
    assert.equal((await listed(owner))[0]?.isRead, true)
  })

  it('takes over messages, by the rules for all messages', async () => {
    const owner = await createOwner()
    const messages = [
      { key: 'a', message: message() },
      { key: 'b', message: message({ privacy: 'private' }) },
    ]
    assert.equal((await order(owner, { action: 'import', messages })).status, 200)
    assert.equal((await owner.inbox.find('b'))?.privacy, 'private')
    assert.equal((await owner.inbox.counts()).held, 1)
  })

  it('refuses what is no order', async () => {
    const owner = await createOwner()
    const orders = [
      ...['no JSON', 'null', '[]', '{}', { action: 'dance', id: idOf('x') }],
      ...[
        { action: 'read', id: 'x' },
        { action: 'read', id: idOf('x'), more: 1 },
      ],
      ...[{ action: 'import', messages: [{ key: 'a', message: {} }] }],
      {
        action: 'import',
        messages: Array.from({ length: 21 }, () => ({ key: 'a', message: message() })),
      },
    ]
    for (const one of orders) assert.equal((await order(owner, one)).status, 400)
    assert.equal((await order(owner, `"${'x'.repeat(2_000_000)}"`)).status, 413)
    const headers = { ...(await call(owner)), 'content-type': 'text/plain' }
    assert.equal((await order(owner, '{}', headers)).status, 415)
  })
})
