import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { finishSignIn, startSignIn } from '../../lib/indieauth/sign-in.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import {
  consent,
  fakeIndieAuthCom,
  fakeIndiekit,
  fakeWordPress,
} from '../support/indieauth-servers.ts'
import { startGuard } from '../support/web-guard.ts'
import { startServer } from '../support/web-server.ts'
import { createWeb } from '../support/web.ts'
import { answering, begin, client, comeBack, legacyPage, now, summary } from './bob.ts'
import { holds } from '../support/property.ts'

const bob = 'https://bob.example/'
const eve = 'https://eve.example/'
const ISSUER = 'https://bob.example/wp-json/indieauth/1.0'
const saying = (answer: unknown) => () => Response.json(answer)
const posts = (log: readonly string[]) => log.filter((line) => line.startsWith('POST'))

describe('another server is mixed up with the right one', () => {
  it('rejects the answer of another issuer, letter by letter, and asks nobody about the code', async () => {
    const web = createWeb(fakeWordPress({ me: bob }).sites)
    const { location, pending } = await begin(bob, web)
    const { searchParams } = await consent(location, web)
    for (const iss of [
      eve,
      '',
      `${ISSUER}/`,
      'https://BOB.example/wp-json/indieauth/1.0',
      'https://bob.example/',
    ]) {
      const params = new URLSearchParams(searchParams)
      params.set('iss', iss)
      assert.equal(summary(await finishSignIn(params, pending, { ...web, now })), 'iss_mismatch')
    }
    const without = new URLSearchParams(searchParams)
    without.delete('iss')
    assert.equal(summary(await finishSignIn(without, pending, { ...web, now })), 'iss_missing')
    assert.deepEqual(posts(web.log), [])

    assert.equal(summary(await finishSignIn(searchParams, pending, { ...web, now })), bob)
  })

  it('does without `iss` only where the server has not promised it, and never with a wrong one', async () => {
    const web = createWeb(fakeIndiekit().sites)
    const { location, pending } = await begin(bob, web)
    const { searchParams } = await consent(location, web)
    searchParams.set('iss', eve)
    assert.equal(
      summary(await finishSignIn(searchParams, pending, { ...web, now })),
      'iss_mismatch',
    )
    searchParams.delete('iss')
    assert.equal(summary(await finishSignIn(searchParams, pending, { ...web, now })), bob)
  })

  it("does not bring Eve's server a code that Bob's server gave and put its name to", async () => {
    const web = createWeb({
      ...fakeWordPress({ me: bob }).sites,
      // Sends whoever comes on to Bob's server, and waits for the code.
      [new URL(eve).origin]: async (request) => {
        const { pathname, search } = new URL(request.url)
        if (pathname === '/') return legacyPage('/auth')(request)
        return new Response(null, { status: 302, headers: { location: `${ISSUER}/auth${search}` } })
      },
    })
    const { location, pending } = await begin(eve, web)
    const back = await consent(await consent(location, web), web)
    assert.equal(back.searchParams.get('iss'), ISSUER)
    const options = { ...web, now }
    assert.equal(summary(await finishSignIn(back.searchParams, pending, options)), 'iss_mismatch')
    assert.deepEqual(posts(web.log), [])
  })

  it('accepts of a legacy server an `iss` of its own house', async () => {
    const site = answering(legacyPage('https://hosted.example/auth'), saying({}))
    const web = createWeb({
      'https://bob.example': site,
      'https://hosted.example': async () => Response.json({ me: bob }),
    })
    const { pending } = await begin(bob, web)
    for (const iss of ['https://hosted.example/', bob]) {
      assert.equal(summary(await comeBack(pending, { iss }, web)), bob)
    }
    for (const iss of [eve, 'hosted.example', '']) {
      assert.equal(summary(await comeBack(pending, { iss }, web)), 'iss_mismatch')
    }
  })
})

describe('a sign-in that this browser did not begin', () => {
  const web = createWeb({
    'https://bob.example': answering(legacyPage('/auth'), saying({ me: bob })),
  })

  it('rejects the `state` of another browser, before anything else', async () => {
    const { pending } = await begin(bob, web)
    const { pending: other } = await begin(bob, web)
    for (const state of [other.state, '', `${pending.state}x`, pending.state.slice(1)]) {
      for (const more of [{}, { error: 'access_denied' }, { iss: eve }]) {
        assert.equal(summary(await comeBack(pending, { ...more, state }, web)), 'state_mismatch')
      }
    }
    const none = new URLSearchParams({ code: 'xxxxxxx' })
    assert.equal(summary(await finishSignIn(none, pending, { ...web, now })), 'state_mismatch')
    assert.deepEqual(posts(web.log), [])
    assert.equal(summary(await comeBack(pending, {}, web)), bob)
  })

  it('rejects a parameter that is there twice', async () => {
    const { pending } = await begin(bob, web)
    const good = { code: 'xxxxxxx', state: pending.state }
    for (const [name, value] of [
      ['code', 'yyyyyyy'],
      ['code', 'xxxxxxx'],
      ['state', pending.state],
      ['state', 'other'],
    ] as const) {
      const params = new URLSearchParams(good)
      params.append(name, value)
      const outcome = await finishSignIn(params, pending, { ...web, now })
      assert.equal(summary(outcome), 'repeated_parameter', name)
    }
    for (const name of ['iss', 'error'] as const) {
      const params = new URLSearchParams([...Object.entries(good), [name, bob], [name, bob]])
      const outcome = await finishSignIn(params, pending, { ...web, now })
      assert.equal(summary(outcome), 'repeated_parameter', name)
    }
    const others = new URLSearchParams([...Object.entries(good), ['x', '1'], ['x', '2']])
    assert.equal(summary(await finishSignIn(others, pending, { ...web, now })), bob)
  })

  it('redeems a code with the verifier of this browser only, so a stolen one is worth nothing', async () => {
    const servers = createWeb(fakeIndiekit().sites)
    const victim = await begin(bob, servers)
    const thief = await begin(bob, servers)
    const stolen = (await consent(victim.location, servers)).searchParams
    stolen.set('state', thief.pending.state)
    const options = { ...servers, now }
    assert.equal(summary(await finishSignIn(stolen, thief.pending, options)), 'code_refused')
    stolen.set('state', victim.pending.state)
    assert.equal(summary(await finishSignIn(stolen, victim.pending, options)), bob)
  })

  it('redeems a code at the server of this sign-in only, whoever gave it', async () => {
    const servers = createWeb({
      ...fakeIndiekit({ site: 'https://eve.example' }).sites,
      ...fakeIndieAuthCom().sites,
    })
    const atBobs = await begin(bob, servers)
    const atEves = await begin(eve, servers)
    const { searchParams } = await consent(atEves.location, servers)
    const code = searchParams.get('code') ?? ''
    assert.equal(summary(await comeBack(atBobs.pending, { code }, servers)), 'code_refused')
    assert.equal(summary(await comeBack(atEves.pending, { code }, servers)), eve)
  })
})

describe('PKCE', () => {
  const metadata = (methods: unknown): Endpoint => {
    return async ({ url }) =>
      new URL(url).pathname === '/'
        ? new Response(null, { headers: { link: '</metadata>; rel="indieauth-metadata"' } })
        : Response.json({
            issuer: bob,
            authorization_endpoint: `${bob}auth`,
            code_challenge_methods_supported: methods,
          })
  }

  it('is never talked down to "plain", or out of it', async () => {
    for (const [methods, expected] of [
      [['plain'], 'no_pkce'],
      [[], 'no_pkce'],
      [['s256'], 'no_pkce'],
      ['S256', 'broken_server'],
      [['plain', 'S256'], 'S256'],
      [undefined, 'S256'],
      [null, 'S256'],
    ] as const) {
      const web = createWeb({ 'https://bob.example': metadata(methods) })
      const start = await startSignIn({ profileUrl: new URL(bob), client }, { ...web, now })
      const method = start.started && start.location.searchParams.get('code_challenge_method')
      assert.equal(start.started ? method : start.reason.type, expected, String(methods))
    }
  })
})

describe('a server that says somebody is who they are not', () => {
  /** Eve's own server claims `me`. */
  const claim = async (me: unknown, sites: Record<string, Endpoint> = {}) => {
    const web = createWeb({
      'https://eve.example': answering(legacyPage('/auth'), saying({ me })),
      ...sites,
    })
    const { pending } = await begin(eve, web)
    return { who: summary(await comeBack(pending, {}, web)), log: web.log }
  }
  const naming = (endpoint: string) => ({ 'https://bob.example': legacyPage(endpoint) })

  it('MUST ask the address that it names which server speaks for it', async () => {
    const { who, log } = await claim(bob, naming('https://bob.example/auth'))
    assert.equal(who, 'me_elsewhere')
    assert.deepEqual(log, [`GET ${eve}`, `POST ${eve}auth`, `GET ${bob}`])
    assert.equal((await claim(bob, naming(`${eve}auth`))).who, bob)
  })

  it('accepts no other endpoint of the same server, and no other spelling of it', async () => {
    for (const endpoint of [
      `${eve}auth/`,
      `${eve}auth?x`,
      `${eve}AUTH`,
      'http://eve.example/auth',
    ]) {
      assert.notEqual((await claim(bob, naming(endpoint))).who, bob, endpoint)
    }
  })

  it('accepts nobody who cannot be asked', async () => {
    const silent = { 'https://bob.example': async () => new Response('<p>Bob') }
    assert.equal((await claim(bob, silent)).who, 'me_elsewhere')
    assert.equal((await claim(bob)).who, 'me_unreachable')
    const link = '</metadata>; rel="indieauth-metadata"'
    const broken = async () => new Response('{}', { headers: { link } })
    assert.equal((await claim(bob, { 'https://bob.example': broken })).who, 'me_elsewhere')
  })

  it('wants the same issuer, too, where there is one', async () => {
    const page = (folder: string) =>
      new Response(null, {
        headers: { link: `<https://m.example${folder}>; rel="indieauth-metadata"` },
      })
    const signInAs = async (folder: string) => {
      const web = createWeb({
        'https://eve.example': async () => page('/a/'),
        'https://bob.example': async () => page(folder),
        'https://m.example': async (request) => {
          if (request.method === 'POST') return Response.json({ me: bob })
          const issuer = `https://m.example${new URL(request.url).pathname}`
          const authorization_endpoint = 'https://m.example/auth'
          return Response.json({ issuer, authorization_endpoint })
        },
      })
      const { pending } = await begin(eve, web)
      return summary(await comeBack(pending, {}, web))
    }
    assert.equal(await signInAs('/a/'), bob)
    assert.equal(await signInAs('/b/'), 'me_elsewhere')
  })

  it('accepts no `me` that is no profile URL', async () => {
    for (const me of [
      'https://bob.example/#me',
      'https://bob@bob.example/',
      'https://bob.example:8443/',
      'https://bob.example/a/../b',
      'https://127.0.0.1/',
      'http://localhost/',
      'https://bob/',
      'mailto:bob@bob.example',
      'javascript:alert(1)',
      'bob.example',
      ' https://bob.example/',
      `https://bob.example/${'x'.repeat(600)}`,
      '',
    ]) {
      const { who, log } = await claim(me, naming(`${eve}auth`))
      assert.equal(who, 'invalid_me', me)
      assert.equal(log.length, 2)
    }
    for (const me of [null, 5, [bob], { href: bob }, undefined]) {
      assert.equal((await claim(me, naming(`${eve}auth`))).who, 'bad_answer')
    }
  })
})

describe('an answer that is none', () => {
  const answered = async (answer: () => Response) => {
    const web = createWeb({ 'https://bob.example': answering(legacyPage('/auth'), answer) })
    const { pending } = await begin(bob, web)
    return { who: summary(await comeBack(pending, {}, web)), log: web.log }
  }

  it('takes only a 200 for a yes, and follows no redirect with a code in its hands', async () => {
    for (const status of [201, 202, 204, 301, 302, 307, 308, 400, 401, 404, 500, 503]) {
      const headers = { location: `${eve}auth` }
      const body = status === 204 ? null : JSON.stringify({ me: bob })
      const { who, log } = await answered(() => new Response(body, { status, headers }))
      assert.equal(who, 'code_refused', String(status))
      assert.deepEqual(posts(log), [`POST ${bob}auth`])
    }
  })

  it('makes nothing of garbage', async () => {
    for (const body of [
      '',
      '{',
      'null',
      '[]',
      '"https://bob.example/"',
      '{"me":',
      '<html>me=https://bob.example/',
      `me=${bob}&me=${eve}`,
      'error=invalid_grant',
      '{"error":"invalid_grant"}',
      '{"profile":{"url":"https://bob.example/"}}',
      '\u0000\u0001',
    ]) {
      assert.equal((await answered(() => new Response(body))).who, 'bad_answer', body)
      const headers = { 'content-type': 'application/json' }
      assert.equal((await answered(() => new Response(body, { headers }))).who, 'bad_answer', body)
    }
  })

  it('reads no more than 64 KB', async () => {
    const long = (length: number) => () => Response.json({ me: bob, profile: 'x'.repeat(length) })
    assert.equal((await answered(long(60_000))).who, bob)
    assert.equal((await answered(long(70_000))).who, 'redemption_failed')
  })

  it('never throws, whatever the browser or the server says (property)', async (t) => {
    const text = fc.oneof(fc.string(), fc.json(), fc.webUrl(), fc.constant(bob))
    const params = fc.dictionary(fc.constantFrom('code', 'iss', 'error', 'x'), text)
    const status = fc.constantFrom(200, 200, 200, 201, 302, 404, 500)
    await holds(
      t,
      fc.asyncProperty(text, params, status, async (body, query, code) => {
        const web = createWeb({
          'https://bob.example': answering(
            legacyPage('/auth'),
            () => new Response(body, { status: code }),
          ),
        })
        const { pending } = await begin(bob, web)
        const outcome = await comeBack(pending, query, web)
        if (outcome.signedIn) assert.equal(outcome.me.href, bob)
      }),
      { numRuns: 300 },
    )
  })
})

describe('on a network with real connections', () => {
  const html = { 'content-type': 'text/html' }
  const options = (fetch: ReturnType<typeof startGuard>) => ({ fetch, now, allowLoopback: true })

  it('goes to no private address, wherever the page, its metadata or `me` redirect to', async (t) => {
    const inside = 'http://10.0.0.1/admin'
    const server = await startServer(t, (request, response) => {
      const { pathname } = new URL(request.url ?? '', 'http://127.0.0.1')
      if (pathname === '/away') return void response.writeHead(302, { location: inside }).end()
      if (pathname === '/metadata-away') {
        return void response.writeHead(200, { link: '</away>; rel="indieauth-metadata"' }).end()
      }
      if (request.method === 'POST') return void response.end(JSON.stringify({ me: away.href }))
      response.writeHead(200, { ...html, link: '</auth>; rel="authorization_endpoint"' }).end()
    })
    const away = new URL('/away', server)
    const fetch = startGuard(t)
    for (const profileUrl of [away, new URL('/metadata-away', server)]) {
      const start = await startSignIn({ profileUrl, client }, options(fetch))
      assert.equal(start.started ? '' : start.reason.type, 'unreachable')
    }
    const start = await startSignIn({ profileUrl: server, client }, options(fetch))
    assert.ok(start.started)
    const params = new URLSearchParams({ code: 'xxxxxxx', state: start.pending.state })
    const outcome = await finishSignIn(params, start.pending, options(fetch))
    assert.equal(summary(outcome), 'me_unreachable')
  })

  it('waits for no server for ever, and none keeps on talking', { timeout: 20_000 }, async (t) => {
    const server = await startServer(t, (request, response) => {
      if (request.method === 'POST') {
        response.writeHead(200, { 'content-type': 'application/json' })
        if (request.url === '/endless') return void response.write('x'.repeat(200_000))
        return void response.write('{')
      }
      if (request.url === '/stalled') return void response.writeHead(200, html).write('<p>')
      const link = `<${request.url === '/' ? '/auth' : '/endless'}>; rel="authorization_endpoint"`
      response.writeHead(200, { ...html, link }).end()
    })
    const web = options(startGuard(t, { timeout: 300 }))
    const stalled = new URL('/stalled', server)
    const start = await startSignIn({ profileUrl: stalled, client }, web)
    assert.equal(start.started ? '' : start.reason.type, 'unreachable')

    for (const path of ['/', '/other']) {
      const begun = await startSignIn({ profileUrl: new URL(path, server), client }, web)
      assert.ok(begun.started)
      const params = new URLSearchParams({ code: 'xxxxxxx', state: begun.pending.state })
      assert.equal(summary(await finishSignIn(params, begun.pending, web)), 'redemption_failed')
    }
  })

  it('lets go when its caller does', { timeout: 10_000 }, async (t) => {
    const server = await startServer(t, () => {})
    const web = { ...options(startGuard(t, { timeout: 60_000 })), signal: AbortSignal.timeout(50) }
    const start = await startSignIn({ profileUrl: server, client }, web)
    assert.equal(start.started ? '' : start.reason.type, 'unreachable')
  })
})
