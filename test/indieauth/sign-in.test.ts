import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parsePendingSignIn, SIGN_IN_LIFETIME } from '../../lib/indieauth/pending-sign-in.ts'
import { codeChallengeOf } from '../../lib/indieauth/pkce.ts'
import { explainRefusal, type SignInRefusal } from '../../lib/indieauth/sign-in-refusal.ts'
import { finishSignIn, startSignIn } from '../../lib/indieauth/sign-in.ts'
import { consent, fakeIndiekit, fakePubl, fakeWordPress } from '../support/indieauth-servers.ts'
import { followRedirects } from '../support/web-redirects.ts'
import { createWeb } from '../support/web.ts'
import { answering, begin, client, comeBack, legacyPage, now, summary } from './bob.ts'

const bob = new URL('https://bob.example/')
const isBob = () => Response.json({ me: bob.href })

const startWith = async (page: string, site = {}) => {
  const html = { headers: { 'content-type': 'text/html' } }
  const web = createWeb({ [bob.origin]: async () => new Response(page, html), ...site })
  return startSignIn({ profileUrl: bob, client }, { ...web, now })
}
const refusalOf = async (page: string, site = {}) => {
  const start = await startWith(page, site)
  return start.started ? 'started' : start.reason.type
}

describe('startSignIn()', () => {
  const endpoint = '/auth?rest_route=/indieauth/1.0/auth&x=a%20b'

  it('asks who somebody is, and for nothing else', async () => {
    const { location, pending } = await begin(
      bob.href,
      createWeb({ [bob.origin]: legacyPage('/auth') }),
    )
    assert.equal(location.origin + location.pathname, 'https://bob.example/auth')
    assert.deepEqual(Object.fromEntries(location.searchParams), {
      response_type: 'code',
      client_id: 'https://alice.example/indieauth/client.json',
      redirect_uri: 'https://alice.example/indieauth/callback',
      state: pending.state,
      code_challenge: codeChallengeOf(pending.codeVerifier),
      code_challenge_method: 'S256',
      me: 'https://bob.example/',
    })
  })

  it("keeps the endpoint's own query as it is, but lets it say nothing in our name", async () => {
    const kept = await begin(bob.href, createWeb({ [bob.origin]: legacyPage(endpoint) }))
    assert.match(kept.location.href, /\/auth\?rest_route=\/indieauth\/1\.0\/auth&x=a%20b&response_/)
    const web = createWeb({ [bob.origin]: legacyPage('/auth?state=theirs&me=eve&y=1') })
    const { location, pending } = await begin(bob.href, web)
    assert.deepEqual(location.searchParams.getAll('state'), [pending.state])
    assert.deepEqual(location.searchParams.getAll('me'), [bob.href])
    assert.equal(location.searchParams.get('y'), '1')
  })

  it('makes a `state` of at least 128 random bits and a new verifier each time', async () => {
    const web = createWeb({ [bob.origin]: legacyPage('/auth') })
    const starts = await Promise.all(Array.from({ length: 20 }, () => begin(bob.href, web)))
    const secrets = starts.flatMap(({ pending }) => [pending.state, pending.codeVerifier])
    assert.equal(new Set(secrets).size, 40)
    for (const secret of secrets) assert.ok(Buffer.from(secret, 'base64url').length >= 16)
    for (const { location, pending } of starts)
      assert.ok(!location.href.includes(pending.codeVerifier))
  })

  it('gives what can be kept in a cookie as JSON, and read again', async () => {
    const { pending } = await begin(bob.href, createWeb(fakeWordPress().sites))
    assert.deepEqual(parsePendingSignIn(JSON.stringify(pending)), pending)
    for (const json of ['', 'null', '{}', JSON.stringify({ ...pending, urls: ['bob'] })]) {
      assert.equal(parsePendingSignIn(json), undefined)
    }
  })

  it('tells apart why it cannot begin', async () => {
    const metadata = '<link rel=indieauth-metadata href="https://m.example/">'
    const serving = (value: object) => ({ 'https://m.example': async () => Response.json(value) })
    const good = { issuer: 'https://m.example/', authorization_endpoint: 'https://m.example/auth' }
    assert.equal(await refusalOf('<link rel=authorization_endpoint href=/auth>'), 'started')
    assert.equal(await refusalOf(metadata, serving(good)), 'started')

    assert.equal(await refusalOf('<p>Bob'), 'no_server')
    assert.equal(await refusalOf(metadata), 'unreachable')
    assert.equal(await refusalOf(metadata, serving({})), 'broken_server')
    assert.equal(
      await refusalOf(metadata, serving({ ...good, authorization_endpoint: undefined })),
      'no_authorization_endpoint',
    )
    const long = `/auth?${'x'.repeat(2_500)}`
    assert.equal(await refusalOf(`<link rel=authorization_endpoint href=${long}>`), 'too_long')

    const nowhere = await startSignIn({ profileUrl: bob, client }, { ...createWeb({}), now })
    assert.equal(nowhere.started ? '' : nowhere.reason.type, 'unreachable')
    const publ = createWeb(fakePubl().sites)
    const start = await startSignIn({ profileUrl: bob, client }, { ...publ, now })
    assert.equal(start.started ? '' : start.reason.type, 'no_authorization_endpoint')
  })
})

describe('finishSignIn()', () => {
  it('redeems the code at the authorization endpoint, in JSON and without following redirects', async () => {
    const requests: Request[] = []
    const web = createWeb({
      [bob.origin]: async (request) => {
        requests.push(request.clone())
        return answering(legacyPage('/auth'), isBob)(request)
      },
    })
    const { pending } = await begin(bob.href, web)
    assert.equal(summary(await comeBack(pending, {}, web)), bob.href)
    const [, redemption] = requests
    assert.ok(redemption)
    assert.equal(redemption.headers.get('accept'), 'application/json')
    assert.match(
      redemption.headers.get('content-type') ?? '',
      /^application\/x-www-form-urlencoded/,
    )
    assert.equal(redemption.redirect, 'manual')
    assert.deepEqual(Object.fromEntries(new URLSearchParams(await redemption.text())), {
      grant_type: 'authorization_code',
      code: 'xxxxxxx',
      client_id: client.clientId.href,
      redirect_uri: client.redirectUri.href,
      code_verifier: pending.codeVerifier,
    })
  })

  it('takes the answer in JSON or form encoding, whatever it is called', async () => {
    const form = () => new Response(new URLSearchParams({ me: bob.href }))
    const named = (body: string, type: string) => () =>
      new Response(body, { headers: { 'content-type': type } })
    for (const answer of [
      isBob,
      form,
      named(`{"me":"${bob.href}"}`, 'text/html'),
      named(` {"me":"${bob.href}"}`, 'application/x-www-form-urlencoded'),
      named(`{"me":"${bob.href}"}`, 'application/json; charset=utf-8'),
      named(`me=${bob.href}&scope=`, 'text/plain'),
    ]) {
      const web = createWeb({ [bob.origin]: answering(legacyPage('/auth'), answer) })
      const { pending } = await begin(bob.href, web)
      assert.equal(summary(await comeBack(pending, {}, web)), bob.href)
    }
  })

  it('is good for half an hour', async () => {
    const web = createWeb({ [bob.origin]: answering(legacyPage('/auth'), isBob) })
    const { pending } = await begin(bob.href, web)
    const query = new URLSearchParams({ code: 'xxxxxxx', state: pending.state })
    const after = async (seconds: number) => {
      const later = new Date(now().getTime() + seconds * 1000)
      return summary(await finishSignIn(query, pending, { ...web, now: () => later }))
    }
    assert.equal(await after(SIGN_IN_LIFETIME), bob.href)
    assert.equal(await after(SIGN_IN_LIFETIME + 1), 'expired')
  })

  it('takes an error of the server for what it is, and repeats none of its words', async () => {
    const web = createWeb({ [bob.origin]: answering(legacyPage('/auth'), isBob) })
    const { pending } = await begin(bob.href, web)
    const refused = async (params: Record<string, string>) => {
      const outcome = await comeBack(pending, params, web)
      return outcome.signedIn ? undefined : outcome.reason
    }
    assert.deepEqual(await refused({ error: 'access_denied' }), { type: 'denied' })
    const error = 'temporarily_unavailable'
    assert.deepEqual(await refused({ error }), { type: 'server_refused', error })
    const unknown = { type: 'server_refused', error: 'unknown' }
    assert.deepEqual(await refused({ error: '<script>alert(1)</script>' }), unknown)
    assert.deepEqual(await refused({ code: '' }), { type: 'no_code' })
    assert.deepEqual(await refused({ code: 'x'.repeat(5_000) }), { type: 'no_code' })
    assert.equal(web.log.filter((line) => line.startsWith('POST')).length, 0)
    assert.equal(await refused({}), undefined)
  })

  describe('the examples of IndieAuth §5.4', () => {
    const login = 'https://login.example/'
    const page = legacyPage(login)
    const world = (me: string) => {
      const log = createWeb({
        'http://www.bob.example': async () =>
          new Response(null, { status: 301, headers: { location: bob.href } }),
        'https://bob.example': page,
        'https://user.bob.example': page,
        'https://login.example': async () => Response.json({ me }),
      })
      return { log: log.log, ...followRedirects(log) }
    }
    const signIn = async (typed: string, me: string) => {
      const web = world(me)
      const { pending } = await begin(typed, web)
      const who = summary(await comeBack(pending, {}, web))
      return { who, visits: web.log.slice(web.log.indexOf(`POST ${login}`) + 1) }
    }

    it('basic redirect: accepts the URL that the endpoint was discovered at, without another look', async () => {
      const found = await signIn('http://www.bob.example/', bob.href)
      assert.deepEqual(found, { who: bob.href, visits: [] })
    })

    it('accepts the very URL that was entered, without another look', async () => {
      const me = 'http://www.bob.example/'
      assert.deepEqual(await signIn(me, me), { who: me, visits: [] })
    })

    it('service domain to subdomain: asks the subdomain which server speaks for it', async () => {
      const me = 'https://user.bob.example/'
      assert.deepEqual(await signIn(bob.href, me), { who: me, visits: [`GET ${me}`] })
    })

    it('service domain to path: asks the path', async () => {
      const me = 'https://bob.example/username'
      assert.deepEqual(await signIn(bob.href, me), { who: me, visits: [`GET ${me}`] })
    })

    it('canonicalises `me` before it compares or returns it', async () => {
      const found = await signIn(bob.href, 'https://BOB.example')
      assert.deepEqual(found, { who: bob.href, visits: [] })
    })
  })

  it('MUST NOT identify anybody by their profile', async () => {
    const me = 'https://bob.example/author/bob/'
    const web = createWeb(fakeWordPress({ me }).sites)
    const { location, pending } = await begin(bob.href, web)
    const { searchParams } = await consent(location, web)
    assert.equal(summary(await finishSignIn(searchParams, pending, { ...web, now })), me)
  })

  it('gives all requests of a step one time limit together', async () => {
    const signals: (AbortSignal | null | undefined)[] = []
    const { fetch } = createWeb(fakeWordPress().sites)
    const web = {
      fetch: (url: URL, init?: RequestInit) => {
        signals.push(init?.signal)
        return fetch(url, init)
      },
    }
    const { location, pending } = await begin(bob.href, web)
    assert.equal(signals.length, 2)
    const { searchParams } = await consent(location, { fetch })
    assert.ok((await finishSignIn(searchParams, pending, { ...web, now })).signedIn)
    assert.equal(signals.length, 5)
    assert.ok(signals.every((signal) => signal instanceof AbortSignal))
    assert.equal(new Set(signals).size, 2)
  })

  it('works for two tabs at once, each with its own `state`', async () => {
    const web = createWeb(fakeIndiekit().sites)
    const [one, two] = [await begin(bob.href, web), await begin(bob.href, web)]
    const backs = [await consent(one.location, web), await consent(two.location, web)] as const
    const options = { ...web, now }
    assert.ok((await finishSignIn(backs[1].searchParams, two.pending, options)).signedIn)
    assert.ok((await finishSignIn(backs[0].searchParams, one.pending, options)).signedIn)
  })
})

describe('explainRefusal()', () => {
  it('says in plain words what happened, and nothing that a stranger wrote', () => {
    const detail = 'https://eve.example/<secret>'
    const refusals: readonly SignInRefusal[] = [
      { type: 'unreachable', detail },
      { type: 'broken_server', detail },
      { type: 'server_refused', error: detail },
      { type: 'redemption_failed', detail },
      { type: 'code_refused', status: 404 },
      { type: 'bad_answer', detail },
      { type: 'me_unreachable', detail },
      { type: 'repeated_parameter', parameter: 'code' },
      { type: 'me_elsewhere' },
      { type: 'denied' },
    ]
    for (const refusal of refusals) {
      assert.match(explainRefusal(refusal), /^[A-Z][^<]{20,200}\.$/)
      assert.ok(!explainRefusal(refusal).includes('eve.example'))
    }
  })
})
