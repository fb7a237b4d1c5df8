import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createGate } from '../../lib/gate/gate.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { startSession } from '../../lib/jwt/session.ts'
import {
  BOB,
  CAROL,
  changed,
  createAlice,
  DINNER,
  LETTER,
  MUM,
  NOWHERE,
  seen,
  START,
} from './site.ts'

const OWNER = 'https://alice.example/'

describe('createGate() to a reader', () => {
  it('shows Bob his own copy, by session and by token', async () => {
    const alice = createAlice()
    for (const credentials of [await alice.session(BOB), await alice.bearer()]) {
      const response = await alice.ask(`/private/${DINNER}/`, credentials)
      assert.equal(response.status, 200)
      assert.match(await response.text(), new RegExp(`of gate/${DINNER}/1/index.html$`))
      assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8')
    }
  })

  it('says on 200 what it says on 401: token endpoint, no store, no index', async () => {
    const alice = createAlice()
    const stranger = await alice.ask(`/private/${DINNER}/`)
    const { headers } = await alice.ask(`/private/${DINNER}/`, await alice.session(BOB))
    for (const name of ['link', 'cache-control', 'vary', 'x-robots-tag', 'referrer-policy']) {
      assert.equal(headers.get(name), stranger.headers.get(name), name)
    }
    assert.equal(headers.get('www-authenticate'), null)
    assert.equal(headers.get('etag'), null)
    assert.equal(headers.get('access-control-allow-origin'), null)
  })

  it('answers HEAD like GET, without the body', async () => {
    const alice = createAlice()
    const credentials = await alice.session(BOB)
    const get = await seen(await alice.ask(`/private/${DINNER}/`, credentials))
    const head = await seen(
      await alice.ask(`/private/${DINNER}/`, { method: 'HEAD', ...credentials }),
    )
    assert.deepEqual([head.status, head.headers, head.body], [200, get.headers, ''])
  })

  it('shows each reader of a post only their own copy, whatever they ask for', async () => {
    const alice = createAlice()
    const bob = await alice.session(BOB)
    const asked = await alice.ask(`/private/${DINNER}/?as=${encodeURIComponent(MUM)}`, bob)
    assert.match(await asked.text(), new RegExp(`${DINNER}/1/`))
    const theirs = await alice.ask(`/private/${DINNER}/for-mum.pdf`, bob)
    const nobodys = await alice.ask(`/private/${DINNER}/for-nobody.pdf`, bob)
    assert.equal(theirs.status, 404)
    assert.deepEqual(await seen(theirs), await seen(nobodys))
  })

  it('sends 403 and no content to somebody who is not in the audience', async () => {
    const alice = createAlice()
    for (const credentials of [await alice.session(CAROL), await alice.bearer({ me: CAROL })]) {
      const existing = await seen(await alice.ask(`/private/${DINNER}/`, credentials))
      assert.equal(existing.status, 403)
      assert.match(existing.body, /signed in as <strong class="who">carol\.example</)
      assert.match(existing.body, /href="\/indieauth\/sign-out"/)
      for (const path of [`${NOWHERE}/`, '', `${DINNER}/menu.pdf`, `${LETTER}`, '%ff/']) {
        assert.deepEqual(await seen(await alice.ask(`/private/${path}`, credentials)), existing)
      }
    }
    assert.equal((await alice.ask(`/private/${DINNER}/`, await alice.session(BOB))).status, 200)
  })

  it('treats an expired post as one that is not there', async () => {
    const expires = new Date(START.getTime() + 24 * 60 * 60 * 1000).toISOString()
    const register = changed(({ posts }) => Object.assign(posts[DINNER] ?? {}, { expires }))
    const alice = createAlice({ register })
    const bob = await alice.session(BOB)
    assert.equal((await alice.ask(`/private/${DINNER}/`, bob)).status, 200)
    alice.wait(1)
    assert.deepEqual(
      await seen(await alice.ask(`/private/${DINNER}/`, bob)),
      await seen(await alice.ask(`/private/${NOWHERE}/`, bob)),
    )
  })

  it('says 410 to whom it lets in no more, and to everybody else what it says of nothing', async () => {
    const register = changed((before) => {
      delete before.posts[DINNER]
      Object.assign(before, { gone: { [DINNER]: [BOB] } })
    })
    const alice = createAlice({ register })
    for (const credentials of [await alice.session(BOB), await alice.bearer()]) {
      assert.equal((await alice.ask(`/private/${DINNER}/`, credentials)).status, 410)
      assert.equal((await alice.ask(`/private/${NOWHERE}/`, credentials)).status, 403)
    }
    for (const credentials of [{}, await alice.session(CAROL)]) {
      assert.deepEqual(
        await seen(await alice.ask(`/private/${DINNER}/`, credentials)),
        await seen(await alice.ask(`/private/${NOWHERE}/`, credentials)),
      )
    }
  })

  it('treats a post whose date cannot be read as expired', async () => {
    const register = changed(({ posts }) => Object.assign(posts[DINNER] ?? {}, { expires: 'soon' }))
    const alice = createAlice({ register })
    assert.equal((await alice.ask(`/private/${DINNER}/`, await alice.session(BOB))).status, 403)
  })

  it('lets nobody in any more whom the next deploy leaves out', async () => {
    const alice = createAlice()
    const bob = await alice.session(BOB)
    assert.equal((await alice.ask(`/private/${DINNER}/`, bob)).status, 200)
    alice.deploy(changed(({ posts }) => posts[DINNER]?.readers.shift()))
    assert.equal((await alice.ask(`/private/${DINNER}/`, bob)).status, 403)
  })

  it('has no readers without a build', async () => {
    const alice = createAlice()
    const gate = createAlice({ register: { version: 1, posts: {} } })
    const bob = await alice.session(BOB)
    assert.equal((await gate.ask(`/private/${DINNER}/`, bob)).status, 403)
  })

  for (const [what, by] of [
    ['their passphrase', { by: 'passphrase' }],
    ['their own site', { by: 'indieauth' }],
  ] as const) {
    it(`shows the owner, known by ${what}, the copy of anybody`, async () => {
      const alice = createAlice()
      const owner = await alice.session(OWNER, by)
      const first = await alice.ask(`/private/${DINNER}/`, owner)
      assert.match(await first.text(), new RegExp(`${DINNER}/1/`))
      const mums = await alice.ask(`/private/${DINNER}/?as=${encodeURIComponent(MUM)}`, owner)
      assert.match(await mums.text(), new RegExp(`${DINNER}/2/`))
      assert.equal((await alice.ask(`/private/${DINNER}/?as=Nobody`, owner)).status, 404)
      assert.equal((await alice.ask(`/private/${DINNER}/for-mum.pdf`, owner)).status, 200)
      assert.equal((await alice.ask(`/private/${NOWHERE}/`, owner)).status, 404)
    })
  }

  it('does not take somebody for the owner who was invited under that name', async () => {
    const register = changed(({ posts }) =>
      posts[LETTER]?.readers.push({
        id: OWNER,
        name: 'alice',
        files: {},
        invitation: 'h',
        invited: START.toISOString(),
      }),
    )
    const alice = createAlice({ register })
    const guest = await alice.session(OWNER, { by: 'invitation', invitation: 'h' })
    assert.equal((await alice.ask(`/private/${DINNER}/`, guest)).status, 403)
    assert.equal((await alice.ask(`/private/${DINNER}/`, await alice.session(OWNER))).status, 200)
  })
})

describe('a Bearer token at the gate', () => {
  const bad: Record<string, (alice: ReturnType<typeof createAlice>) => Promise<string>> = {
    'is none of ours': async () => 'xxxxxxx',
    'is empty': async () => '',
    'is two': async () => 'aaaa, Bearer bbbb',
    'is a webmention code': ({ options: { secrets } }) =>
      secrets.issue('webmention-code', { recipient: BOB }),
    'is a seed code': ({ options: { secrets } }) =>
      secrets.issue('seed-code', { me: BOB, audience: OWNER }),
    'is an authorization code': ({ options: { secrets } }) =>
      secrets.issue('authorization-code', { client_id: 'c', redirect_uri: 'r', scope: ['read'] }),
    'is a ticket': ({ options: { secrets } }) =>
      secrets.issue('ticket', { subject: BOB, resource: OWNER }),
    'is a refresh token': ({ options: { secrets } }) =>
      secrets.issue('refresh-token', { me: BOB, scope: ['read'], family: 'f' }),
    'is a session': ({ options: { secrets } }) =>
      secrets.issue('session', { reader: BOB, by: 'indieauth' }),
    'is of a form': ({ options: { secrets } }) =>
      secrets.issue('csrf', { session: 's', form: 'sign-out' }),
    'is a call between machines': ({ options: { secrets } }) =>
      secrets.issue('call', { purpose: 'inbox' }),
    'is of another site': ({ options: { store, now } }) =>
      createSecrets({
        keys: [new Uint8Array(32).fill(1)],
        site: new URL('https://eve.example/'),
        store,
        now,
      }).issue('access-token', { me: BOB, scope: ['read'] }),
    'is signed with another key': ({ options: { site, store, now } }) =>
      createSecrets({ keys: [new Uint8Array(32).fill(9)], site, store, now }).issue(
        'access-token',
        { me: BOB, scope: ['read'] },
      ),
  }
  for (const [name, issue] of Object.entries(bad)) {
    it(`is refused as invalid_token when it ${name}, everywhere alike`, async () => {
      const alice = createAlice()
      const headers = { authorization: `Bearer ${await issue(alice)}` }
      const existing = await seen(await alice.ask(`/private/${DINNER}/`, { headers }))
      assert.equal(existing.status, 401)
      const challenge = existing.headers.find(([key]) => key === 'www-authenticate')?.[1] ?? ''
      assert.match(challenge, /^IndieAuth, Bearer realm="private", .*error="invalid_token"/)
      const nowhere = await alice.ask(`/private/${NOWHERE}/`, { headers })
      assert.deepEqual(await seen(nowhere), existing)
      assert.equal((await alice.ask(`/private/${DINNER}/`, await alice.bearer())).status, 200)
    })
  }

  it('is refused when it is expired or revoked', async () => {
    const alice = createAlice()
    const { secrets } = alice.options
    const token = await secrets.issue('access-token', { me: BOB, scope: ['read'] })
    const credentials = { headers: { authorization: `Bearer ${token}` } }
    assert.equal((await alice.ask(`/private/${DINNER}/`, credentials)).status, 200)
    const opened = await secrets.open('access-token', token)
    assert.ok(opened.valid)
    await secrets.revoke(opened)
    assert.equal((await alice.ask(`/private/${DINNER}/`, credentials)).status, 401)

    const later = await alice.bearer()
    alice.wait(1.1)
    assert.equal((await alice.ask(`/private/${DINNER}/`, later)).status, 401)
  })

  it('is refused when the family of its refresh token was revoked', async () => {
    const alice = createAlice()
    const token = await alice.bearer({ family: 'f' })
    const other = await alice.bearer({ family: 'g' })
    assert.equal((await alice.ask(`/private/${DINNER}/`, token)).status, 200)
    await alice.options.secrets.revokeFamily('f')
    assert.equal((await alice.ask(`/private/${DINNER}/`, token)).status, 401)
    assert.equal((await alice.ask(`/private/${DINNER}/`, other)).status, 200)
  })

  it('is not accepted as the cookie of a session', async () => {
    const alice = createAlice()
    const token = await alice.options.secrets.issue('access-token', { me: BOB, scope: ['read'] })
    const headers = { cookie: `__Host-private-posts-session=${token}` }
    assert.equal((await alice.ask(`/private/${DINNER}/`, { headers })).status, 401)
  })

  it('needs the scope "read": 403 insufficient_scope', async () => {
    const alice = createAlice()
    const credentials = await alice.bearer({ scope: ['profile', 'create'] })
    const response = await alice.ask(`/private/${DINNER}/`, credentials)
    assert.equal(response.status, 403)
    assert.match(response.headers.get('www-authenticate') ?? '', /error="insufficient_scope"/)
    const nowhere = await alice.ask(`/private/${NOWHERE}/`, credentials)
    assert.deepEqual(await seen(nowhere), await seen(response))
    const more = await alice.bearer({ scope: ['profile', 'read'] })
    assert.equal((await alice.ask(`/private/${DINNER}/`, more)).status, 200)
  })

  for (const [resource, good] of [
    [`https://alice.example/private/${DINNER}/`, true],
    [`https://alice.example/private/${DINNER}`, true],
    ['https://alice.example/private/', true],
    ['https://alice.example/', true],
    [`https://alice.example/private/${DINNER.slice(0, -1)}`, false],
    [`https://alice.example/private/${LETTER}/`, false],
    [`https://alice.example/private/${DINNER}/menu.pdf`, false],
    [`https://eve.example/private/${DINNER}/`, false],
    [`https://alice.example:8443/private/${DINNER}/`, false],
    [`http://alice.example/private/${DINNER}/`, false],
    ['not a URL', false],
  ] as const) {
    it(`for ${resource} is ${good ? '' : 'not '}good for the post`, async () => {
      const alice = createAlice()
      const { status } = await alice.ask(`/private/${DINNER}/`, await alice.bearer({ resource }))
      assert.equal(status, good ? 200 : 403)
    })
  }

  it('counts, good or bad, before the cookie that comes with it', async () => {
    const alice = createAlice()
    const [bob, carol] = [await alice.session(BOB), await alice.session(CAROL)]
    const token = await alice.bearer()
    const both = { headers: { ...carol.headers, ...token.headers } }
    assert.equal((await alice.ask(`/private/${DINNER}/`, both)).status, 200)
    const bad = { headers: { ...bob.headers, authorization: 'Bearer xxxxxxx' } }
    assert.equal((await alice.ask(`/private/${DINNER}/`, bad)).status, 401)
  })

  it('of the owner shows the owner everything, when it may read', async () => {
    const alice = createAlice()
    const client = { me: OWNER, client_id: 'https://reader.example/' }
    const token = await alice.bearer(client)
    assert.equal((await alice.ask(`/private/${LETTER}/`, token)).status, 200)
    const writer = await alice.bearer({ ...client, scope: ['create'] })
    assert.equal((await alice.ask(`/private/${LETTER}/`, writer)).status, 403)
  })
})

describe('a key that was rotated', () => {
  it('still opens what it signed while it is the second one, and nothing after that', async () => {
    const alice = createAlice()
    const { site, store, now } = alice.options
    const [first, second, third] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte))
    assert.ok(first && second && third)
    const session = await startSession({ reader: BOB, by: 'indieauth' }, alice.options)
    const cookie = { headers: { cookie: session.split(';')[0] ?? '' } }
    for (const [keys, status] of [
      [[second, first], 200],
      [[third, second], 401],
    ] as const) {
      Object.assign(alice.options, { secrets: createSecrets({ keys, site, store, now }) })
      const gate = createGate(alice.options)
      const request = new Request(`https://alice.example/private/${DINNER}/`, cookie)
      assert.equal((await gate(request)).status, status)
    }
  })
})
