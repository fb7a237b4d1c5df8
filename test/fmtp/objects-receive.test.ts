import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Message } from '../../lib/delivery/message.ts'
import { encryptJwe, type Attributes } from '../support/fmtp-peer.ts'
import { createScene, letterOf, POSTS, SERVER } from '../support/fmtp-site.ts'

const ALICE = 'alice@alice.example'
const REQUIRED = { settings: { fmtp: { encrypt: 'required', children: [] as string[] } } } as const

type Scene = ReturnType<typeof createScene>

/** Alice's ENCRYPT-METHOD, as everybody can look it up. */
async function methodOf({ get }: Scene): Promise<string> {
  const user = (await (await get(`objects/${ALICE}`)).json()) as Attributes
  return String(user['ENCRYPT-METHOD'])
}

const only = ({ inbox }: Scene): Message | undefined => [...inbox.values()][0]

describe('POST objects: "Here is a message for lost@lenore.org from edgar@poe.net"', () => {
  it('takes it into the inbox: "Thanks."', async () => {
    const scene = createScene()
    const attributes = {
      SUBJECT: 'Dinner?',
      BODY: { text: 'At eight?', html: '<p>At <b>eight</b>?<script>x()</script></p>' },
    }
    const response = await scene.bob.send(
      SERVER,
      await scene.session(),
      scene.letter(attributes, { nonce: '1239583738491' }),
    )
    assert.equal(response.status, 202)
    assert.deepEqual(await response.json(), { ANSWER: 'Thanks.' })
    assert.deepEqual([...scene.inbox.keys()], ['fmtp 1239583738491.bob@bob.example'])
    assert.deepEqual(only(scene), {
      protocol: 'fmtp',
      source: 'fmtp:1239583738491.bob@bob.example',
      sender: 'bob@bob.example',
      audience: [ALICE],
      target: 'https://alice.example/',
      author: { name: 'Bob Builder' },
      type: 'message',
      privacy: 'private',
      host: 'bob.example',
      title: 'Dinner?',
      text: 'At eight?',
      html: '<p>At <b>eight</b>?</p>',
      published: '2026-11-21T12:00:00.000Z',
    })
  })

  it('needs a greeting first (401)', async () => {
    const { post, letter, session, inbox } = createScene()
    assert.equal((await post('objects', letter())).status, 401)
    assert.equal((await post('objects', letter(), 'xxxxxxx')).status, 401)
    assert.equal(inbox.size, 0)
    assert.equal((await post('objects', letter(), await session())).status, 202)
  })

  it('takes no session that is over, nor a token of another kind (401)', async () => {
    const { post, letter, session, inbox, secrets, wait } = createScene()
    const call = await secrets.issue('call', { purpose: 'fmtp' })
    assert.equal((await post('objects', letter(), call)).status, 401)
    const token = await session()
    wait(601)
    assert.equal((await post('objects', letter(), token)).status, 401)
    assert.equal(inbox.size, 0)
    assert.equal((await post('objects', letter(), await session())).status, 202)
  })

  it('takes what somebody else brings, as a parent does, if its author has signed it', async () => {
    const scene = createScene()
    const token = await scene.session(scene.eve)
    assert.equal((await scene.eve.send(SERVER, token, scene.letter())).status, 202)
    assert.equal(only(scene)?.host, 'bob.example')
    assert.deepEqual(only(scene)?.hosts, ['eve.example'])
  })

  it('takes user objects alone: who is online tells their friends', async () => {
    const { bob, bobUser, session, inbox, store, letter } = createScene()
    const DATE = '2026-11-21T12:00:00Z'
    const online = bob.signed({ TYPE: 'user', ADDRESS: bobUser.address, DATE, STATUS: 'online' })
    const kept = async () => JSON.stringify(await store.list('fmtp-object/'))
    assert.equal((await bob.send(SERVER, await session(), [online])).status, 202)
    assert.equal(await kept(), '[]', 'of strangers there is no end')
    assert.equal((await bob.send(SERVER, await session(), letter())).status, 202)
    assert.doesNotMatch(await kept(), /online/)
    assert.equal((await bob.send(SERVER, await session(), [online])).status, 202)
    assert.match(await kept(), /online/)
    assert.equal(inbox.size, 1)
  })

  it('remembers no user object that is larger than any has to be', async () => {
    const { bob, bobUser, session, inbox, store, letter } = createScene()
    bobUser.attributes['QUOTE'] = 'x'.repeat(64 * 1024)
    assert.equal((await bob.send(SERVER, await session(), letter())).status, 202)
    assert.deepEqual(await store.list('fmtp-object/'), [])
    assert.equal(inbox.size, 1)
  })

  it("remembers a user object only from the user's own server: others may have kept an old one", async () => {
    const { eve, session, store, letter } = createScene()
    assert.equal((await eve.send(SERVER, await session(eve), letter())).status, 202)
    assert.equal((await store.list('fmtp-object/')).length, 0)
  })
})

describe('an object that is refused (403), and leaves nothing behind', () => {
  const forge = (change: (letter: Attributes[], scene: Scene) => readonly Attributes[]) => change
  for (const [name, change] of [
    [
      'a message that was changed',
      forge(([user = {}, message]) => [user, { ...message, BODY: 'x' }]),
    ],
    [
      'a message whose TO was changed on the way',
      forge(([user = {}, message]) => [user, { ...message, TO: [ALICE, 'eve@eve.example'] }]),
    ],
    [
      'a message without a signature',
      forge(([user = {}, { SIGNATURE: _, ...rest } = {}]) => [user, rest]),
    ],
    [
      'a user object without a signature',
      forge(([{ SIGNATURE: _, ...rest } = {}, message = {}]) => [rest, message]),
    ],
    [
      'a user object that was changed',
      forge(([user, message = {}]) => [{ ...user, 'GIVEN-NAME': 'Eve' }, message]),
    ],
    [
      'a message that another domain has signed, with a session of its own',
      forge(([user = {}, message = {}], { eve }) => [user, eve.signed({ ...message, HASH: '' })]),
    ],
    [
      'a user of another domain, who is not its to introduce',
      forge((_, { eve, bob, bobUser }) => [
        eve.signed({ TYPE: 'user', ADDRESS: bobUser.address }),
        bob.messageObject({ from: bobUser.address, to: [ALICE] }),
      ]),
    ],
    [
      'an ID of somebody else',
      forge(([user = {}, message = {}], { bob }) => [
        user,
        bob.signed({ ...message, ID: '1.eve@eve.example' }),
      ]),
    ],
    [
      'a message for nobody of this domain',
      forge(([user = {}, message = {}], { bob }) => [
        user,
        bob.signed({ ...message, TO: ['eve@eve.example'] }),
      ]),
    ],
    [
      'a domain that publishes no key',
      forge(([user = {}, message = {}], { records }) => {
        records.set('fmtpkey.bob.example', ['v=FMTP1; p='])
        return [user, message]
      }),
    ],
    [
      'a key that DNS has from somebody else',
      forge(([user = {}, message = {}], { records, eve }) => {
        records.set('fmtpkey.bob.example', [eve.record])
        return [user, message]
      }),
    ],
  ] as const) {
    it(name, async () => {
      const scene = createScene()
      const token = await scene.session(scene.eve)
      const letter = scene.letter()
      const refused = await scene.post('objects', change(letter, scene), token)
      assert.equal(refused.status, 403)
      assert.equal(scene.inbox.size, 0)
      scene.records.set('fmtpkey.bob.example', [scene.bob.record])
      scene.wait(300)
      const again = await scene.session(scene.eve)
      assert.equal((await scene.post('objects', scene.letter(), again)).status, 202)
      assert.equal(scene.inbox.size, 1)
    })
  }

  it('all of them, if one of them is', async () => {
    const { bob, bobUser, session, letter, inbox } = createScene()
    const bad = { ...bob.messageObject({ from: bobUser.address, to: [ALICE] }), SUBJECT: 'x' }
    const refused = await bob.send(SERVER, await session(), [...letter(), bad])
    assert.equal(refused.status, 403)
    assert.equal(inbox.size, 0)
  })

  it('one that says to be ours', async () => {
    const { eve, letter, session, inbox, post } = createScene()
    const [, message = {}] = letter()
    const ours = [
      eve.signed({ TYPE: 'user', ADDRESS: ALICE }),
      eve.signed({ ...message, ID: `1.${ALICE}`, FROM: ALICE }),
    ]
    assert.equal((await post('objects', ours, await session(eve))).status, 403)
    assert.equal(inbox.size, 0)
  })
})

describe('a request that is not of the expected form (400)', () => {
  for (const [name, value] of [
    ['no list', (scene: Scene) => scene.letter()[1]],
    ['an empty list', () => []],
    ['eleven objects', (scene: Scene) => Array(11).fill(scene.letter()[0])],
    ['a greeting', (scene: Scene) => [scene.bob.greetingTo('alice.example')]],
    ['a server', (scene: Scene) => [scene.bob.signed({ TYPE: 'server', SERVER: 'bob.example' })]],
    ['a message without its author', (scene: Scene) => scene.letter().slice(1)],
    [
      'a message with the user object of somebody else',
      (scene: Scene) => [scene.eve.userObject(scene.eveUser), scene.letter()[1]],
    ],
    ['a message from the future', (scene: Scene) => dated(scene, '2026-11-21T12:05:01Z')],
    ['a message that says nothing', (scene: Scene) => signedBy(scene, { BODY: undefined })],
    [
      'a message that is encrypted, and is not',
      (scene: Scene) => signedBy(scene, { ENCRYPTED: 'x' }),
    ],
    ['a name of an attribute that is none', (scene: Scene) => signedBy(scene, { subject: 'x' })],
    [
      'prototype keys',
      (scene: Scene) =>
        JSON.stringify(scene.letter()).replace('{', '{"__proto__":{"BODY":"x"},"constructor":1,'),
    ],
    ['JSON that is nested a thousand deep', () => `${'['.repeat(1000)}${']'.repeat(1000)}`],
    [
      'an attribute that is',
      (scene: Scene) => signedBy(scene, { X: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) }),
    ],
    ['no JSON', () => '[{"TYPE":'],
    ['nothing', () => ''],
  ] as const) {
    it(name, async () => {
      const scene = createScene()
      const token = await scene.session()
      assert.equal((await scene.post('objects', value(scene), token)).status, 400)
      assert.equal(scene.inbox.size, 0)
      assert.equal((await scene.post('objects', scene.letter(), token)).status, 202)
    })
  }

  it('is told what is wrong with it', async () => {
    const scene = createScene()
    const token = await scene.session()
    for (const [value, words] of [
      [signedBy(scene, { subject: 'x' }), /names of attributes are capitals/],
      [signedBy(scene, { DATE: 'yesterday' }), /its DATE is missing, or not of the expected form/],
      [signedBy(scene, { BODY: 7 }), /its BODY is missing, or not of the expected form/],
      [[{ TYPE: 'letter' }], /its TYPE is missing, or not of the expected form/],
      [['x'], /it is no JSON object/],
    ] as const) {
      const response = await scene.post('objects', value, token)
      assert.match(await response.text(), words)
      assert.equal(response.status, 400)
    }
  })

  it('takes a message without a date', async () => {
    const scene = createScene()
    const [user = {}, { DATE: _, HASH: _h, ...message } = {}] = scene.letter()
    const undated = [user, scene.bob.signed(message)]
    assert.equal((await scene.post('objects', undated, await scene.session())).status, 202)
    assert.ok(!('published' in (only(scene) ?? {})))
  })

  it('takes a message that is dated four minutes ahead', async () => {
    const scene = createScene()
    const letter = dated(scene, '2026-11-21T12:04:59Z')
    assert.equal((await scene.post('objects', letter, await scene.session())).status, 202)
  })

  it('is 413 for more than is ever needed, and 415 for what is no JSON by its own account', async () => {
    const scene = createScene()
    const token = await scene.session()
    const long = scene.letter({ BODY: { text: 'x'.repeat(700_000) } })
    assert.equal((await scene.post('objects', long, token)).status, 413)
    assert.equal((await scene.post('greeting', 'x'.repeat(20_000))).status, 413)
    const form = await scene.alice(
      new Request(`${SERVER}/objects`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: new URLSearchParams({ a: 'b' }),
      }),
    )
    assert.equal(form.status, 415)
    const fitting = scene.letter({ BODY: { text: 'x'.repeat(100_000) } })
    assert.equal((await scene.post('objects', fitting, token)).status, 202)
  })

  it('is 429 for more than sixty a minute from one server, and for nobody else', async () => {
    const { post, session, eve } = createScene()
    const token = await session()
    for (let at = 0; at < 60; at++) assert.equal((await post('objects', [], token)).status, 400)
    const response = await post('objects', [], token)
    assert.equal(response.status, 429)
    assert.ok(Number(response.headers.get('retry-after')) > 0)
    assert.equal((await post('objects', [], await session(eve))).status, 400)
  })

  function signedBy({ bob, letter }: Scene, change: Record<string, unknown>) {
    const [user, message] = letter()
    const changed = JSON.parse(JSON.stringify({ ...message, ...change })) as Attributes
    return [user, bob.signed(changed)]
  }

  function dated(scene: Scene, DATE: string) {
    return signedBy(scene, { DATE })
  }
})

describe('"come back later" (503)', () => {
  it('is the answer where the key of an author could not be asked for', async () => {
    const { post, letter, session, records, inbox, eve, bob } = createScene()
    const token = await session(eve)
    records.set('fmtpkey.bob.example', 'failure')
    const response = await post('objects', letter(), token)
    assert.equal(response.status, 503)
    assert.equal(response.headers.get('retry-after'), '60')
    assert.equal(inbox.size, 0)
    records.set('fmtpkey.bob.example', [bob.record])
    assert.equal((await post('objects', letter(), token)).status, 202)
  })
})

describe('objects of many domains', () => {
  it('are verified all at once, so that ten that let us wait are no longer than one', async () => {
    const scene = createScene()
    const token = await scene.session()
    let [waiting, most] = [0, 0]
    const { txt } = scene.options.resolver
    Object.assign(scene.options.resolver, {
      txt: async (name: string) => {
        most = Math.max(most, ++waiting)
        await new Promise((resolve) => setTimeout(resolve, 5))
        waiting--
        return txt(name)
      },
    })
    const users = Array.from({ length: 10 }, (_, at) => {
      const peer = scene.peerAt(`b${Math.floor(at / 2)}.example`)
      return peer.userObject(peer.addUser('bob'))
    })
    const own = users.filter((_, at) => at % 2 === 1)
    assert.equal((await scene.post('objects', own, token)).status, 202)
    assert.equal(most, 5)
    assert.equal(new Set(scene.asked).size, scene.asked.length, 'each domain is asked once')
  })
})

describe('users and lists cannot be probed: the answer is always the same', () => {
  async function answerTo(scene: Scene, to: string) {
    const { bob, bobUser, session } = scene
    const letter = [bob.userObject(bobUser), bob.messageObject({ from: bobUser.address, to: [to] })]
    const response = await bob.send(SERVER, await session(), letter)
    return [response.status, await response.text(), [...response.headers]]
  }

  it('for a user whom we do not know, and nothing is kept', async () => {
    const known = createScene()
    const unknown = createScene()
    assert.deepEqual(await answerTo(unknown, 'nobody@alice.example'), await answerTo(known, ALICE))
    assert.equal(known.inbox.size, 1)
    assert.equal(unknown.inbox.size, 0)
    assert.equal((await unknown.store.list('fmtp-seen/')).length, 0)
  })

  for (const denied of ['bob@bob.example', '@bob.example']) {
    it(`for who is on the blacklist as ${denied}, and nothing is kept`, async () => {
      const known = createScene()
      const blocked = createScene({ denied: [denied] })
      assert.deepEqual(await answerTo(blocked, ALICE), await answerTo(known, ALICE))
      assert.equal(known.inbox.size, 1)
      assert.equal(blocked.inbox.size, 0)
      assert.equal((await blocked.store.list('fmtp-seen/')).length, 0)
      assert.equal((await blocked.store.list('fmtp-object/')).length, 0)
    })
  }

  it('for a forged message of somebody on the blacklist, which is refused as every forged one', async () => {
    const { letter, session, post } = createScene({ denied: ['bob.example'] })
    const [user, message] = letter()
    const forged = [user, { ...message, SUBJECT: 'x' }]
    assert.equal((await post('objects', forged, await session())).status, 403)
  })

  it('for a server on the blacklist that brings what a friend has signed', async () => {
    const blocked = createScene({ denied: ['eve.example'] })
    const token = await blocked.session(blocked.eve)
    assert.equal((await blocked.post('objects', blocked.letter(), token)).status, 202)
    assert.equal(blocked.inbox.size, 0)
    const own = await blocked.session()
    assert.equal((await blocked.post('objects', blocked.letter(), own)).status, 202)
    assert.equal(blocked.inbox.size, 1)
  })

  it('and who is allowed writes from a domain that is not', async () => {
    const scene = createScene()
    const isDenied = async (address: string) => address !== 'bob@bob.example'
    const { createFmtpEndpoint } = await import('../../lib/fmtp/endpoint.ts')
    scene.sites['https://alice.example'] = createFmtpEndpoint({ ...scene.options, isDenied })
    assert.equal((await scene.bob.send(SERVER, await scene.session(), scene.letter())).status, 202)
    assert.equal(scene.inbox.size, 1)
  })
})

describe('ENCRYPT-POLICY', () => {
  it('required: takes a message that is encrypted to the key in ENCRYPT-METHOD', async () => {
    const scene = createScene(REQUIRED)
    const method = await methodOf(scene)
    const letter = scene.letter({ SUBJECT: 'Psst', BODY: { text: 'At eight.' } }, { method })
    assert.equal(letter[1]?.['BODY'], undefined)
    assert.equal((await scene.bob.send(SERVER, await scene.session(), letter)).status, 202)
    assert.equal(only(scene)?.text, 'At eight.')
    assert.equal(only(scene)?.title, 'Psst')
  })

  it('required: refuses a plain one (403), and says why', async () => {
    const scene = createScene(REQUIRED)
    const refused = await scene.bob.send(SERVER, await scene.session(), scene.letter())
    assert.equal(refused.status, 403)
    assert.match(await refused.text(), /have to be encrypted: see ENCRYPT-METHOD/)
    assert.equal(scene.inbox.size, 0)
  })

  for (const encrypt of ['optional', 'none'] as const) {
    it(`${encrypt}: takes a plain one`, async () => {
      const scene = createScene({ settings: { fmtp: { encrypt, children: [] } } })
      assert.equal(
        (await scene.bob.send(SERVER, await scene.session(), scene.letter())).status,
        202,
      )
      assert.equal(scene.inbox.size, 1)
    })
  }

  it('optional: takes an encrypted one', async () => {
    const scene = createScene()
    const letter = scene.letter({}, { method: await methodOf(scene) })
    assert.equal((await scene.bob.send(SERVER, await scene.session(), letter)).status, 202)
    assert.equal(only(scene)?.text, 'Hello.')
  })

  for (const [name, content] of [
    [
      'to another key',
      (_: string, { eve }: Scene, id: string) => encryptJwe({ BODY: 'x' }, eve.encryptMethod, id),
    ],
    [
      'for another message, from which it was taken',
      (method: string) => encryptJwe({ BODY: 'x' }, method, '2.bob@bob.example'),
    ],
    ['with nothing in it', (method: string, _: Scene, id: string) => encryptJwe({}, method, id)],
    [
      'with something else in it',
      (method: string, _: Scene, id: string) => encryptJwe([1], method, id),
    ],
    ['that is no JWE', () => 'x.y.z'],
    [
      'with an empty key',
      () => `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')}....`,
    ],
  ] as const) {
    it(`refuses (403) a content encrypted ${name}`, async () => {
      const scene = createScene(REQUIRED)
      const method = await methodOf(scene)
      const [user = {}, message = {}] = scene.letter({}, { method, nonce: '1' })
      const changed = { ...message, ENCRYPTED: content(method, scene, '1.bob@bob.example') }
      const token = await scene.session()
      const refused = await scene.bob.send(SERVER, token, [user, scene.bob.signed(changed)])
      assert.equal(refused.status, 403)
      assert.match(await refused.text(), /not encrypted to the key/)
      assert.equal(scene.inbox.size, 0)
      assert.equal((await scene.bob.send(SERVER, token, [user, message])).status, 202)
    })
  }

  it("does not let somebody sign another's encrypted words as their own", async () => {
    const scene = createScene(REQUIRED)
    const { eve, eveUser } = scene
    const [, message = {}] = scene.letter({}, { method: await methodOf(scene), nonce: '1' })
    const stolen = eve.signed({ ...message, FROM: eveUser.address, ID: `1.${eveUser.address}` })
    const letter = [eve.userObject(eveUser), stolen]
    assert.equal((await eve.send(SERVER, await scene.session(eve), letter)).status, 403)
    assert.equal(scene.inbox.size, 0)
  })
})

describe('a message is named by its ID for ever', () => {
  it('the same one again is the same: nothing happens', async () => {
    let deliveries = 0
    const scene = createScene({ deliver: async () => void deliveries++ })
    const letter = scene.letter({}, { nonce: '1' })
    const token = await scene.session()
    for (const by of [token, token, await scene.session(scene.eve)]) {
      assert.equal((await scene.post('objects', letter, by)).status, 202)
    }
    assert.equal(deliveries, 1)
  })

  it('a new version of it replaces it', async () => {
    const scene = createScene()
    const token = await scene.session()
    for (const text of ['One', 'Two', 'One']) {
      const letter = scene.letter({ BODY: { text } }, { nonce: '1' })
      assert.equal((await scene.post('objects', letter, token)).status, 202)
      assert.equal(scene.inbox.size, 1)
      assert.equal(only(scene)?.text, text)
    }
  })

  it('an old version that somebody else has kept is no news', async () => {
    const scene = createScene()
    const [one, two] = ['One', 'Two'].map((text) =>
      scene.letter({ BODY: { text } }, { nonce: '1' }),
    )
    const token = await scene.session()
    await scene.post('objects', one, token)
    await scene.post('objects', two, token)
    assert.equal((await scene.post('objects', one, await scene.session(scene.eve))).status, 202)
    assert.equal(only(scene)?.text, 'Two')
  })

  it('nonces that differ in case are two, addresses that do are one', async () => {
    const { post, letter, session, inbox, bob } = createScene()
    const token = await session()
    await post('objects', letter({ BODY: 'one' }, { nonce: 'abc' }), token)
    await post('objects', letter({ BODY: 'two' }, { nonce: 'ABC' }), token)
    assert.deepEqual(
      [...inbox.values()].map(({ text }) => text),
      ['one', 'two'],
    )
    const [user = {}, message = {}] = letter({ BODY: 'three' }, { nonce: 'abc' })
    const again = bob.signed({ ...message, ID: 'abc.BOB@Bob.example' })
    assert.equal((await post('objects', [user, again], token)).status, 202)
    assert.equal(inbox.size, 2)
  })

  it('the same nonce of somebody else is another message', async () => {
    const scene = createScene()
    const { eve, eveUser } = scene
    await scene.post('objects', scene.letter({}, { nonce: '1' }), await scene.session())
    const other = eve.messageObject({ from: eveUser.address, to: [ALICE], nonce: '1' })
    await eve.send(SERVER, await scene.session(eve), [eve.userObject(eveUser), other])
    assert.equal(scene.inbox.size, 2)
  })

  it('is not taken for known if the inbox failed to keep it', async () => {
    let isBroken = true
    const scene = createScene({
      deliver: async () => {
        if (isBroken) throw new Error('disk full')
      },
    })
    const letter = scene.letter()
    const token = await scene.session()
    await assert.rejects(scene.post('objects', letter, token), /disk full/)
    isBroken = false
    assert.equal((await scene.post('objects', letter, token)).status, 202)
    assert.equal(scene.inbox.size, 1)
  })
})

describe('PARENT and TOP', () => {
  const post = letterOf(POSTS.private)
  const id = `${post.id}.${ALICE}`

  async function receive(attributes: Attributes, setUp: (scene: Scene) => void = () => {}) {
    const scene = createScene()
    scene.addLetters({ 'bob@bob.example': post })
    setUp(scene)
    await scene.post('objects', scene.letter(attributes), await scene.session())
    const { target, type, inReplyTo, threadRoot } = only(scene) ?? {}
    return { target, type, inReplyTo, threadRoot }
  }

  it('that are a post of ours are its page', async () => {
    assert.deepEqual(await receive({ PARENT: id, TOP: id }), {
      target: POSTS.private,
      type: 'reply',
      inReplyTo: POSTS.private,
      threadRoot: POSTS.private,
    })
  })

  it('also of a public one', async () => {
    const open = letterOf(POSTS.public)
    const received = await receive({ PARENT: `${open.id}.${ALICE}` }, ({ addPublicLetters }) =>
      addPublicLetters([open]),
    )
    assert.equal(received.target, POSTS.public)
    assert.equal(received.type, 'reply')
  })

  it("that are somebody else's are named by their IDs", async () => {
    const received = await receive({ PARENT: '2.eve@eve.example', TOP: '1.eve@eve.example' })
    assert.deepEqual(received, {
      target: 'https://alice.example/',
      type: 'message',
      inReplyTo: 'fmtp:2.eve@eve.example',
      threadRoot: 'fmtp:1.eve@eve.example',
    })
  })

  it('without TOP, the thread is that of the parent, if we have it', async () => {
    const scene = createScene()
    const token = await scene.session()
    const thread = { PARENT: '1.eve@eve.example', TOP: '0.eve@eve.example' }
    await scene.post('objects', scene.letter(thread, { nonce: 'a' }), token)
    await scene.post(
      'objects',
      scene.letter({ PARENT: 'a.bob@bob.example' }, { nonce: 'b' }),
      token,
    )
    assert.equal(scene.inbox.get('fmtp b.bob@bob.example')?.threadRoot, 'fmtp:0.eve@eve.example')
  })

  it('that name no post of ours, though they say so, are no page of ours', async () => {
    const received = await receive({ PARENT: `${'0'.repeat(32)}.${ALICE}` })
    assert.equal(received.type, 'message')
    assert.equal(received.target, 'https://alice.example/')
  })

  it('IN-REPLY-TO names a page: ours is the target, others are not', async () => {
    const ours = await receive({ 'IN-REPLY-TO': POSTS.public, BODY: 'x' })
    assert.deepEqual(
      [ours.target, ours.type, ours.inReplyTo],
      [POSTS.public, 'reply', POSTS.public],
    )
    const other = await receive({ 'IN-REPLY-TO': 'https://eve.example/1', BODY: 'x' })
    assert.equal(other.type, 'message')
    assert.equal(other.inReplyTo, 'https://eve.example/1')
    const none = await receive({ 'IN-REPLY-TO': 'javascript:alert(1)', BODY: 'x' })
    assert.equal(none.inReplyTo, undefined)
  })
})

describe('the message in the inbox', () => {
  async function receive(attributes: Attributes, user: Attributes = {}) {
    const scene = createScene()
    Object.assign(scene.bobUser.attributes, user)
    await scene.post('objects', scene.letter(attributes), await scene.session())
    return only(scene)
  }

  it("is its own page where that is on its author's domain, and nowhere else", async () => {
    const own = await receive({ URL: 'https://bob.example/1', BODY: 'x' })
    assert.equal(own?.source, 'https://bob.example/1')
    for (const url of ['https://eve.example/1', 'http://bob.example/1', 'javascript:x', 'x']) {
      assert.match((await receive({ URL: url, BODY: 'x' }))?.source ?? '', /^fmtp:/)
    }
  })

  it("shows its author's page where that is on their domain, and their name or address", async () => {
    const own = await receive({}, { URL: 'https://bob.example/' })
    assert.deepEqual(own?.author, { name: 'Bob Builder', url: 'https://bob.example/' })
    const other = await receive(
      {},
      { URL: 'https://eve.example/', 'GIVEN-NAME': '', 'FAMILY-NAME': ' ' },
    )
    assert.deepEqual(other?.author, { name: 'bob@bob.example' })
  })

  it('has text where only HTML was sent, and is understood where the body is a text', async () => {
    const html = '<p>One</p><p onclick="x()">Two<br>Three</p><img src=x onerror=y()>'
    const rich = await receive({ FORMAT: 'text/html', BODY: html })
    assert.equal(rich?.text, 'One\n\nTwo\nThree\n\n[picture]')
    assert.equal(rich?.html, '<p>One</p><p>Two<br />Three</p>[picture]')
    const plain = await receive({ BODY: '<b>not HTML</b>' })
    assert.equal(plain?.text, '<b>not HTML</b>')
    assert.equal(plain?.html, undefined)
  })

  it('is private, whatever it says', async () => {
    assert.equal((await receive({ PUBLIC: true, BODY: 'x' }))?.privacy, 'private')
  })

  it('comes with a warning where every key of the domain was replaced, and without one else', async () => {
    const scene = createScene()
    await scene.post('objects', scene.letter(), await scene.session())
    assert.equal(only(scene)?.warnings, undefined)
    scene.wait(3600)
    const usurper = scene.peerAt('bob.example')
    const user = usurper.addUser('bob')
    const message = usurper.messageObject({ from: user.address, to: [ALICE], nonce: '9' })
    const token = await scene.session(usurper)
    assert.equal(
      (await usurper.send(SERVER, token, [usurper.userObject(user), message])).status,
      202,
    )
    assert.deepEqual(scene.inbox.get('fmtp 9.bob@bob.example')?.warnings, [
      'The key of bob.example was replaced on 2026-11-21: somebody else may have written this.',
    ])
  })
})
