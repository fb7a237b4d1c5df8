import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  APP,
  authorizationRequest,
  codeFor,
  createAlice,
  redemption,
  type Alice,
} from './server-alice.ts'

const FORM = { headers: { accept: 'application/x-www-form-urlencoded' } }
const JSON_ONLY = { headers: { accept: 'application/json' } }
const PROFILE = {
  name: 'Alice Marlow',
  url: new URL('https://alice.example/'),
  photo: new URL('https://alice.example/photo.jpg'),
  email: 'alice@alice.example',
}
const jsonOf = async (response: Response) => (await response.json()) as Record<string, unknown>
const without = (fields: Record<string, string>, name: string) =>
  Object.fromEntries(Object.entries(fields).filter(([other]) => other !== name))

/** What both endpoints must do with a code. */
for (const endpoint of ['auth', 'token']) {
  describe(`redeeming a code at ${endpoint}`, () => {
    it('works once', async () => {
      const alice = createAlice()
      const form = redemption(await codeFor(alice))
      const answer = await alice.post(endpoint, form)
      assert.equal(answer.status, 200)
      assert.equal((await jsonOf(answer))['me'], 'https://alice.example/')
      assert.equal(answer.headers.get('cache-control'), 'no-store')
      assert.equal(answer.headers.get('pragma'), 'no-cache')

      const again = await alice.post(endpoint, form)
      assert.equal(again.status, 400)
      assert.equal((await jsonOf(again))['error'], 'invalid_grant')
    })

    it('works for exactly one of 1,000 that come at once', async () => {
      const alice = createAlice()
      const form = redemption(await codeFor(alice))
      const answers = await Promise.all(
        Array.from({ length: 1000 }, () => alice.post(endpoint, form)),
      )
      assert.equal(answers.filter(({ status }) => status === 200).length, 1)
      assert.equal(answers.filter(({ status }) => status === 400).length, 999)
    })

    for (const [why, changes] of [
      ['client_id is another', { client_id: 'https://eve.example/' }],
      ['redirect_uri is another', { redirect_uri: 'https://other.example/callback' }],
      ['code_verifier is another', { code_verifier: 'w'.repeat(43) }],
      ['code_verifier is the challenge', { code_verifier: 'x'.repeat(42) }],
      ['code_verifier is empty', { code_verifier: '' }],
      ['the code was tampered with', { code: 'xxxxxxx' }],
    ] as const) {
      it(`refuses it, and does not use it up, when ${why}`, async () => {
        const alice = createAlice()
        const code = await codeFor(alice)
        const answer = await alice.post(endpoint, redemption(code, changes))
        assert.equal(answer.status, 400)
        assert.equal((await jsonOf(answer))['error'], 'invalid_grant')
        assert.equal((await alice.post(endpoint, redemption(code))).status, 200)
      })
    }

    for (const name of ['code', 'redirect_uri']) {
      it(`is an invalid_request without ${name}`, async () => {
        const alice = createAlice()
        const form = redemption(await codeFor(alice))
        const answer = await alice.post(endpoint, without(form, name))
        assert.equal(answer.status, 400)
        assert.equal((await jsonOf(answer))['error'], 'invalid_request')
      })
    }

    it('is refused without code_verifier', async () => {
      const alice = createAlice()
      const form = redemption(await codeFor(alice))
      const answer = await alice.post(endpoint, without(form, 'code_verifier'))
      assert.equal((await jsonOf(answer))['error'], 'invalid_grant')
    })

    it('is an invalid_request with a parameter that is there twice', async () => {
      const alice = createAlice()
      const form = new URLSearchParams(redemption(await codeFor(alice)))
      form.append('code', 'yyyyyyyyyy')
      const answer = await alice.post(endpoint, form)
      assert.equal((await jsonOf(answer))['error'], 'invalid_request')
    })

    it('is over after ten minutes', async () => {
      const clock = { seconds: 0 }
      const alice = createAlice({ clock })
      const [one, two] = [await codeFor(alice), await codeFor(alice)]
      clock.seconds = 599
      assert.equal((await alice.post(endpoint, redemption(one))).status, 200)
      clock.seconds = 600
      assert.equal((await alice.post(endpoint, redemption(two))).status, 400)
    })

    it('takes an address without its slash for the same', async () => {
      const client_id = 'https://app.example'
      const page = async () => new Response('<p>', { headers: { 'content-type': 'text/html' } })
      const alice = createAlice({ sites: { 'https://app.example': page } })
      const code = await codeFor(alice, authorizationRequest({ client_id }))
      assert.equal((await alice.post(endpoint, redemption(code, { client_id }))).status, 200)
    })

    it('takes no other secret of ours for a code', async () => {
      const alice = createAlice()
      const { secrets } = alice
      const me = 'https://alice.example/'
      const claims = { me, scope: ['create'], client_id: APP.clientId, family: 'f' }
      const others = [
        await secrets.issue('webmention-code', { recipient: me }),
        await secrets.issue('seed-code', { me, audience: APP.redirectUri }),
        await secrets.issue('ticket', { subject: me, resource: me }),
        await secrets.issue('access-token', claims),
        await secrets.issue('refresh-token', claims),
        await secrets.issue('session', { reader: me, by: 'passphrase' }),
      ]
      for (const code of others) {
        const answer = await alice.post(endpoint, redemption(code))
        assert.equal((await jsonOf(answer))['error'], 'invalid_grant')
      }
    })

    it('answers what is no form with 415, and what is too much with 413', async () => {
      const alice = createAlice()
      const json = { body: '{}', headers: { 'content-type': 'application/json' } }
      assert.equal((await alice.post(endpoint, {}, json)).status, 415)
      assert.equal((await alice.post(endpoint, { code: 'x'.repeat(70_000) })).status, 413)
    })
  })
}

describe('redemption at the authorization endpoint', () => {
  it('says who the owner is and nothing else, also where the code could do more', async () => {
    const alice = createAlice({ profile: PROFILE })
    const code = await codeFor(alice, authorizationRequest({ scope: 'create' }))
    const answer = await alice.post('auth', redemption(code))
    assert.deepEqual(await jsonOf(answer), { me: 'https://alice.example/' })
  })

  it('shows the profile to whom the owner let have it, and the address only if that, too', async () => {
    const alice = createAlice({ profile: PROFILE })
    const profileOf = async (scope: string) => {
      const code = await codeFor(alice, authorizationRequest({ scope }))
      return (await jsonOf(await alice.post('auth', redemption(code))))['profile']
    }
    const { name, url, photo, email } = PROFILE
    const shown = { name, url: url.href, photo: photo.href }
    assert.deepEqual(await profileOf('profile'), shown)
    assert.deepEqual(await profileOf('profile email'), { ...shown, email })
    assert.equal(await profileOf('email'), undefined)
    assert.equal(await profileOf(''), undefined)
  })

  it('does without grant_type, which some clients leave out', async () => {
    const alice = createAlice()
    const form = redemption(await codeFor(alice))
    assert.equal((await alice.post('auth', without(form, 'grant_type'))).status, 200)
  })

  it('knows no other grant', async () => {
    const alice = createAlice()
    const form = redemption(await codeFor(alice), { grant_type: 'refresh_token' })
    assert.equal((await jsonOf(await alice.post('auth', form)))['error'], 'unsupported_grant_type')
  })

  it('answers in form encoding those who ask for nothing else', async () => {
    const alice = createAlice()
    const typeOf = async (accept?: string) => {
      const init = accept === undefined ? {} : { headers: { accept } }
      const answer = await alice.post('auth', redemption(await codeFor(alice)), init)
      return answer.headers.get('content-type')?.split(';')[0]
    }
    assert.equal(
      await typeOf('application/x-www-form-urlencoded'),
      'application/x-www-form-urlencoded',
    )
    for (const accept of [
      undefined,
      '*/*',
      'application/json',
      'application/json, application/x-www-form-urlencoded',
    ]) {
      assert.equal(await typeOf(accept), 'application/json', accept)
    }
  })
})

describe("Alice's server verifies the authorization code (seed 002)", () => {
  const BOB = { site: new URL('https://bob.example/') }
  const seedCode = (bob: Alice, me = 'https://bob.example/') =>
    bob.secrets.issue('seed-code', { me, audience: 'https://alice.example/token' })

  it('answers a code alone with me, in form encoding', async () => {
    const bob = createAlice(BOB)
    const answer = await bob.post('auth', { code: await seedCode(bob) })
    assert.equal(answer.status, 200)
    assert.equal(await answer.text(), 'me=https://bob.example/')
    assert.match(answer.headers.get('content-type') ?? '', /^application\/x-www-form-urlencoded/)
    assert.equal(answer.headers.get('cache-control'), 'no-store')
  })

  it('takes no notice of the fields that the draft calls unnecessary', async () => {
    const bob = createAlice(BOB)
    const more = {
      ...{ client_id: 'https://alice.example/', redirect_uri: 'https://alice.example/' },
      ...{ state: 's', grant_type: 'authorization_code' },
    }
    const answer = await bob.post('auth', { code: await seedCode(bob), ...more })
    assert.deepEqual([answer.status, await answer.text()], [200, 'me=https://bob.example/'])
    const asClient = { code: await seedCode(bob), ...more, code_verifier: 'x'.repeat(43) }
    assert.equal((await bob.post('auth', asClient)).status, 400)
    assert.equal((await bob.post('auth', { code: await codeFor(bob), ...more })).status, 400)
  })

  it('answers in JSON those who ask for it', async () => {
    const bob = createAlice(BOB)
    const answer = await bob.post('auth', { code: await seedCode(bob) }, JSON_ONLY)
    assert.equal((await jsonOf(answer))['me'], 'https://bob.example/')
  })

  it('answers in form encoding those who take anything, or that', async () => {
    const bob = createAlice(BOB)
    for (const init of [{ headers: { accept: '*/*' } }, FORM]) {
      const answer = await bob.post('auth', { code: await seedCode(bob) }, init)
      assert.equal(await answer.text(), 'me=https://bob.example/')
    }
  })

  it('confirms it once', async () => {
    const bob = createAlice(BOB)
    const code = await seedCode(bob)
    const answers = await Promise.all(Array.from({ length: 50 }, () => bob.post('auth', { code })))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  })

  it('refuses with invalid_grant what is no code of ours, or none any more', async () => {
    const clock = { seconds: 0 }
    const bob = createAlice({ ...BOB, clock })
    const old = await seedCode(bob)
    clock.seconds = 600
    const others = [
      'xxxxxxx',
      old,
      await bob.secrets.issue('webmention-code', { recipient: 'https://bob.example/' }),
      await bob.secrets.issue('session', { reader: 'https://bob.example/', by: 'passphrase' }),
      await codeFor(bob),
    ]
    for (const code of others) {
      const answer = await bob.post('auth', { code })
      assert.equal(answer.status, 400)
      assert.equal((await jsonOf(answer))['error'], 'invalid_grant')
    }
    assert.equal((await bob.post('auth', { code: await seedCode(bob) })).status, 200)
  })

  it('refuses with invalid_request what has no code', async () => {
    const answer = await createAlice(BOB).post('auth', {})
    assert.equal((await jsonOf(answer))['error'], 'invalid_request')
  })
})
