import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  APP,
  authorizationRequest,
  CODE_CHALLENGE,
  consent,
  createAlice,
  fieldsOf,
  fillIn,
  PASSPHRASE,
  sessionOf,
  type Alice,
} from './server-alice.ts'

const ISS = 'https://alice.example/indieauth/'
const text = async (response: Response) => (await response.text()).replace(/\s+/g, ' ')
const ask = (alice: Alice, changes: Record<string, string | undefined> = {}, cookie = '') =>
  alice.get(`auth?${authorizationRequest(changes)}`, { headers: { cookie } })
const queryOf = (response: Response) =>
  Object.fromEntries(new URL(response.headers.get('location') ?? '').searchParams)

describe('a request that must not be answered by a redirect', () => {
  for (const [why, changes] of [
    ['client_id is missing', { client_id: undefined }],
    ['client_id is no URL', { client_id: 'app' }],
    ['client_id has a fragment', { client_id: 'https://app.example/#x' }],
    ['redirect_uri is missing', { redirect_uri: undefined }],
    ['redirect_uri is a script', { redirect_uri: 'javascript:alert(1)' }],
    ['redirect_uri has a fragment', { redirect_uri: `${APP.redirectUri}#x` }],
    [
      'redirect_uri is on a host that the client does not list',
      { redirect_uri: 'https://eve.example/' },
    ],
    [
      'redirect_uri is not listed letter by letter',
      { redirect_uri: 'https://other.example/callback/' },
    ],
    ['redirect_uri has a query that is not listed', { redirect_uri: `${APP.redirectUri}?next=x` }],
    ['redirect_uri is on a subdomain', { redirect_uri: 'https://x.app.example/callback' }],
    ['redirect_uri has another scheme', { redirect_uri: 'http://app.example/callback' }],
    ['redirect_uri has another port', { redirect_uri: 'https://app.example:8443/callback' }],
    ['redirect_uri is of an app that is not listed', { redirect_uri: 'eve.app:/cb' }],
  ] as const) {
    it(`is a page for the owner when ${why}`, async () => {
      const alice = createAlice()
      const response = await ask(alice, changes)
      assert.equal(response.status, 400)
      assert.equal(response.headers.get('location'), null)
      assert.match(await text(response), /This request cannot be answered/)
      assert.equal((await ask(alice)).status, 200, 'its twin')
    })
  }

  it('is one with two client ids, of which somebody may read the other', async () => {
    const request = `auth?${authorizationRequest()}&client_id=https%3A%2F%2Feve.example%2F`
    assert.equal((await createAlice().get(request)).status, 400)
  })

  it('is one whose client says that it is another', async () => {
    const metadata = { ...APP.metadata, client_id: 'https://other.example/' }
    const evil = async () => Response.json(metadata)
    const alice = createAlice({ sites: { 'https://app.example': evil } })
    const redirect_uri = 'https://other.example/callback'
    assert.equal((await ask(alice, { redirect_uri })).status, 400)
    assert.equal((await ask(createAlice(), { redirect_uri })).status, 200)
  })

  it('is one whose client cannot be had, unless it is answered on its own origin', async () => {
    const gone = { 'https://app.example': async () => new Response('', { status: 500 }) }
    const alice = createAlice({ sites: gone })
    assert.equal((await ask(alice, { redirect_uri: 'https://other.example/callback' })).status, 400)
    assert.equal((await ask(alice)).status, 200)
    assert.equal((await ask(alice, { redirect_uri: 'http://app.example/callback' })).status, 400)
  })
})

describe('a request with something wrong in it', () => {
  for (const [error, why, changes] of [
    ['invalid_request', 'response_type is missing', { response_type: undefined }],
    ['unsupported_response_type', 'response_type is token', { response_type: 'token' }],
    ['invalid_request', 'code_challenge is missing', { code_challenge: undefined }],
    ['invalid_request', 'the method is plain', { code_challenge_method: 'plain' }],
    [
      'invalid_request',
      'the method is missing, and so plain',
      { code_challenge_method: undefined },
    ],
    ['invalid_request', 'code_challenge is no SHA-256', { code_challenge: 'x' }],
    ['invalid_request', 'code_challenge is padded', { code_challenge: `${CODE_CHALLENGE}=` }],
    ['invalid_scope', 'scope is no list of scopes', { scope: 'a"b' }],
    [
      'invalid_scope',
      'scope is longer than anybody reads',
      { scope: 'abcdefghijklmnopqrstuvwxyz01234'.split('').join(' ') },
    ],
  ] as const) {
    it(`goes back to the client with ${error}, state and iss when ${why}`, async () => {
      const response = await ask(createAlice(), changes)
      assert.ok([302, 303].includes(response.status))
      assert.ok(response.headers.get('location')?.startsWith(`${APP.redirectUri}?`))
      const { error_description, ...query } = queryOf(response)
      assert.deepEqual(query, { error, state: 'sssss', iss: ISS })
      assert.match(error_description ?? '', /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
    })
  }

  it('goes back without a state when that is missing as well', async () => {
    const query = queryOf(await ask(createAlice(), { state: undefined, code_challenge: undefined }))
    assert.equal(query['error'], 'invalid_request')
    assert.equal('state' in query, false)
    assert.equal(query['iss'], ISS)
  })
})

describe('the consent page', () => {
  it('shows who asks, where they are, whom they ask, and where one goes next', async () => {
    const page = await text(await ask(createAlice()))
    assert.match(page, /<strong>app\.example<\/strong>/)
    assert.match(page, /calls itself “The App”/)
    assert.match(page, /https:\/\/app\.example\//)
    assert.match(page, /that you are <strong>alice\.example<\/strong>/)
    assert.match(page, /back to <strong>app\.example<\/strong>/)
    assert.match(page, /https:\/\/app\.example\/callback/)
    assert.match(page, /see your name and picture/)
    assert.match(page, /publish new posts on your site/)
    assert.doesNotMatch(page, /class="notice bad"/)
  })

  it('asks for the passphrase, unless the owner is signed in', async () => {
    const alice = createAlice()
    assert.match(await text(await ask(alice)), /type="password"/)
    assert.doesNotMatch(await text(await ask(alice, {}, await sessionOf(alice))), /type="password"/)
  })

  for (const [why, claims] of [
    ['somebody with an invitation', { reader: 'https://alice.example/', by: 'invitation' }],
    ['another reader', { reader: 'https://bob.example/', by: 'indieauth' }],
  ] as const) {
    it(`takes ${why} for nobody`, async () => {
      const alice = createAlice()
      const cookie = await sessionOf(alice, claims)
      assert.match(await text(await ask(alice, {}, cookie)), /type="password"/)
      const fields = await fillIn(alice, authorizationRequest(), { cookie })
      const answer = await alice.post('auth', fields, { headers: { cookie } })
      assert.equal(answer.status, 403)
    })
  }

  it('warns when one would go on to another host than asked', async () => {
    const page = await text(
      await ask(createAlice(), { redirect_uri: 'https://other.example/callback' }),
    )
    assert.match(
      page,
      /class="notice bad">\s?From here you would go to <strong>other\.example<\/strong>/,
    )
  })

  it('warns when an app would open', async () => {
    const page = await text(await ask(createAlice(), { redirect_uri: 'example.app:/cb' }))
    assert.match(page, /From here an app on this device would open/)
  })

  it('warns of a program on this device, which may take any port', async () => {
    const changes = {
      client_id: 'http://127.0.0.1:8000/',
      redirect_uri: 'http://127.0.0.1:4567/cb',
    }
    const alice = createAlice()
    const page = await text(await ask(alice, changes))
    assert.match(page, /A program on this very device asks/)
    assert.deepEqual(alice.log, [], 'and is not asked who it is')
    const elsewhere = { ...changes, redirect_uri: 'http://127.0.0.2:4567/cb' }
    assert.equal((await ask(alice, elsewhere)).status, 400)
  })

  it('warns when the client expects somebody else', async () => {
    const alice = createAlice()
    for (const me of ['https://bob.example/', 'bob.example', '<script>']) {
      assert.match(await text(await ask(alice, { me })), /expects somebody else/, me)
    }
    for (const me of [
      'https://alice.example/',
      'alice.example',
      'https://alice.example',
      undefined,
    ]) {
      assert.doesNotMatch(await text(await ask(alice, { me })), /expects somebody else/, me)
    }
  })

  it('asks only who the owner is where nothing else is asked for', async () => {
    for (const changes of [{ scope: undefined }, { scope: '' }, { response_type: 'id' }]) {
      const page = await text(await ask(createAlice(), changes))
      assert.match(page, /Tell app\.example who you are\?/)
      assert.match(page, /and nothing else/)
      assert.doesNotMatch(page, /type="checkbox"/)
    }
  })

  it('shows nothing of a stranger as markup', async () => {
    const client_name = '<img src=x onerror=alert(1)>"\''
    const evil = async () => Response.json({ ...APP.metadata, client_name })
    const alice = createAlice({ sites: { 'https://app.example': evil } })
    const page = await text(await ask(alice, { scope: '<b>', me: '"><script>', state: '"><i>' }))
    assert.doesNotMatch(page, /<(img|script|b|i)\b/)
    assert.match(page, /&lt;img src=x/)
  })

  it('cannot be framed, kept, or found through its referrer', async () => {
    const { headers } = await ask(createAlice())
    assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/)
    assert.match(headers.get('cache-control') ?? '', /no-store/)
    assert.equal(headers.get('referrer-policy'), 'no-referrer')
  })

  it('does not visit strangers without end for somebody who asks again and again', async () => {
    const alice = createAlice()
    const context = { clientAddress: '192.0.2.1', waitUntil: () => {} }
    const request = () => alice.get(`auth?${authorizationRequest()}`, {}, context)
    for (let i = 0; i < 60; i++) assert.equal((await request()).status, 200)
    const refused = await request()
    assert.equal(refused.status, 429)
    assert.ok(Number(refused.headers.get('retry-after')) > 0)
    assert.equal(alice.log.length, 60)
    assert.equal((await ask(alice)).status, 200, 'others may ask')
  })
})

describe('the decision', () => {
  it('goes back to the client with code, state and iss', async () => {
    const location = await consent(createAlice())
    assert.equal(`${location.origin}${location.pathname}`, APP.redirectUri)
    assert.deepEqual([...location.searchParams.keys()], ['code', 'state', 'iss'])
    assert.equal(location.searchParams.get('state'), 'sssss')
    assert.equal(location.searchParams.get('iss'), ISS)
  })

  it('goes back without a state where the client sent none, as it may with PKCE', async () => {
    const location = await consent(createAlice(), authorizationRequest({ state: undefined }))
    assert.deepEqual([...location.searchParams.keys()], ['code', 'iss'])
    const empty = await consent(createAlice(), authorizationRequest({ state: '' }))
    assert.equal(empty.searchParams.get('state'), '')
  })

  it('keeps the query of the redirect URI and any state as they are', async () => {
    const redirect_uri = 'https://app.example/callback?a=1%202&b'
    const page = async () => new Response('<p>', { headers: { 'content-type': 'text/html' } })
    const alice = createAlice({ sites: { 'https://app.example': page } })
    const state = 'a&b=c+d "ü" %20'
    const location = await consent(alice, authorizationRequest({ redirect_uri, state }))
    assert.ok(location.href.startsWith(`${redirect_uri}&code=`))
    assert.equal(location.searchParams.get('state'), state)
  })

  it('signs the owner in for the next time, and takes away the referrer', async () => {
    const alice = createAlice()
    const fields = await fillIn(alice, authorizationRequest(), { passphrase: PASSPHRASE })
    const answer = await alice.post('auth', fields)
    assert.equal(answer.status, 303)
    assert.match(answer.headers.get('set-cookie') ?? '', /^__Host-/)
    assert.equal(answer.headers.getSetCookie().length, 2)
    assert.equal(answer.headers.get('referrer-policy'), 'no-referrer')
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
    const again = await alice.post(
      'auth',
      await fillIn(alice, authorizationRequest(), { cookie }),
      {
        headers: { cookie },
      },
    )
    assert.equal(again.status, 303)
    assert.ok(queryOf(again)['code'])
  })

  it('goes back with access_denied, state and iss when the owner says no', async () => {
    const alice = createAlice()
    const fields = await fillIn(alice, authorizationRequest(), { decision: 'deny' })
    const query = queryOf(await alice.post('auth', fields))
    assert.deepEqual(query, { error: 'access_denied', state: 'sssss', iss: ISS })
  })

  it('gives no code for a wrong passphrase, and asks again', async () => {
    const alice = createAlice()
    for (const passphrase of ['a wrong passphrase', '', undefined]) {
      const visitor = passphrase === undefined ? {} : { passphrase }
      const fields = await fillIn(alice, authorizationRequest(), visitor)
      const answer = await alice.post('auth', fields)
      assert.equal(answer.status, 403)
      assert.equal(answer.headers.get('location'), null)
      assert.equal(answer.headers.get('set-cookie'), null)
      const page = await text(answer)
      assert.match(page, /role="alert"/)
      assert.doesNotMatch(page, /a wrong passphrase/)
    }
  })

  it('keeps the ticks that the owner took away, when asking again', async () => {
    const alice = createAlice()
    const fields = await fillIn(alice, authorizationRequest(), { passphrase: 'wrong' })
    const without = fields.filter(([name, value]) => name !== 'granted' || value !== 'create')
    const page = await (await alice.post('auth', without)).text()
    const granted = fieldsOf(page).filter(([name]) => name === 'granted')
    assert.deepEqual(granted, [['granted', 'profile']])
  })

  it('answers 429 and when to come back, after too many passphrases, also to the right one', async () => {
    const alice = createAlice()
    const fields = await fillIn(alice)
    for (let i = 0; i < 10; i++)
      await alice.post('auth', [...fields, ['passphrase', 'x'.repeat(3000)]])
    const answer = await alice.post('auth', [...fields, ['passphrase', PASSPHRASE]])
    assert.equal(answer.status, 429)
    assert.equal(answer.headers.get('retry-after'), '900')
    assert.match(await text(answer), /Please wait 15 minutes/)
  })

  it('knows the browser again that the owner signed in with, also after too many tries of others', async () => {
    const alice = createAlice()
    const signIn = await fillIn(alice, authorizationRequest(), { passphrase: PASSPHRASE })
    const [, device = ''] = (await alice.post('auth', signIn)).headers.getSetCookie()
    const fields = await fillIn(alice)
    for (let i = 0; i < 10; i++)
      await alice.post('auth', [...fields, ['passphrase', 'x'.repeat(3000)]])
    const right: [string, string][] = [...fields, ['passphrase', PASSPHRASE]]
    assert.equal((await alice.post('auth', right)).status, 429)
    const headers = { cookie: device.split(';')[0] ?? '' }
    assert.equal((await alice.post('auth', right, { headers })).status, 303)
  })

  it('grants what is ticked, and nothing that was not asked for', async () => {
    const alice = createAlice()
    const fields = await fillIn(alice, authorizationRequest(), { passphrase: PASSPHRASE })
    const changed = fields.filter(([name, value]) => name !== 'granted' || value === 'create')
    const answer = await alice.post('auth', [...changed, ['granted', 'delete']])
    const opened = await alice.secrets.open('authorization-code', queryOf(answer)['code'] ?? '')
    assert.ok(opened.valid)
    assert.deepEqual(opened.claims.scope, ['create'])
  })

  it('does not need the client once more', async () => {
    const alice = createAlice()
    await consent(alice)
    assert.deepEqual(alice.log, [`GET ${APP.clientId}`])
  })

  it('opens an app by a link, because a form must not lead there', async () => {
    const alice = createAlice()
    const request = authorizationRequest({ redirect_uri: 'example.app:/cb' })
    const fields = await fillIn(alice, request, { passphrase: PASSPHRASE })
    const answer = await alice.post('auth', fields)
    assert.equal(answer.status, 200)
    assert.match(
      await text(answer),
      /<a class="button" href="example\.app:\/cb\?code=[^"]+state=sssss[^"]+">/,
    )
    assert.ok(answer.headers.get('set-cookie'))
  })
})

describe('a consent form', () => {
  const owner = async (alice: Alice) => {
    const cookie = await sessionOf(alice)
    const fields = await fillIn(alice, authorizationRequest(), { cookie })
    const post = (form: [string, string][], jar = cookie) =>
      alice.post('auth', form, { headers: { cookie: jar } })
    return { fields, post }
  }
  const change = (fields: [string, string][], name: string, value: string) =>
    fields.map(([other, old]): [string, string] => [other, other === name ? value : old])

  it('is taken from the browser that it was made for', async () => {
    const { fields, post } = await owner(createAlice())
    assert.equal((await post(fields)).status, 303)
  })

  for (const [name, value] of [
    ['csrf', ''],
    ['csrf', 'xxxxxxx'],
    ['client_id', 'https://app.example/'],
    ['redirect_uri', 'https://other.example/callback'],
    ['state', 'other'],
    ['code_challenge', 'x'.repeat(43)],
    ['scope', 'profile create delete'],
  ] as const) {
    it(`is not taken with another ${name}: "${value}"`, async () => {
      const { fields, post } = await owner(createAlice())
      const answer = await post(change(fields, name, value))
      assert.notEqual(answer.status, 303)
      assert.equal(answer.headers.get('location'), null)
    })
  }

  it("is not taken from another site's page, which has no session's form", async () => {
    const alice = createAlice()
    const { post } = await owner(alice)
    const strangers = await fillIn(alice)
    const answer = await post(strangers)
    assert.equal(answer.status, 403)
    assert.equal(answer.headers.get('location'), null)
  })

  it('is not taken from another session, nor without one', async () => {
    const alice = createAlice()
    const { fields, post } = await owner(alice)
    assert.equal((await post(fields, await sessionOf(alice))).status, 403)
    assert.equal((await post(fields, '')).status, 403)
    assert.equal((await post([...fields, ['passphrase', PASSPHRASE]], '')).status, 403)
  })

  it('is not taken when it has become too old, and is made anew', async () => {
    const clock = { seconds: 0 }
    const alice = createAlice({ clock })
    const { fields, post } = await owner(alice)
    clock.seconds = 12 * 60 * 60 + 1
    const answer = await post(fields)
    assert.equal(answer.status, 403)
    const anew = fieldsOf(await answer.text())
    assert.equal((await post([...anew, ['decision', 'allow']])).status, 303)
  })

  it('does not carry a decision about one request over to another', async () => {
    const alice = createAlice()
    const { fields, post } = await owner(alice)
    const cookie = await sessionOf(alice)
    const other = await fillIn(alice, authorizationRequest({ scope: 'delete' }), { cookie })
    const csrf = fields.find(([name]) => name === 'csrf')?.[1] ?? ''
    assert.equal((await post(change(other, 'csrf', csrf))).status, 403)
  })
})
