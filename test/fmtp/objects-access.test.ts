import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { verifyByDomain } from '../../lib/fmtp/domain-key.ts'
import { isSignedBy, type Attributes } from '../support/fmtp-peer.ts'
import { createScene, letterOf, POSTS, SERVER } from '../support/fmtp-site.ts'

const USER = 'alice@alice.example'

async function read(response: Response): Promise<Attributes> {
  assert.equal(response.status, 200)
  return (await response.json()) as Attributes
}

/** Alice, who has written to Bob, and for everybody. */
function createBlog(...options: Parameters<typeof createScene>) {
  const scene = createScene(...options)
  const open = letterOf(POSTS.public, { title: 'Hello', text: 'Hello, world.' })
  const secret = letterOf(POSTS.private, { audience: ['bob@bob.example'] })
  scene.addPublicLetters([open])
  scene.addLetters({ 'bob@bob.example': secret })
  return { ...scene, open: `${open.id}.${USER}`, secret: `${secret.id}.${USER}` }
}

describe('GET key', () => {
  it('publishes the key that we sign with, one record a line', async () => {
    const { get } = createScene()
    const response = await get('key')
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain/)
    assert.match(await response.text(), /^v=FMTP1; k=ed25519; p=[\w+/]{43}=\n$/)
  })
})

describe('GET objects/<address>: "Do you know lost@lenore.org?"', () => {
  it("gives the owner's user object to anybody, signed", async () => {
    const settings = {
      profile: { name: 'Alice Pleasance Liddell', photo: 'https://alice.example/me.jpg' },
      policy: { allow: ['bob.example'], deny: ['eve.example'], hold: [], otherwise: 'reject' },
      fmtp: { encrypt: 'required', children: [], status: 'away' },
    } as const
    const scene = createScene({
      settings: {
        ...settings,
        policy: { ...settings.policy, allow: ['bob.example'], deny: ['eve.example'], hold: [] },
        fmtp: { ...settings.fmtp, children: [] },
      },
    })
    const user = await read(await scene.get(`objects/${USER}`))
    assert.equal(isSignedBy(user, await scene.keysOf('alice.example')), true)
    const { HASH: _h, KEY: _k, SIGNATURE: _s, 'ENCRYPT-METHOD': method, ...attributes } = user
    assert.match(String(method), /^ECDH-ES\+A256KW [\w-]+$/)
    assert.deepEqual(attributes, {
      TYPE: 'user',
      ADDRESS: USER,
      'GIVEN-NAME': 'Alice Pleasance',
      'FAMILY-NAME': 'Liddell',
      PHOTO: 'https://alice.example/me.jpg',
      URL: 'https://alice.example/',
      FORMAT: ['text/plain', 'text/html'],
      'ENCRYPT-POLICY': 'required',
      STATUS: 'away',
      POLICY: 'reject',
      CONTACT: 'https://alice.example/fmtp',
      DATE: '2026-11-21T12:00:00.000Z',
      PUBLIC: true,
    })
  })

  it('never shows who is on which list', async () => {
    const policy = {
      allow: ['bob.example'],
      deny: ['eve.example'],
      hold: [],
      otherwise: 'hold',
    } as const
    const { get } = createScene({
      settings: { policy: { ...policy, allow: ['bob.example'], deny: ['eve.example'], hold: [] } },
    })
    const text = await (await get(`objects/${USER}`)).text()
    assert.doesNotMatch(text, /BLACKLIST|WHITELIST|bob\.example|eve\.example/)
    assert.match(text, /"POLICY":"confirm"/)
  })

  it('names no ENCRYPT-METHOD where nothing is to be encrypted, and recommends what the owner says', async () => {
    const contact = 'https://lost.alice.example:8000/fmtp'
    const { get } = createScene({ settings: { fmtp: { encrypt: 'none', children: [], contact } } })
    const user = await read(await get(`objects/${USER}`))
    assert.equal(user['ENCRYPT-METHOD'], undefined)
    assert.equal(user['CONTACT'], contact)
  })

  it('knows the address in any case, and percent-encoded', async () => {
    const { get } = createScene()
    for (const name of ['Alice@ALICE.example', 'alice%40alice.example']) {
      assert.equal((await read(await get(`objects/${name}`)))['ADDRESS'], USER)
    }
  })

  it('gives the server object, as "a user is an object, as is a server"', async () => {
    const { get } = createScene()
    const server = await read(await get('objects/alice.example'))
    assert.equal(server['SERVER'], 'alice.example')
    assert.equal(server['CONTACT'], 'https://alice.example/fmtp')
  })

  it('verifies by the key that we publish', async () => {
    const { get, options } = createScene()
    const { parseObject } = await import('../../lib/fmtp/object.ts')
    const object = parseObject(await read(await get(`objects/${USER}`)))
    assert.ok(object && (await verifyByDomain(object, options)).verified)
  })
})

describe('public objects', () => {
  it('are listed', async () => {
    const { get, open } = createBlog()
    assert.deepEqual(await read(await get('objects')), {
      OBJECTS: [
        { TYPE: 'server', ID: 'alice.example' },
        { TYPE: 'user', ID: USER },
        { TYPE: 'message', ID: open, DATE: '2026-11-20T10:00:00.000Z', SUBJECT: 'Hello' },
      ],
    })
  })

  it('are freely given to anyone who asks', async () => {
    const { get, open, keysOf } = createBlog()
    const response = await get(`objects/${open}`)
    assert.match(response.headers.get('cache-control') ?? '', /^public/)
    const object = await read(response)
    assert.equal(isSignedBy(object, await keysOf('alice.example')), true)
    assert.equal(object['PUBLIC'], true)
    assert.deepEqual(object['TO'], [USER], 'its author: TO always has an address')
    assert.equal(object['URL'], POSTS.public)
    assert.deepEqual(object['BODY'], { text: 'Hello, world.' })
  })

  it('never hold a word of a private post', async () => {
    const { get } = createBlog()
    assert.doesNotMatch(await (await get('objects')).text(), /Dinner|xxxxxxxx/)
  })

  it('are none where the site has published nothing', async () => {
    const { get } = createScene()
    const { OBJECTS } = await read(await get('objects'))
    assert.ok(Array.isArray(OBJECTS) && OBJECTS.length === 2)
  })
})

describe('private objects', () => {
  it('are given to the server of a recipient, as they were written to them', async () => {
    const { get, secret, session } = createBlog()
    const response = await get(`objects/${secret}`, await session())
    assert.equal(response.headers.get('cache-control'), 'no-store')
    const object = await read(response)
    assert.deepEqual(object['TO'], ['bob@bob.example'])
    assert.deepEqual(object['BODY'], { text: 'Come at eight.' })
    assert.equal(object['PUBLIC'], undefined)
  })

  it('are for a recipient whose address the author has noted beside their profile, too', async () => {
    const recipients = { 'https://bob.example/': { address: 'bob@bob.example' } }
    const { get, session, addLetters } = createScene({ settings: { recipients } })
    const letter = letterOf(POSTS.private)
    addLetters({ 'https://bob.example/': letter })
    const object = await read(await get(`objects/${letter.id}.${USER}`, await session()))
    assert.deepEqual(object['TO'], ['bob@bob.example'])
  })

  it('are there as long as their recipient may read them', async () => {
    const { get, session, addLetters, wait, now } = createScene()
    const expires = new Date(now().getTime() + 60_000).toISOString()
    const letter = letterOf(POSTS.private, { expires })
    addLetters({ 'bob@bob.example': letter })
    const place = `objects/${letter.id}.${USER}`
    const before = await session()
    assert.equal((await get(place, before)).status, 200)
    wait(60)
    const [gone, none] = [await get(place, before), await get(`objects/1.${USER}`, before)]
    assert.equal(gone.status, 404)
    assert.equal(await gone.text(), await none.text())
  })

  it('are encrypted to a recipient who requires it', async () => {
    const { get, secret, session, bob, bobUser } = createBlog()
    bobUser.encryptPolicy = 'required'
    const object = await read(await get(`objects/${secret}`, await session()))
    assert.equal(object['BODY'], undefined)
    assert.equal(object['SUBJECT'], undefined)
    assert.equal(object['URL'], undefined)
    const content = bob.read(String(object['ENCRYPTED']))
    assert.deepEqual(content['BODY'], { text: 'Come at eight.' })
    assert.equal(content['URL'], POSTS.private)
  })

  it('wait (503) until it is known what the recipient requires', async () => {
    const { get, secret, session, sites } = createBlog()
    const token = await session()
    const bob = sites['https://bob.example']
    sites['https://bob.example'] = async () => new Response(null, { status: 500 })
    assert.equal((await get(`objects/${secret}`, token)).status, 503)
    if (bob) sites['https://bob.example'] = bob
    assert.equal((await get(`objects/${secret}`, token)).status, 200)
  })

  it('do not exist for anybody else: the same answer as for what is not there', async () => {
    const { get, secret, session, eve, open } = createBlog()
    const token = await session(eve)
    const absent = await get(`objects/${'0'.repeat(32)}.${USER}`, token)
    const expected = [absent.status, await absent.text(), [...absent.headers]]
    assert.equal(absent.status, 404)
    for (const [name, bearer] of [
      [secret, token],
      [secret, undefined],
      ['nobody@alice.example', token],
      ['nobody@alice.example', undefined],
      ['bob@bob.example', token],
      [`1.${USER}`, undefined],
      ['eve.example', token],
      ['..%2f..%2fkey', token],
      ['%00', undefined],
      ['%ff', undefined],
      ['__proto__', token],
      ['constructor', undefined],
    ] as const) {
      const response = await get(`objects/${name}`, bearer)
      assert.deepEqual([response.status, await response.text(), [...response.headers]], expected)
    }
    assert.equal((await get(`objects/${open}`, token)).status, 200)
  })

  it('are no longer given when the session is over (401)', async () => {
    const { get, secret, session, wait } = createBlog()
    const token = await session()
    wait(599)
    assert.equal((await get(`objects/${secret}`, token)).status, 200)
    wait(2)
    const response = await get(`objects/${secret}`, token)
    assert.equal(response.status, 401)
    assert.match(response.headers.get('www-authenticate') ?? '', /invalid_token/)
  })

  it('are asked for no more than 300 times a minute (429)', async () => {
    const { get, secret, session, eve } = createBlog()
    const [token, other] = [await session(), await session(eve)]
    for (let at = 0; at < 300; at++) await get('objects/nobody', token)
    assert.equal((await get(`objects/${secret}`, token)).status, 429)
    assert.equal((await get(`objects/${secret}`, other)).status, 404)
  })

  it('are not given for a token of another kind, or of another site', async () => {
    const { get, secret, secrets, session } = createBlog()
    const call = await secrets.issue('call', { purpose: 'bob.example' })
    for (const token of [call, 'xxxxxxx', '']) {
      assert.equal((await get(`objects/${secret}`, token)).status, 401)
    }
    assert.equal((await get(`objects/${secret}`, await session())).status, 200)
  })
})

describe('createFmtpEndpoint()', () => {
  it('answers below its own path, and 404 or 405 elsewhere', async () => {
    const { alice, get } = createScene()
    for (const [path, status] of [
      ['key', 200],
      ['key/', 200],
      ['objects', 200],
      ['objects/', 200],
      ['', 404],
      ['nothing', 404],
      ['toString', 404],
      ['__proto__', 404],
      ['objects/a/b', 404],
      ['greeting', 405],
    ] as const) {
      assert.equal((await get(path)).status, status, path)
    }
    assert.equal((await alice(new Request('https://alice.example/fmtpkey'))).status, 404)
    const wrong = await alice(new Request(`${SERVER}/key`, { method: 'POST' }))
    assert.equal(wrong.status, 405)
    assert.equal((await alice(new Request(`${SERVER}/key`, { method: 'HEAD' }))).status, 200)
  })
})
