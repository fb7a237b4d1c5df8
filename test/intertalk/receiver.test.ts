import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { conversationId } from '../../lib/intertalk/conversation.ts'
import { openDecisions, createSenderPolicy } from '../../lib/policy/decisions.ts'
import { compilePolicy } from '../../lib/policy/policy.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { createNeighbours, signed } from './bob.ts'
import { BODY, MESSAGE, NOW, tokenOf } from './vectors.ts'
import { holds } from '../support/property.ts'

describe('POST /messages', () => {
  it('stores a message for the local user: 201', async () => {
    const { post, alice } = createNeighbours()
    const response = await post(tokenOf())
    assert.equal(response.status, 201)
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
    assert.deepEqual(
      alice.told.map(({ message }) => message),
      [MESSAGE],
    )
  })

  it('finds the local user in any case', async () => {
    const { post, alice } = createNeighbours()
    const { token, body } = signed({ to: ['ALICE@Alice.example', MESSAGE.from] })
    assert.equal((await post(token, { body })).status, 201)
    assert.equal(alice.inbox.size, 1)
  })

  it('takes 64 kB, and not a byte more (413)', async () => {
    const { post } = createNeighbours()
    const padding = (bytes: number) => {
      const empty = signed({ message: '' }).body.byteLength
      return signed({ message: 'x'.repeat(bytes - empty) })
    }
    const most = padding(65_536)
    assert.equal(most.body.byteLength, 65_536)
    assert.equal((await post(most.token, { body: most.body })).status, 201)
    const more = padding(65_537)
    assert.equal((await post(more.token, { body: more.body })).status, 413)
  })

  it('takes JSON, whatever its type is said to be: the document names none', async () => {
    for (const type of [
      'application/json',
      'application/x+json',
      'text/plain;charset=UTF-8',
      'application/x-www-form-urlencoded',
      '',
    ]) {
      assert.equal((await createNeighbours().post(tokenOf(), { type })).status, 201, type)
    }
    const form = { type: 'application/x-www-form-urlencoded', body: Buffer.from('message=Hello') }
    const token = tokenOf({ payload: { sha256: undefined } })
    assert.equal((await createNeighbours().post(token, form)).status, 400)
  })

  it('refuses what is no message: 400', async () => {
    for (const body of ['', '{', '[]', '{}', '{"to":1}', '\u0000']) {
      const { post, log } = createNeighbours()
      const token = tokenOf({ payload: { sha256: undefined } })
      assert.equal((await post(token, { body: Buffer.from(body) })).status, 400, body)
      assert.deepEqual(log, [])
    }
  })

  it('refuses a message from the future: 400', async () => {
    const at = (seconds: number) =>
      signed({ sentAt: new Date(NOW.getTime() + seconds * 1000).toISOString() })
    const { post } = createNeighbours()
    assert.equal((await post(at(300).token, at(300))).status, 201)
    assert.equal((await post(at(301).token, at(301))).status, 400)
  })

  it("takes the time of a sender's clock that is ahead of UTC and does not say so", async () => {
    const { post, alice } = createNeighbours()
    const inTwoHours = new Date(NOW.getTime() + 2 * 60 * 60 * 1000).toISOString()
    const local = signed({ sentAt: inTwoHours.slice(0, 19) })
    assert.equal((await post(local.token, local)).status, 201)
    const [{ published = '' } = {}] = alice.inbox.values()
    assert.equal(published.slice(0, 19), NOW.toISOString().slice(0, 19))
    const inUtc = signed({ sentAt: inTwoHours })
    assert.equal((await post(inUtc.token, inUtc)).status, 400)
  })

  it('refuses a "from" that is not in "to": 403', async () => {
    const { post, alice } = createNeighbours()
    const { token, body } = signed({ to: ['alice@alice.example'] })
    assert.equal((await post(token, { body })).status, 403)
    assert.equal(alice.inbox.size, 0)
  })

  it('refuses a message that is for nobody here: 403', async () => {
    const { post, log } = createNeighbours()
    const { token, body } = signed({ to: ['carol@carol.example', MESSAGE.from] })
    assert.equal((await post(token, { body })).status, 403)
    assert.deepEqual(log, [])
  })

  it('refuses a message from our own user that another provider brings', async () => {
    const { post, log, alice } = createNeighbours()
    const from = 'alice@alice.example'
    const { body } = signed({ from })
    const payload = { sub: from, iss: 'alice.example', sha256: undefined }
    assert.equal((await post(tokenOf({ payload }), { body })).status, 401)
    assert.deepEqual(log, [])
    assert.equal(alice.inbox.size, 0)
  })

  it('refuses a message whose "from" is another user of the same provider than "sub": 403', async () => {
    const { post } = createNeighbours()
    const carol = 'carol@bob.example'
    const { token, body } = signed({ from: carol, to: ['alice@alice.example', carol] })
    assert.equal((await post(token, { body })).status, 403)
    const own = tokenOf({ payload: { sub: carol, sha256: undefined } })
    assert.equal((await post(own, { body })).status, 201)
  })

  it('refuses a body that was changed on the way: 401', async () => {
    const { post, alice } = createNeighbours()
    const { body } = signed({ message: 'Send money' })
    assert.equal((await post(tokenOf(), { body })).status, 401)
    assert.equal(alice.inbox.size, 0)
    assert.equal((await post(tokenOf(), { body: BODY })).status, 201)
  })

  it('says neither token nor message in a refusal', async () => {
    const { post } = createNeighbours()
    const token = tokenOf({ payload: { aud: 'carol.example' } })
    const text = await (await post(token)).text()
    assert.ok(!text.includes(token.slice(0, 20)) && !text.includes(MESSAGE.message))
    assert.match(text, /"error"/)
  })
})

describe('a message that comes again', () => {
  it('with the same id of the same sender is answered 201, and kept once', async () => {
    const { post, alice } = createNeighbours()
    for (const message of ['one', 'two']) {
      const { token, body } = signed({ id: 'x', message })
      assert.equal((await post(token, { body })).status, 201)
    }
    assert.deepEqual(
      alice.told.map(({ message }) => message.message),
      ['one'],
    )
    const { token, body } = signed({ id: 'y' })
    await post(token, { body })
    assert.equal(alice.inbox.size, 2)
  })

  it('with the same id of another sender is another message', async () => {
    const { post, alice } = createNeighbours()
    for (const from of ['bob@bob.example', 'carol@bob.example']) {
      const { body } = signed({ id: 'x', from, to: ['alice@alice.example', from] })
      const token = tokenOf({ payload: { sub: from, sha256: undefined } })
      assert.equal((await post(token, { body })).status, 201)
    }
    assert.equal(alice.inbox.size, 2)
  })

  it('without an id is known by what it says and when it was sent', async () => {
    const { post, alice } = createNeighbours()
    for (const changed of [
      {},
      {},
      { message: 'x' },
      { sentAt: '2026-11-21T11:59:58Z' },
      { to: [...MESSAGE.to, 'carol@x.example'] },
      { messageFormatted: 'x' },
    ]) {
      const { token, body } = signed(changed)
      assert.equal((await post(token, { body })).status, 201)
    }
    assert.equal(alice.told.length, 5)
  })

  it('at the same moment is not said to be kept before it is', async () => {
    let keep = () => {}
    const kept = new Promise<void>((resolve) => (keep = resolve))
    let begin = () => {}
    const begun = new Promise<void>((resolve) => (begin = resolve))
    const { post, alice } = createNeighbours({
      sink: {
        accept: async (key, message) => {
          begin()
          await kept
          alice.inbox.set(key, message)
        },
      },
    })
    const [one, other, later] = [signed({ id: 'x' }), signed({ id: 'x' }), signed({ id: 'x' })]
    const first = post(one.token, one)
    await begun
    const second = await post(other.token, other)
    assert.deepEqual([second.status, second.headers.get('retry-after')], [503, '30'])
    keep()
    assert.equal((await first).status, 201)
    assert.equal((await post(later.token, later)).status, 201)
    assert.equal(alice.told.length, 1)
  })

  it('is taken again where the process died before it was kept', async () => {
    let seconds = 0
    let isDead = true
    let begin = () => {}
    const begun = new Promise<void>((resolve) => (begin = resolve))
    const now = () => new Date(NOW.getTime() + seconds * 1000)
    const { post, alice } = createNeighbours({
      now,
      sink: {
        accept: async (key, message) => {
          begin()
          if (isDead) await new Promise(() => {})
          alice.inbox.set(key, message)
        },
      },
    })
    const [cutOff, again] = [signed({ id: 'x' }), signed({ id: 'x' })]
    void post(cutOff.token, cutOff)
    await begun
    isDead = false
    const atOnce = await post(cutOff.token, cutOff)
    assert.deepEqual([atOnce.status, atOnce.headers.get('retry-after')], [401, '30'])
    seconds = 30
    assert.equal((await post(cutOff.token, cutOff)).status, 201, 'with the same token')
    assert.equal((await post(again.token, again)).status, 201)
    assert.deepEqual([alice.inbox.size, alice.told.length], [1, 1])
    assert.equal((await post(cutOff.token, cutOff)).status, 401, 'it is used up')
  })

  it('is remembered for thirty days', async () => {
    let days = 0
    const now = () => new Date(NOW.getTime() + days * 24 * 60 * 60 * 1000)
    const { post, alice } = createNeighbours({ now })
    const send = async () => {
      const body = Buffer.from(JSON.stringify({ ...MESSAGE, id: 'x' }))
      const exp = now().getTime() / 1000 + 60
      const iat = undefined
      const payload = { exp, iat, nbf: undefined, sha256: undefined, jti: randomUUID() }
      assert.equal((await post(tokenOf({ payload }), { body })).status, 201)
      return alice.told.length
    }
    assert.equal(await send(), 1)
    days = 29
    assert.equal(await send(), 1)
    days = 31
    assert.equal(await send(), 2)
  })

  it('is taken again where it could not be kept the first time', async () => {
    let isBroken = true
    const kept: string[] = []
    const accept = async (key: string) => {
      if (isBroken) throw new Error('the disk is full')
      kept.push(key)
    }
    const { post } = createNeighbours({ sink: { accept } })
    const { token, body } = signed({ id: 'x' })
    await assert.rejects(post(token, { body }), /the disk is full/)
    isBroken = false
    const again = signed({ id: 'x' })
    assert.equal((await post(again.token, again)).status, 201)
    assert.deepEqual(kept, ['intertalk bob@bob.example x'])
  })
})

describe('what somebody can find out', () => {
  it('a user that there is not is told nothing of: 202, and the message is dropped', async () => {
    const { post, alice, log } = createNeighbours()
    const unknown = signed({ to: ['nobody@alice.example', MESSAGE.from] })
    const answer = await post(unknown.token, unknown)
    assert.equal(answer.status, 202)
    assert.equal(alice.inbox.size + alice.told.length, 0)

    const known = signed({})
    const other = await post(known.token, known)
    assert.deepEqual([...answer.headers.keys()], [...other.headers.keys()])
    assert.equal(log.length, 1, 'both were verified')
    const bad = tokenOf({ payload: { aud: 'x.example' } })
    assert.equal((await post(bad, unknown)).status, 403, 'nobody learns it without a token')
  })

  for (const denied of ['bob@bob.example', 'bob.example']) {
    it(`${denied}, denied, hears what everybody hears, and leaves no trace`, async () => {
      const { post, alice } = createNeighbours({ denied: [denied] })
      const open = createNeighbours()
      const token = () => tokenOf({ payload: { jti: randomUUID() } })
      const [answer, other] = [await post(token()), await open.post(token())]
      assert.equal(answer.status, other.status)
      assert.equal(await answer.text(), await other.text())
      assert.deepEqual([...answer.headers], [...other.headers])
      assert.equal(alice.inbox.size + alice.told.length, 0)
      assert.equal(open.alice.inbox.size, 1)
      assert.deepEqual(await alice.store.list('intertalk-message-seen/'), [])
      const forged = await post(tokenOf({ signer: () => Buffer.alloc(64) }))
      assert.equal(forged.status, 401, 'a forger learns nothing of it either')
    })
  }

  it('an allowed address of a denied domain gets through, and nobody else there', async () => {
    const policy = compilePolicy({
      ...{ allow: ['bob@bob.example'], deny: ['bob.example'] },
      ...{ hold: [], otherwise: 'hold' as const },
    })
    const { isDenied } = createSenderPolicy(
      policy,
      openDecisions(createMemoryStore({ now: () => NOW })),
    )
    const { post, alice } = createNeighbours({ isDenied })
    const carol = 'carol@bob.example'
    const { body } = signed({ from: carol, to: ['alice@alice.example', carol] })
    const denied = tokenOf({ payload: { sub: carol, sha256: undefined } })
    assert.equal((await post(denied, { body })).status, 201)
    assert.equal(alice.inbox.size + alice.told.length, 0)
    assert.equal((await post(tokenOf())).status, 201)
    assert.equal(alice.inbox.size, 1)
  })

  it('what the inbox does not take is shown nowhere else', async () => {
    const { post, alice } = createNeighbours({ sink: { accept: async () => {} } })
    assert.equal((await post(tokenOf())).status, 201)
    assert.deepEqual(alice.told, [])
  })

  it('one sender may write sixty messages in a minute: then 429', async () => {
    let seconds = 0
    const now = () => new Date(NOW.getTime() + seconds * 1000)
    const { post, alice } = createNeighbours({ now })
    const send = (from: string) => {
      const { body } = signed({ id: randomUUID(), from, to: ['alice@alice.example', from] })
      return post(tokenOf({ payload: { sub: from, sha256: undefined } }), { body })
    }
    for (let at = 0; at < 60; at++) assert.equal((await send('bob@bob.example')).status, 201)
    const response = await send('bob@bob.example')
    assert.equal(response.status, 429)
    assert.equal(response.headers.get('retry-after'), '60')
    assert.equal((await send('carol@bob.example')).status, 201)
    assert.equal(alice.inbox.size, 61)
    seconds = 60
    assert.equal((await send('bob@bob.example')).status, 201)
  })
})

describe('the message in the inbox', () => {
  async function receive(changed: Record<string, unknown>) {
    const { post, alice } = createNeighbours()
    const { token, body } = signed(changed)
    assert.equal((await post(token, { body })).status, 201)
    const [[key, message] = []] = alice.inbox
    assert.ok(key !== undefined && message)
    return { key, message }
  }

  it('is private, and says whom it is from and for', async () => {
    const { key, message } = await receive({ id: 'x/1' })
    assert.equal(key, 'intertalk bob@bob.example x/1')
    assert.deepEqual(message, {
      protocol: 'intertalk',
      source: 'intertalk:bob@bob.example/x%2F1',
      sender: 'bob@bob.example',
      audience: MESSAGE.to,
      target: 'https://alice.example/',
      author: { name: 'bob@bob.example' },
      type: 'message',
      privacy: 'private',
      host: 'bob.example',
      text: 'Where are you?',
      html: '<p>Where <em>are</em> you?</p>',
      published: MESSAGE.sentAt,
      threadRoot: `intertalk:${conversationId(MESSAGE)}`,
    })
  })

  it('is a reply where it answers a page of ours', async () => {
    const page = 'https://alice.example/private/dinner/'
    const { message } = await receive({ inReplyTo: page })
    assert.equal(message.type, 'reply')
    assert.equal(message.target, page)
    assert.equal(message.inReplyTo, page)
    assert.equal(message.threadRoot, undefined)
  })

  it('is a message where it answers our home page, or what is not ours', async () => {
    for (const [inReplyTo, target] of [
      ['https://alice.example/', 'https://alice.example/'],
      ['https://carol.example/1', 'https://alice.example/'],
      ['intertalk:alice@alice.example/1', 'https://alice.example/'],
    ]) {
      const { message } = await receive({ inReplyTo })
      assert.equal(message.type, 'message')
      assert.equal(message.target, target)
      assert.equal(message.inReplyTo, inReplyTo)
      assert.match(message.threadRoot ?? '', /^intertalk:/)
    }
    const { message } = await receive({ inReplyTo: 'javascript:alert(1)' })
    assert.equal(message.inReplyTo, undefined)
  })

  it("stands at its own address only where that is at the sender's provider", async () => {
    const own = 'https://bob.example/notes/1'
    assert.equal((await receive({ id: 'x', url: own })).message.source, own)
    for (const url of ['https://eve.example/1', 'http://bob.example/1', 'https://x.bob.example/']) {
      const { source } = (await receive({ id: 'x', url })).message
      assert.equal(source, 'intertalk:bob@bob.example/x')
    }
  })

  it('has no address that would be too long for an inbox, whatever its id and its links', async () => {
    const long = `https://alice.example/${'漢'.repeat(1000)}`
    const { message } = await receive({ id: '漢'.repeat(255), inReplyTo: long, url: long })
    assert.match(message.source, /^intertalk:bob@bob\.example\/[\da-f]{64}$/)
    assert.equal(message.target, 'https://alice.example/')
    const own = `https://bob.example/${'漢'.repeat(1000)}`
    assert.equal(
      (await receive({ id: 'x', url: own })).message.source,
      'intertalk:bob@bob.example/x',
    )
  })

  it('of several conversations is told apart by who is in them', async () => {
    const alone = await receive({})
    const group = await receive({ to: [...MESSAGE.to, 'carol@x.example'] })
    assert.notEqual(alone.message.threadRoot, group.message.threadRoot)
    assert.deepEqual(group.message.audience, [...MESSAGE.to, 'carol@x.example'])
  })
})

describe('the receiver', () => {
  it('never breaks, whatever comes (property)', async (t) => {
    const { post, answers } = createNeighbours()
    const status = fc.constantFrom(200, 200, 200, 204, 301, 404, 500)
    const answer = fc.record({ status, text: fc.oneof(fc.json(), fc.string({ unit: 'binary' })) })
    const part = fc.oneof(
      fc.anything(),
      fc.constantFrom('alice.example', 'bob.example', 'bob@bob.example', MESSAGE.to),
    )
    const payload = fc.record(
      { aud: part, iss: part, sub: part, exp: part, nbf: part, jti: part, sha256: part },
      { requiredKeys: [] },
    )
    const header = fc.record(
      { alg: fc.oneof(part, fc.constantFrom('RS256', 'EdDSA', 'none')), kid: part, crit: part },
      { requiredKeys: [] },
    )
    const message = fc.record(
      { to: part, from: part, sentAt: part, message: part, format: part, id: part },
      { requiredKeys: [] },
    )
    const text = fc.string({ unit: 'binary' })
    await holds(
      t,
      fc.asyncProperty(answer, payload, header, message, text, async (key, ...parts) => {
        const [claims, head, changed, junk] = parts
        const body = key.status === 204 ? null : key.text
        answers.set('/keys', () => new Response(body, { status: key.status }))
        answers.set('/keys/ec', () => new Response(body, { status: key.status }))
        const good = tokenOf({ payload: { sha256: undefined } })
        const attempts = [
          await post(tokenOf({ payload: claims, header: head })),
          await post(good, { body: Buffer.from(JSON.stringify({ ...MESSAGE, ...changed })) }),
          await post(good, { body: Buffer.from(junk) }),
          await post(Buffer.from(junk).toString('base64url')),
        ]
        for (const { status } of attempts) assert.ok(status < 500, String(status))
      }),
      { numRuns: 300 },
    )
  })
})
