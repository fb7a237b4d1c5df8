import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { leaveOrigin } from '../../lib/web/guarded-fetch.ts'
import { failed, refused, startGuard } from '../support/web-guard.ts'
import { startServer } from '../support/web-server.ts'
import { forbiddenUrls } from './vectors.ts'

describe('createGuardedFetch(): redirects', () => {
  /** `/hops/3` redirects to `/hops/2` and so on; `/to?url=` to wherever it says. */
  async function startRedirector(t: TestContext, log: string[] = []): Promise<URL> {
    return startServer(t, (request, response) => {
      const url = new URL(request.url ?? '', 'http://server')
      log.push(`${request.method} ${url.pathname}`)
      const hops = Number(/^\/hops\/(\d+)$/.exec(url.pathname)?.[1] ?? 0)
      const location = hops > 0 ? `/hops/${hops - 1}` : url.searchParams.get('url')
      if (location === null) return void response.end('arrived')
      const status = Number(url.searchParams.get('status') ?? 302)
      response
        .writeHead(status, { location: Buffer.from(location).toString('latin1') })
        .end('moved')
    })
  }
  const to = (server: URL, url: string, status = 302) =>
    new URL(`/to?status=${status}&url=${encodeURIComponent(url)}`, server)

  for (const status of [301, 302, 303, 307, 308]) {
    it(`follows ${status} of a GET, and knows where it arrived`, async (t) => {
      const server = await startRedirector(t)
      const response = await startGuard(t)(to(server, 'end?x#y', status))
      assert.equal(await response.text(), 'arrived')
      assert.equal(response.url, new URL('/end?x', server).href)
    })

    it(`leaves ${status} of a POST to its caller`, async (t) => {
      const log: string[] = []
      const server = await startRedirector(t, log)
      const response = await startGuard(t)(to(server, '/end', status), {
        method: 'POST',
        body: 'x',
      })
      assert.deepEqual([response.status, response.headers.get('location')], [status, '/end'])
      assert.deepEqual(log, ['POST /to'])
    })
  }

  it('leaves a GET to its caller where that is asked for', async (t) => {
    const server = await startRedirector(t)
    const response = await startGuard(t)(to(server, 'http://10.0.0.1/'), { redirect: 'manual' })
    assert.deepEqual([response.status, response.headers.get('location')], [302, 'http://10.0.0.1/'])
  })

  it('goes to a high port over TLS where that is asked for, and is redirected to none', async (t) => {
    const server = await startRedirector(t)
    const fetch = startGuard(t, { lookup: async () => ['127.0.0.1'] })
    const high = new URL(`https://bob.example:${server.port}/`)
    await assert.rejects(fetch(high), refused(/not one of the web/))
    await assert.rejects(fetch(high, { highPorts: true }), failed(/bob\.example/))
    await assert.rejects(
      fetch(to(server, high.href), { highPorts: true }),
      refused(/not one of the web/),
    )
  })

  it('refuses any redirect where that is asked for', async (t) => {
    const server = await startRedirector(t)
    await assert.rejects(
      startGuard(t)(to(server, '/end'), { redirect: 'error' }),
      refused(/redirects/),
    )
    assert.equal((await startGuard(t)(new URL('/end', server), { redirect: 'error' })).status, 200)
  })

  it('follows a HEAD with a HEAD', async (t) => {
    const log: string[] = []
    const server = await startRedirector(t, log)
    await startGuard(t)(to(server, '/end'), { method: 'HEAD' })
    assert.deepEqual(log, ['HEAD /to', 'HEAD /end'])
  })

  it('treats a redirect that leads nowhere as the answer', async (t) => {
    const server = await startServer(t, (_, response) => response.writeHead(302).end('here'))
    const response = await startGuard(t)(server)
    assert.deepEqual([response.status, await response.text()], [302, 'here'])
  })

  it('fails on a redirect to something that is no URL', async (t) => {
    const server = await startRedirector(t)
    await assert.rejects(startGuard(t)(to(server, 'http://[')), failed(/no URL/))
  })

  it('reads a location beyond ASCII as UTF-8', async (t) => {
    const server = await startRedirector(t)
    const response = await startGuard(t)(to(server, '/é'))
    assert.equal(response.url, new URL('/%C3%A9', server).href)
  })

  it('follows twenty redirects and refuses one more, and so a loop', async (t) => {
    const log: string[] = []
    const server = await startRedirector(t, log)
    assert.equal(await (await startGuard(t)(new URL('/hops/20', server))).text(), 'arrived')
    await assert.rejects(startGuard(t)(new URL('/hops/21', server)), refused(/redirect/))

    log.length = 0
    const circle = await startServer(t, (request, response) => {
      log.push(request.url ?? '')
      response.writeHead(302, { location: request.url ?? '' }).end()
    })
    await assert.rejects(startGuard(t)(circle), refused(/redirect/))
    assert.equal(log.length, 21)
  })

  for (const href of [
    ...forbiddenUrls,
    'ftp://bob.example/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'http://alice:secret@bob.example/',
    'http://bob.example:6379/',
    'http://private.example/',
  ]) {
    it(`refuses a redirect to ${href}`, async (t) => {
      const log: string[] = []
      const server = await startRedirector(t, log)
      const fetch = startGuard(t, { lookup: async () => ['10.0.0.1'] })
      await assert.rejects(fetch(to(server, to(server, href).href)), refused())
      assert.deepEqual(log, ['GET /to', 'GET /to'])
    })
  }

  it('shows credentials to the origin they are meant for only', async (t) => {
    const seen: (string | undefined)[][] = []
    const note = await startServer(t, (request, response) => {
      const { authorization, cookie, 'x-other': other } = request.headers
      seen.push([authorization, cookie, String(other)])
      response.end()
    })
    const server = await startServer(t, (request, response) => {
      const location = request.url === '/same' ? new URL('/again', server).href : note.href
      if (request.url === '/again')
        seen.push([request.headers.authorization, request.headers.cookie])
      response.writeHead(request.url === '/again' ? 200 : 302, { location }).end()
    })
    const headers = { authorization: 'Bearer xxxxxxx', cookie: 'a=b', 'x-other': 'kept' }
    await startGuard(t)(new URL('/same', server), { headers })
    await startGuard(t)(new URL('/other', server), { headers })
    assert.deepEqual(seen, [
      ['Bearer xxxxxxx', 'a=b'],
      [undefined, undefined, 'kept'],
    ])
  })
})

describe('leaveOrigin()', () => {
  const https = new URL('https://bob.example/')
  const http = new URL('http://bob.example/')

  it('refuses to go on in the clear with a request that is authorized', () => {
    const headers = new Headers({ authorization: 'Bearer xxxxxxx' })
    assert.throws(() => leaveOrigin(headers, https, http), refused(/unencrypted/))
  })

  it('goes on without credentials, encrypted or with nothing to lose', () => {
    const headers = new Headers({ authorization: 'Bearer xxxxxxx', cookie: 'a=b', accept: '*/*' })
    leaveOrigin(headers, http, https)
    assert.deepEqual([...headers], [['accept', '*/*']])
    leaveOrigin(headers, https, http)
    assert.deepEqual([...headers], [['accept', '*/*']])
  })
})
