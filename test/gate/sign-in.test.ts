import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { openSession } from '../../lib/jwt/session.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { createBob, createVisitor, type BobOptions } from './people.ts'
import { BOB, createAlice, DINNER, form, seen, type AliceOptions } from './site.ts'

const POST = `https://alice.example/private/${DINNER}/`
const SIGN_IN = 'https://alice.example/indieauth/sign-in'

/** Alice's gate, Bob's server, and a browser. */
function start({ bob = {}, ...options }: AliceOptions & { readonly bob?: BobOptions } = {}) {
  const sites: Record<string, Endpoint> = { 'https://bob.example': createBob(bob) }
  const alice = createAlice({ sites, ...options })
  const web = { ...sites, 'https://alice.example': alice.endpoint }
  return { alice, visitor: createVisitor(web), web }
}

/** Presses the button at the gate, and stops in front of the door that it leads to. */
async function begin({ visitor }: ReturnType<typeof start>, me = 'bob.example', at = POST) {
  const response = await visitor.go(at, form({ me }), 1)
  return { response, location: new URL(response.headers.get('location') ?? 'about:blank') }
}

describe('signing in at the gate', () => {
  it('leads from the 401 through one’s own site back to the post', async () => {
    const { visitor } = start()
    assert.equal((await visitor.go(POST)).status, 401)
    const response = await visitor.go(POST, form({ me: ' Bob.example ' }))
    assert.equal(response.status, 200)
    assert.match(await response.text(), new RegExp(`of gate/${DINNER}/1/`))
    assert.deepEqual(visitor.visited.slice(1), [
      `POST ${POST}`,
      `POST ${SIGN_IN}?…`,
      'GET https://bob.example/auth/authorize?…',
      'GET https://alice.example/indieauth/callback?…',
      `GET ${POST}`,
    ])
    assert.deepEqual(visitor.cookies('https://alice.example'), ['__Host-private-posts-session'])
  })

  it('asks for a code with PKCE S256, state, me, and no scope', async () => {
    const site = start()
    const { response, location } = await begin(site)
    assert.equal(response.status, 303)
    assert.equal(location.origin + location.pathname, 'https://bob.example/auth/authorize')
    const query = location.searchParams
    assert.equal(query.get('response_type'), 'code')
    assert.equal(query.get('client_id'), 'https://alice.example/indieauth/client.json')
    assert.equal(query.get('redirect_uri'), 'https://alice.example/indieauth/callback')
    assert.equal(query.get('code_challenge_method'), 'S256')
    assert.equal(query.get('me'), BOB)
    assert.equal(query.has('scope'), false)
    assert.ok((query.get('state') ?? '').length >= 22)
  })

  it('keeps what is pending in an encrypted cookie, for no script and no other host', async () => {
    const site = start()
    const { response, location } = await begin(site)
    const [cookie = '', ...others] = response.headers.getSetCookie()
    assert.deepEqual(others, [])
    assert.match(cookie, /^__Host-private-posts-in-[\w-]{12}=[\w.-]+; /)
    assert.match(cookie, /; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/)
    assert.ok(cookie.length < 4096)
    assert.ok(!cookie.includes(location.searchParams.get('state') ?? 'x'))
    assert.match(response.headers.get('cache-control') ?? '', /no-store/)
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer')
  })

  it('sends the form on with the way back, for every path alike, existing or not', async () => {
    const { alice } = start()
    for (const path of [`${DINNER}/`, 'zzzzzzzzzzzz/?a=b', '', `${DINNER}/menu.pdf`]) {
      const { status, headers, body } = await seen(
        await alice.ask(`/private/${path}`, form({ me: 'bob.example' })),
      )
      assert.deepEqual([status, body], [307, ''])
      const { location, ...others } = Object.fromEntries(headers)
      assert.equal(location, `${SIGN_IN}?next=${encodeURIComponent(`/private/${path}`)}`)
      assert.equal(others['cache-control'], 'private, no-store')
    }
    assert.deepEqual(alice.reads, [])
  })

  it('works with three tabs at once, each back to its own post', async () => {
    const site = start()
    const posts = [POST, POST.replace(DINNER, 'zzzzzzzzzzzz'), `${POST}menu.pdf`]
    const locations = []
    for (const post of posts) locations.push((await begin(site, 'bob.example', post)).location)
    for (const [index, location] of locations.entries()) {
      const callback = (await site.visitor.ask(location)).headers.get('location') ?? ''
      const back = await site.visitor.ask(callback)
      assert.equal(back.headers.get('location'), posts[index])
    }
  })

  it('never lets the cookies grow past what a request can carry', async () => {
    const site = start()
    for (let times = 0; times < 8; times++) await begin(site)
    assert.equal(site.visitor.cookies('https://alice.example').length, 3)
    const { location } = await begin(site)
    assert.equal((await site.visitor.go(location)).status, 200)
  })

  it('signs in whom the server confirms, and 403s them if it is somebody else', async () => {
    const { visitor, alice } = start({ bob: { me: 'https://bob.example/work' } })
    const response = await visitor.go(POST, form({ me: 'bob.example' }))
    assert.equal(response.status, 403)
    assert.match(await response.text(), /signed in as <strong class="who">bob\.example\/work</)
    assert.ok(alice.web.log.includes('GET https://bob.example/work'), 'me was confirmed')
  })

  it('signs in nobody whom the server has no say over', async () => {
    const eve: Endpoint = async () =>
      new Response('<title>Eve</title>', { headers: { 'content-type': 'text/html' } })
    const sites = {
      'https://eve.example': createBob({ address: 'https://eve.example/', me: BOB }),
      'https://bob.example': eve,
    }
    const alice = createAlice({ sites })
    const visitor = createVisitor({ ...sites, 'https://alice.example': alice.endpoint })
    const response = await visitor.go(POST, form({ me: 'eve.example' }))
    assert.equal(response.status, 400)
    assert.deepEqual(visitor.cookies('https://alice.example'), [])
  })
})

describe('createSignInEndpoint()', () => {
  it('shows the form, and comes back to where it was asked for', async () => {
    const { visitor } = start()
    const page = await visitor.ask(`${SIGN_IN}?next=/private/${DINNER}/`)
    assert.equal(page.status, 200)
    assert.match(await page.text(), new RegExp(`name="next" value="/private/${DINNER}/"`))
    const next = `/private/${DINNER}/`
    const response = await visitor.go(SIGN_IN, form({ me: 'bob.example', next }))
    assert.equal(response.status, 200)
  })

  for (const next of ['https://eve.example/', '//eve.example/', '/\\eve.example/', '']) {
    it(`leads nowhere else when "next" is ${JSON.stringify(next)}`, async () => {
      const { visitor } = start()
      const page = await visitor.ask(`${SIGN_IN}?next=${encodeURIComponent(next)}`)
      assert.match(await page.text(), /name="next" value="\/"/)
      await visitor.go(SIGN_IN, form({ me: 'bob.example', next }))
      assert.equal(visitor.visited.at(-1), 'GET https://alice.example/')
    })
  }

  const problems: Record<string, [me: string, words: RegExp]> = {
    'is no address': ['not an address', /Type the address of your own website/],
    'is empty': ['', /Type the address of your own website/],
    'has a port': ['https://bob.example:8443/', /Type the address of your own website/],
    'is an IP address': ['127.0.0.1', /Type the address of your own website/],
    'cannot be reached': ['nowhere.example', /could not reach that address/],
    'has no IndieAuth': ['carol.example', /does not say how to sign in/],
    'is the owner’s own, without a server': ['alice.example', /href="\/inbox">your inbox</],
  }
  const plain: Endpoint = async () =>
    new Response('<p>hello', { headers: { 'content-type': 'text/html' } })
  for (const [name, [me, words]] of Object.entries(problems)) {
    it(`shows the form again, with what to do, when the address ${name}`, async () => {
      const sites = { 'https://carol.example': plain, 'https://alice.example': plain }
      const { alice } = start({ sites })
      const response = await alice.ask(`/indieauth/sign-in?next=/private/`, form({ me }))
      assert.equal(response.status, 400)
      const text = await response.text()
      assert.match(text, words)
      assert.ok(text.includes(`value="${me}"`), 'nothing has to be typed twice')
      assert.ok(text.includes('value="/private/"'), 'and the way back is kept')
      assert.deepEqual(response.headers.getSetCookie(), [])
    })
  }

  it('shows what was typed as text, and no more than a line of it', async () => {
    const { alice } = start()
    const response = await alice.ask(
      '/indieauth/sign-in',
      form({ me: `"><script>${'x'.repeat(999)}` }),
    )
    const text = await response.text()
    assert.doesNotMatch(text, /<script/)
    assert.ok(!text.includes('x'.repeat(200)))
    assert.ok(text.includes('x'.repeat(150)))
  })

  it('goes nowhere on behalf of another website', async () => {
    const { alice } = start()
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: 'https://alice.example' },
      { origin: 'https://eve.example' },
    ]) {
      const response = await alice.ask('/indieauth/sign-in', form({ me: 'bob.example' }, headers))
      assert.equal(response.status, 403)
      assert.match(await response.text(), /value="bob\.example"/)
    }
    assert.deepEqual(alice.web.log, [])
    for (const headers of [
      { 'sec-fetch-site': 'same-origin', origin: 'null' },
      { 'sec-fetch-site': 'none' },
      { origin: 'https://alice.example' },
      { origin: 'null' },
    ]) {
      const response = await alice.ask('/indieauth/sign-in', form({ me: 'bob.example' }, headers))
      assert.equal(response.status, 303)
    }
  })

  it('limits the tries of one client, and says how long to wait', async () => {
    const { alice } = start()
    const ask = (clientAddress: string) =>
      alice.endpoint(new Request(SIGN_IN, form({ me: 'bob.example' })), {
        waitUntil() {},
        clientAddress,
      })
    const statuses = []
    for (let times = 0; times < 21; times++) statuses.push((await ask('192.0.2.1')).status)
    assert.deepEqual(statuses, [...Array<number>(20).fill(303), 429])
    const response = await ask('192.0.2.1')
    assert.ok(Number(response.headers.get('retry-after')) > 0)
    assert.match(await response.text(), /Please wait/)
    assert.equal((await ask('192.0.2.2')).status, 303)
    alice.wait(1)
    assert.equal((await ask('192.0.2.1')).status, 303)
  })

  it('counts a network of IPv6 as one client', async () => {
    const { alice } = start()
    const ask = async (clientAddress: string) => {
      const request = new Request(SIGN_IN, form({ me: 'bob.example' }))
      return (await alice.endpoint(request, { waitUntil() {}, clientAddress })).status
    }
    for (let i = 1; i <= 20; i++) assert.equal(await ask(`2001:db8:1:2::${i}`), 303)
    assert.equal(await ask('2001:db8:1:2:ffff::1'), 429)
    assert.equal(await ask('2001:db8:1:3::1'), 303)
  })

  it('refuses what is no form, or too much of one', async () => {
    const { alice } = start()
    const json = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
    assert.equal((await alice.ask('/indieauth/sign-in', json)).status, 415)
    const long = await alice.ask('/indieauth/sign-in', form({ me: 'x'.repeat(5_000) }))
    assert.equal(long.status, 413)
    const body = new URLSearchParams([
      ['me', 'bob.example'],
      ['me', 'eve.example'],
    ])
    assert.equal((await alice.ask('/indieauth/sign-in', { method: 'POST', body })).status, 400)
  })
})

describe('createCallbackEndpoint()', () => {
  /** Bob is on his way back. */
  async function returning(options: Parameters<typeof start>[0] = {}) {
    const site = start(options)
    const { location } = await begin(site)
    const callback = new URL((await site.visitor.ask(location)).headers.get('location') ?? '')
    return { ...site, callback }
  }

  it('starts a session of 30 days for the confirmed me, and forgets what was pending', async () => {
    const { visitor, callback, alice } = await returning()
    const response = await visitor.ask(callback)
    assert.equal(response.status, 303)
    assert.equal(response.headers.get('location'), POST)
    const [session = '', pending = ''] = response.headers.getSetCookie()
    assert.match(
      session,
      /^__Host-private-posts-session=.*; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure$/,
    )
    assert.match(pending, /^__Host-private-posts-in-[\w-]{12}=; .*Max-Age=0/)
    const request = new Request(POST, { headers: { cookie: session.split(';')[0] ?? '' } })
    const opened = await openSession(request, alice.options)
    assert.deepEqual(opened?.claims, { reader: BOB, by: 'indieauth' })
  })

  it('finishes no sign-in that another browser began (state is bound to the browser)', async () => {
    const { callback, alice, visitor } = await returning()
    const response = await alice.ask(callback.pathname + callback.search)
    assert.equal(response.status, 400)
    assert.deepEqual(response.headers.getSetCookie(), [])
    assert.ok(
      !alice.web.log.some((line) => line.startsWith('POST')),
      'the code is not shown to anybody',
    )
    assert.equal((await visitor.ask(callback)).status, 303)
  })

  it('works once', async () => {
    const { callback, visitor } = await returning()
    assert.equal((await visitor.ask(callback)).status, 303)
    assert.equal((await visitor.ask(callback)).status, 400)
  })

  it('uses up nothing for a HEAD', async () => {
    const { callback, visitor, alice } = await returning()
    assert.equal((await visitor.ask(callback, { method: 'HEAD' })).status, 405)
    assert.ok(!alice.web.log.some((line) => line.startsWith('POST')))
    assert.equal((await visitor.ask(callback)).status, 303)
  })

  const changes: Record<string, (query: URLSearchParams) => void> = {
    'a wrong iss': (query) => query.set('iss', 'https://eve.example/'),
    'no iss although it was promised': (query) => query.delete('iss'),
    'a wrong code': (query) => query.set('code', 'xxxxxxx'),
    'no code': (query) => query.delete('code'),
    'another state': (query) => query.set('state', 'xxxxxxx'),
    'no state': (query) => query.delete('state'),
  }
  for (const [name, change] of Object.entries(changes)) {
    it(`starts no session for ${name}`, async () => {
      const { callback, visitor } = await returning()
      change(callback.searchParams)
      const response = await visitor.ask(callback)
      assert.equal(response.status, 400)
      assert.ok(!visitor.cookies('https://alice.example').some((cookie) => /session/.test(cookie)))
      assert.match(await response.text(), /Back to the start/)
    })
  }

  it('starts no session an hour later', async () => {
    const { callback, visitor, alice } = await returning()
    alice.wait(1 / 24)
    const response = await visitor.ask(callback)
    assert.equal(response.status, 400)
    assert.match(await response.text(), /took too long/)
  })

  it('takes no for an answer, and repeats nothing that a stranger wrote', async () => {
    const { callback, visitor } = await returning({ bob: { denies: true } })
    callback.searchParams.set('error_description', 'Call 0900-EVE')
    const response = await visitor.ask(callback)
    assert.equal(response.status, 403)
    const text = await response.text()
    assert.match(text, /You chose not to sign in/)
    assert.match(text, new RegExp(`href="/private/${DINNER}/"`))
    assert.doesNotMatch(text, /EVE/)
    assert.deepEqual(visitor.cookies('https://alice.example'), [])
  })

  it('takes nothing for a pending sign-in that was sealed for something else', async () => {
    const { alice, callback } = await returning()
    for (const text of ['{}', 'no JSON', '{"pending":{},"next":"/"}']) {
      const value = await alice.options.secrets.seal(text)
      const state = callback.searchParams.get('state') ?? ''
      const id = createHash('sha256').update(state).digest('base64url').slice(0, 12)
      const headers = { cookie: `__Host-private-posts-in-${id}=${value}` }
      const response = await alice.ask(callback.pathname + callback.search, { headers })
      assert.equal(response.status, 400)
    }
  })
})
