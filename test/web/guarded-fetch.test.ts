import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { userAgentOf } from '../../lib/web/guarded-fetch.ts'
import { failed, refused, startGuard } from '../support/web-guard.ts'
import { closedServer, startServer } from '../support/web-server.ts'
import { forbiddenUrls, loopbackUrls } from './vectors.ts'

const noLookup = async () => assert.fail('nothing was to be looked up')

describe('createGuardedFetch(): what is asked', () => {
  it('sends method, headers and body, and names itself', async (t) => {
    const server = await startServer(t, async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify([request.method, request.url, request.headers, body]))
    })
    const userAgent = userAgentOf(new URL('https://alice.example/'))
    const response = await startGuard(t, { userAgent })(new URL('/a?b=c#d', server), {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams({ source: 'x' }),
    })
    const [method, url, headers, body] = (await response.json()) as [
      string,
      string,
      Record<string, string>,
      string,
    ]
    assert.deepEqual([method, url, body], ['POST', '/a?b=c', 'source=x'])
    assert.match(String(headers['user-agent']), /Webmention.*https:\/\/alice\.example\//)
    assert.match(String(headers['content-type']), /^application\/x-www-form-urlencoded/)
    assert.equal(headers.accept, 'application/json')
    assert.equal(headers.referer, undefined)
    assert.ok(response instanceof Response)
    assert.equal(response.url, new URL('/a?b=c', server).href)
  })

  it('passes on any status, and several headers of one name', async (t) => {
    const server = await startServer(t, (_, response) => {
      response.writeHead(410, ['Link', '<a>; rel=b', 'LinK', '<c>; rel=d']).end('gone')
    })
    const response = await startGuard(t)(server)
    assert.equal(response.status, 410)
    assert.equal(response.headers.get('link'), '<a>; rel=b, <c>; rel=d')
    assert.equal(await response.text(), 'gone')
  })

  for (const status of [204, 205, 304]) {
    it(`passes on ${status}, which has no body`, async (t) => {
      const server = await startServer(t, (_, response) => response.writeHead(status).end())
      const response = await startGuard(t)(server)
      assert.deepEqual([response.status, await response.text()], [status, ''])
    })
  }
})

describe('createGuardedFetch(): where it goes', () => {
  it('visits loopback only where that is allowed', async (t) => {
    let visits = 0
    const server = await startServer(t, (_, response) => void response.end(`${++visits}`))
    await assert.rejects(
      startGuard(t, { allowLoopback: false })(server),
      refused(/on this machine/),
    )
    assert.equal(visits, 0)
    assert.equal(await (await startGuard(t)(server)).text(), '1')
  })

  for (const href of [...loopbackUrls, ...forbiddenUrls]) {
    it(`refuses ${href} without a lookup`, async (t) => {
      const fetch = startGuard(t, { allowLoopback: false, lookup: noLookup })
      await assert.rejects(fetch(new URL(href)), refused())
    })
  }

  for (const name of ['localhost', 'LocalHost.', 'alice.localhost', 'bob.alice.localhost']) {
    it(`finds ${name} on loopback without a lookup (RFC 6761)`, async (t) => {
      const server = await startServer(t, (request, response) => {
        response.end(request.headers.host)
      })
      const fetch = startGuard(t, { lookup: noLookup })
      const response = await fetch(new URL(`http://${name}:${server.port}/`))
      assert.equal(await response.text(), `${name.toLowerCase()}:${server.port}`)
    })
  }

  it('visits a name whose addresses may all be visited', async (t) => {
    const server = await startServer(
      t,
      (request, response) => void response.end(request.headers.host),
    )
    const ports = [Number(server.port)]
    const fetch = startGuard(t, { ports, lookup: async () => ['127.0.0.1'] })
    const response = await fetch(new URL(`http://bob.example:${server.port}/`))
    assert.equal(await response.text(), `bob.example:${server.port}`)
  })

  for (const addresses of [
    ['10.0.0.1'],
    ['169.254.169.254'],
    ['::ffff:127.0.0.1'],
    ['fd00:ec2::254'],
    ['127.0.0.1', '10.0.0.1'],
    ['127.0.0.1', '::ffff:10.0.0.1'],
    ['127.0.0.1', 'nonsense'],
  ]) {
    it(`refuses a name with the addresses ${addresses.join(', ')}`, async (t) => {
      let visits = 0
      const server = await startServer(t, (_, response) => void response.end(`${++visits}`))
      const fetch = startGuard(t, { ports: [Number(server.port)], lookup: async () => addresses })
      const url = new URL(`http://bob.example:${server.port}/`)
      await assert.rejects(fetch(url), refused(/bob\.example.*not one of the public web/))
      assert.equal(visits, 0)
    })
  }

  it('refuses a name on loopback where that is not allowed', async (t) => {
    const fetch = startGuard(t, { allowLoopback: false, lookup: async () => ['127.0.0.1'] })
    await assert.rejects(fetch(new URL('http://bob.example/')), refused(/127\.0\.0\.1/))
  })

  it('goes to the address that was judged, and judges again for the next connection', async (t) => {
    const server = await startServer(t, (_, response) => {
      response.setHeader('connection', 'close')
      response.end('home')
    })
    const answers = [['127.0.0.1'], ['10.0.0.1'], ['127.0.0.1']]
    let lookups = 0
    const lookup = async () => answers[lookups++] ?? []
    const fetch = startGuard(t, { ports: [Number(server.port)], lookup })
    const url = new URL(`http://rebind.example:${server.port}/`)

    assert.equal(await (await fetch(url)).text(), 'home')
    assert.equal(lookups, 1)
    await assert.rejects(fetch(url), refused(/10\.0\.0\.1/))
    assert.equal(lookups, 2)
    assert.equal(await (await fetch(url)).text(), 'home')
    assert.equal(lookups, 3)
  })

  it('fails, and does not refuse, where a name or a server is not to be found', async (t) => {
    const nowhere = startGuard(t, { lookup: async () => [] })
    await assert.rejects(nowhere(new URL('http://bob.example/')), failed(/has no address/))

    const lookup = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))
    await assert.rejects(
      startGuard(t, { lookup })(new URL('http://bob.example/')),
      failed(/ENOTFOUND/),
    )

    await assert.rejects(startGuard(t)(await closedServer()), failed(/ECONNREFUSED/))
  })
})
