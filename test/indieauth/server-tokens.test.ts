import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createLmdbStore } from '../../lib/store/lmdb-store.ts'
import {
  APP,
  authorizationRequest,
  bearer,
  codeFor,
  createAlice,
  MIDNIGHT,
  redemption,
  tokensFor,
  type Alice,
  type Tokens,
} from './server-alice.ts'

const jsonOf = async (response: Response) => (await response.json()) as Record<string, unknown>
const FAR_TOKEN = 'xxxxxxx'

/** Whether an access token is any good. */
async function isActive(alice: Alice, token: string): Promise<boolean> {
  const { active } = await jsonOf(await introspect(alice, token))
  assert.equal(typeof active, 'boolean')
  return active === true
}

async function introspect(alice: Alice, token: string): Promise<Response> {
  const call = await alice.secrets.issue('call', { purpose: 'introspect' })
  return alice.post('introspect', { token }, bearer(call))
}

function refresh(alice: Alice, refresh_token: string, changes: Record<string, string> = {}) {
  const form = { grant_type: 'refresh_token', refresh_token, client_id: APP.clientId, ...changes }
  return alice.post('token', form)
}

const tokensOf = async (response: Response) => (await response.json()) as Tokens

describe('authorizationCodeGrant()', () => {
  it('gives a token for what the owner granted', async () => {
    const alice = createAlice({ profile: { name: 'Alice' } })
    const answer = await alice.post('token', redemption(await codeFor(alice)))
    const { access_token, refresh_token, ...rest } = await jsonOf(answer)
    assert.deepEqual(rest, {
      token_type: 'Bearer',
      expires_in: 24 * 60 * 60,
      me: 'https://alice.example/',
      scope: 'profile create',
      profile: { name: 'Alice' },
    })
    assert.ok(access_token && refresh_token)
  })

  it('MUST NOT issue a token for a code without scope, which can still say who the owner is', async () => {
    const alice = createAlice()
    const code = await codeFor(alice, authorizationRequest({ scope: undefined }))
    const answer = await alice.post('token', redemption(code))
    assert.equal(answer.status, 400)
    assert.equal((await jsonOf(answer))['error'], 'invalid_scope')
    assert.equal((await alice.post('auth', redemption(code))).status, 200)
  })

  it("leaves the request alone without client_id: the code is a webmention's", async () => {
    const alice = createAlice()
    const code = await alice.secrets.issue('webmention-code', { recipient: 'https://bob.example/' })
    const answer = await alice.post('token', { grant_type: 'authorization_code', code })
    assert.equal((await jsonOf(answer))['error'], 'unsupported_grant_type')
    assert.ok((await alice.secrets.redeem('webmention-code', code)).valid, 'it is not spent')
  })

  it('ends what came of a code that is redeemed once more', async () => {
    const alice = createAlice()
    for (const endpoint of ['token', 'auth']) {
      const form = redemption(await codeFor(alice))
      const tokens = await tokensOf(await alice.post('token', form))
      assert.ok(await isActive(alice, tokens.access_token))
      assert.equal((await alice.post(endpoint, form)).status, 400)
      assert.equal(await isActive(alice, tokens.access_token), false)
      assert.equal((await refresh(alice, tokens.refresh_token)).status, 400)
    }
  })

  it('lets nobody who merely saw the code end what came of it', async () => {
    const alice = createAlice()
    const code = await codeFor(alice)
    const { access_token } = await tokensOf(await alice.post('token', redemption(code)))
    await alice.post('token', redemption(code, { code_verifier: 'w'.repeat(43) }))
    assert.ok(await isActive(alice, access_token))
  })

  it('gives exactly one token for a code that 1,000 redeem at once, on disk', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'private-posts-codes-'))
    const store = createLmdbStore({ folder, now: () => new Date(MIDNIGHT) })
    t.after(async () => {
      await store.close()
      await rm(folder, { recursive: true })
    })
    const alice = createAlice({ store })
    const form = redemption(await codeFor(alice))
    const answers = await Promise.all(Array.from({ length: 1000 }, () => alice.post('token', form)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  })
})

describe('refreshTokenGrant()', () => {
  it('exchanges a refresh token for the next pair', async () => {
    const alice = createAlice()
    const first = await tokensFor(alice)
    const second = await tokensOf(await refresh(alice, first.refresh_token))
    assert.equal(second.me, first.me)
    assert.equal(second.scope, first.scope)
    assert.notEqual(second.access_token, first.access_token)
    assert.notEqual(second.refresh_token, first.refresh_token)
    assert.ok(await isActive(alice, second.access_token))
    assert.equal((await refresh(alice, second.refresh_token)).status, 200)
  })

  it('ends the whole family when a refresh token comes a second time', async () => {
    const alice = createAlice()
    const first = await tokensFor(alice)
    const second = await tokensOf(await refresh(alice, first.refresh_token))
    const third = await tokensOf(await refresh(alice, second.refresh_token))
    assert.ok(await isActive(alice, third.access_token))

    const reuse = await refresh(alice, first.refresh_token)
    assert.equal(reuse.status, 400)
    assert.equal((await jsonOf(reuse))['error'], 'invalid_grant')
    for (const tokens of [first, second, third]) {
      assert.equal(await isActive(alice, tokens.access_token), false)
    }
    assert.equal((await refresh(alice, third.refresh_token)).status, 400)
  })

  it('leaves other families alone', async () => {
    const alice = createAlice()
    const [one, other] = [await tokensFor(alice), await tokensFor(alice)]
    await refresh(alice, one.refresh_token)
    await refresh(alice, one.refresh_token)
    assert.ok(await isActive(alice, other.access_token))
    assert.equal((await refresh(alice, other.refresh_token)).status, 200)
  })

  it('gives at most one pair to many that come at once', async () => {
    const alice = createAlice()
    const { refresh_token } = await tokensFor(alice)
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => refresh(alice, refresh_token)),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  })

  it('gives less where less is asked for, and keeps the rest for later', async () => {
    const alice = createAlice()
    const first = await tokensFor(alice)
    const second = await tokensOf(await refresh(alice, first.refresh_token, { scope: 'create' }))
    assert.equal(second.scope, 'create')
    const introspection = await jsonOf(await introspect(alice, second.access_token))
    assert.equal(introspection['scope'], 'create')
    const third = await tokensOf(await refresh(alice, second.refresh_token))
    assert.equal(third.scope, 'profile create')
  })

  it('refuses more than was granted, without using the token up', async () => {
    const alice = createAlice()
    const { refresh_token } = await tokensFor(alice)
    for (const scope of ['profile create delete', 'a"b', ' ']) {
      const answer = await refresh(alice, refresh_token, { scope })
      assert.equal((await jsonOf(answer))['error'], 'invalid_scope', scope)
    }
    assert.equal((await refresh(alice, refresh_token)).status, 200)
  })

  it('is for the client that the token was given to', async () => {
    const alice = createAlice()
    const { refresh_token } = await tokensFor(alice)
    const stolen = await refresh(alice, refresh_token, { client_id: 'https://eve.example/' })
    assert.equal((await jsonOf(stolen))['error'], 'invalid_grant')
    const nameless = await alice.post('token', { grant_type: 'refresh_token', refresh_token })
    assert.equal((await jsonOf(nameless))['error'], 'invalid_request')
    assert.equal((await refresh(alice, refresh_token)).status, 200)
  })

  it("takes a recipient's token, which names no client, with the resource that it is for", async () => {
    const alice = createAlice()
    const resource = 'https://alice.example/private/'
    const claims = { me: 'https://bob.example/', scope: ['read'], resource, family: 'fffff' }
    const refresh_token = await alice.secrets.issue('refresh-token', claims)
    const form = { grant_type: 'refresh_token', refresh_token, resource }
    const answer = await jsonOf(await alice.post('token', form))
    assert.equal(answer['me'], 'https://bob.example/')
    assert.equal(answer['resource'], resource)
    assert.equal(answer['scope'], 'read')
  })

  it('is over after thirty days', async () => {
    const clock = { seconds: 0 }
    const alice = createAlice({ clock })
    const { refresh_token } = await tokensFor(alice)
    clock.seconds = 30 * 24 * 60 * 60
    assert.equal((await refresh(alice, refresh_token)).status, 400)
    clock.seconds -= 1
    assert.equal((await refresh(alice, refresh_token)).status, 200)
  })

  it('takes no other secret of ours', async () => {
    const alice = createAlice()
    const { access_token } = await tokensFor(alice)
    for (const token of [access_token, await codeFor(alice), FAR_TOKEN, 'a.b.c']) {
      assert.equal((await jsonOf(await refresh(alice, token)))['error'], 'invalid_grant')
    }
    assert.equal((await jsonOf(await refresh(alice, '')))['error'], 'invalid_request')
  })
})

describe('createIntrospectionEndpoint()', () => {
  it('tells what a token is good for', async () => {
    const alice = createAlice()
    const { access_token } = await tokensFor(alice)
    assert.deepEqual(await jsonOf(await introspect(alice, access_token)), {
      active: true,
      me: 'https://alice.example/',
      client_id: APP.clientId,
      scope: 'profile create',
      iat: MIDNIGHT / 1000,
      exp: MIDNIGHT / 1000 + 24 * 60 * 60,
    })
  })

  it('says {active: false} and no more of anything else', async () => {
    const clock = { seconds: 0 }
    const alice = createAlice({ clock })
    const { access_token, refresh_token } = await tokensFor(alice)
    for (const token of [FAR_TOKEN, refresh_token, await codeFor(alice)]) {
      const answer = await introspect(alice, token)
      assert.equal(answer.status, 200)
      assert.deepEqual(await jsonOf(answer), { active: false })
    }
    clock.seconds = 24 * 60 * 60
    assert.deepEqual(await jsonOf(await introspect(alice, access_token)), { active: false })
  })

  it("MUST require authorization: a token of the owner's, or a call of our own machines", async () => {
    const alice = createAlice()
    const { access_token } = await tokensFor(alice)
    const ask = (init?: RequestInit) => alice.post('introspect', { token: access_token }, init)
    assert.equal((await ask(bearer(access_token))).status, 200)

    const nobody = await ask()
    assert.equal(nobody.status, 401)
    assert.equal(nobody.headers.get('www-authenticate'), 'Bearer realm="indieauth"')
    const stranger = await ask(bearer(FAR_TOKEN))
    assert.equal(stranger.status, 401)
    assert.match(stranger.headers.get('www-authenticate') ?? '', /error="invalid_token"/)

    const bob = { me: 'https://bob.example/', scope: ['read'] }
    const reader = await ask(bearer(await alice.secrets.issue('access-token', bob)))
    assert.equal(reader.status, 403)
    assert.match(reader.headers.get('www-authenticate') ?? '', /error="insufficient_scope"/)
    const deliver = await alice.secrets.issue('call', { purpose: 'deliver' })
    assert.equal((await ask(bearer(deliver))).status, 401)
  })

  it("tells a client of its own tokens; of others' only with the scope introspect (RFC 7662 §2.2)", async () => {
    const alice = createAlice()
    const me = 'https://alice.example/'
    const issue = (client_id: string, scope: string[]) =>
      alice.secrets.issue('access-token', { me, scope, client_id })
    const { access_token } = await tokensFor(alice)
    const bob = { me: 'https://bob.example/', scope: ['read'] }
    const recipients = await alice.secrets.issue('access-token', bob)
    const ask = async (caller: string, token: string) => {
      const answer = await alice.post('introspect', { token }, bearer(caller))
      assert.equal(answer.status, 200)
      return jsonOf(answer)
    }
    const curious = await issue('https://app.eve.example/', ['profile', 'create'])
    for (const token of [recipients, access_token]) {
      assert.deepEqual(await ask(curious, token), { active: false })
    }
    assert.equal((await ask(curious, curious))['active'], true)
    assert.equal((await ask(await issue(APP.clientId, ['profile']), access_token))['active'], true)
    const server = await issue('https://micropub.example/', ['introspect'])
    for (const token of [recipients, access_token]) {
      assert.equal((await ask(server, token))['active'], true)
    }
  })

  it("shows whose a recipient's token is, and what for", async () => {
    const alice = createAlice()
    const resource = 'https://alice.example/private/'
    const claims = { me: 'https://bob.example/', scope: ['read'], resource }
    const token = await alice.secrets.issue('access-token', claims)
    const answer = await jsonOf(await introspect(alice, token))
    assert.equal(answer['me'], 'https://bob.example/')
    assert.equal(answer['resource'], resource)
    assert.equal('client_id' in answer, false)
  })

  it('is an invalid_request without a token', async () => {
    const alice = createAlice()
    assert.equal((await jsonOf(await introspect(alice, '')))['error'], 'invalid_request')
  })
})

describe('createLegacyVerification()', () => {
  it('tells at the token endpoint what the token in the header is good for', async () => {
    const alice = createAlice()
    const { access_token } = await tokensFor(alice)
    const answer = await alice.get('token', bearer(access_token))
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    assert.deepEqual(await jsonOf(answer), {
      me: 'https://alice.example/',
      client_id: APP.clientId,
      scope: 'profile create',
    })
  })

  it('answers in form encoding those who ask for it', async () => {
    const alice = createAlice()
    const { access_token } = await tokensFor(alice)
    const headers = { ...bearer(access_token).headers, accept: 'application/x-www-form-urlencoded' }
    const answer = new URLSearchParams(await (await alice.get('token', { headers })).text())
    assert.equal(answer.get('me'), 'https://alice.example/')
    assert.equal(answer.get('scope'), 'profile create')
  })

  it('answers 401 to anything else, and no more than that to nobody', async () => {
    const alice = createAlice()
    const { refresh_token } = await tokensFor(alice)
    const nobody = await alice.get('token')
    assert.equal(nobody.status, 401)
    assert.equal(nobody.headers.get('www-authenticate'), 'Bearer realm="indieauth"')
    for (const token of [FAR_TOKEN, refresh_token]) {
      const answer = await alice.get('token', bearer(token))
      assert.equal(answer.status, 401)
      assert.match(answer.headers.get('www-authenticate') ?? '', /error="invalid_token"/)
    }
  })
})

/** As RFC 7009 has it, and as it was done before. */
for (const [name, revoke] of [
  ['createRevocationEndpoint()', (alice: Alice, token: string) => alice.post('revoke', { token })],
  [
    'legacyRevocation()',
    (alice: Alice, token: string) => alice.post('token', { action: 'revoke', token }),
  ],
] as const) {
  describe(name, () => {
    it('ends an access token, and leaves its refresh token alone', async () => {
      const alice = createAlice()
      const { access_token, refresh_token } = await tokensFor(alice)
      assert.equal((await revoke(alice, access_token)).status, 200)
      assert.equal(await isActive(alice, access_token), false)
      assert.equal((await alice.get('token', bearer(access_token))).status, 401)
      assert.equal((await refresh(alice, refresh_token)).status, 200)
    })

    it('ends a refresh token with everything that came of it', async () => {
      const alice = createAlice()
      const first = await tokensFor(alice)
      const second = await tokensOf(await refresh(alice, first.refresh_token))
      assert.equal((await revoke(alice, second.refresh_token)).status, 200)
      assert.equal(await isActive(alice, first.access_token), false)
      assert.equal(await isActive(alice, second.access_token), false)
      assert.equal((await refresh(alice, second.refresh_token)).status, 400)
    })

    it('answers 200 for what is no token, or none any more', async () => {
      const alice = createAlice()
      const { access_token } = await tokensFor(alice)
      for (const token of [access_token, access_token, FAR_TOKEN, await codeFor(alice)]) {
        const answer = await revoke(alice, token)
        assert.equal(answer.status, 200)
        assert.equal(await answer.text(), '')
      }
    })

    it('does not spend or end a code', async () => {
      const alice = createAlice()
      const code = await codeFor(alice)
      await revoke(alice, code)
      assert.equal((await alice.post('token', redemption(code))).status, 200)
    })

    it('is an invalid_request without a token', async () => {
      assert.equal((await revoke(createAlice(), '')).status, 400)
    })
  })
}
