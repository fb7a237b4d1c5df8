import assert from 'node:assert/strict'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { listen, type ListenOptions } from '../../lib/web/node-server.ts'

async function start(t: TestContext, endpoint: Endpoint, options: ListenOptions = {}) {
  const server = await listen(endpoint, options)
  t.after(() => server.close())
  return { ...server, url: new URL(`http://127.0.0.1:${server.port}/`) }
}

/** Speaks HTTP by hand and resolves with all that came back. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(text)
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return answer
}

describe('listen()', () => {
  it('says nothing of a client that breaks off its body, and goes on', async (t) => {
    const errors: unknown[] = []
    let [begin, end] = [() => {}, () => {}]
    const begun = new Promise<void>((resolve) => (begin = resolve))
    const ended = new Promise<void>((resolve) => (end = resolve))
    const endpoint: Endpoint = async (request) => {
      begin()
      try {
        return new Response(await request.text())
      } finally {
        end()
      }
    }
    const { url, port } = await start(t, endpoint, { onError: (error) => errors.push(error) })
    const socket = connect(port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\nhalf')
    await begun
    socket.destroy()
    await ended
    assert.equal(await (await fetch(url, { method: 'POST', body: 'whole' })).text(), 'whole')
    assert.deepEqual(errors, [])
  })

  /** Reads the beginning of each body, and wants no more of it. */
  const refuse: Endpoint = async (request) => {
    const reader = request.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    return new Response('too much', { status: 413 })
  }
  const MB = 1024 * 1024
  const largeHead = (length: number) =>
    `POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${length}\r\n\r\n`

  it('reads on after a refused body, so that its connection can be used again', async (t) => {
    const { port } = await start(t, refuse)
    const socket = connect(port, '127.0.0.1')
    socket.write(largeHead(8 * MB))
    socket.write('x'.repeat(8 * MB))
    socket.write('GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n')
    let answers = ''
    for await (const chunk of socket) answers += chunk
    assert.deepEqual(answers.match(/HTTP\/1.1 \d+/g), ['HTTP/1.1 413', 'HTTP/1.1 413'])
  })

  it('cuts off a client that sends on without end', async (t) => {
    const { port } = await start(t, refuse)
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.write(largeHead(1024 * MB))
    const send = () => void (socket.destroyed || socket.write('x'.repeat(MB), send))
    send()
    socket.resume()
    await closed
    assert.ok(socket.bytesWritten < 128 * MB)
  })

  it('hands over method, URL, headers and body, and sends back the response', async (t) => {
    const { url } = await start(t, async (request) => {
      const said = [request.method, request.url, request.headers.get('x-a'), await request.text()]
      return new Response(said.join(' '), { status: 202, headers: { 'x-b': 'c' } })
    })
    const response = await fetch(new URL('/p?q=r', url), {
      method: 'POST',
      headers: { 'x-a': 'b' },
      body: 'a body',
    })
    assert.equal(await response.text(), `POST ${url.href}p?q=r b a body`)
    assert.deepEqual([response.status, response.headers.get('x-b')], [202, 'c'])
  })

  it('sends each challenge in a line of its own, for HEAD as for GET', async (t) => {
    const { port } = await start(t, async () => {
      const headers = new Headers({ 'www-authenticate': 'IndieAuth' })
      headers.append('www-authenticate', 'Bearer realm="a, b", scope="read"')
      return new Response(null, { status: 401, headers })
    })
    for (const method of ['GET', 'HEAD']) {
      const answer = await raw(
        port,
        `${method} / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n`,
      )
      const lines = answer.split('\r\n').filter((line) => /^www-authenticate:/i.test(line))
      assert.deepEqual(
        lines.map((line) => line.replace(/^[\w-]+/, '').slice(2)),
        ['IndieAuth', 'Bearer realm="a, b", scope="read"'],
      )
    }
  })

  it('tells the network address of the client', async (t) => {
    const { url } = await start(t, async (_, context) => new Response(context?.clientAddress))
    assert.equal(await (await fetch(url)).text(), '127.0.0.1')
  })

  it('takes the address from its own proxy, and from nobody else', async (t) => {
    const tell: Endpoint = async (_, context) => new Response(context?.clientAddress)
    const ask = async ({ url }: { url: URL }, address: string) =>
      (await fetch(url, { headers: { 'x-forwarded-for': address } })).text()
    const open = await start(t, tell)
    const behind = await start(t, tell, { trustProxy: true })
    assert.equal(await ask(open, '192.0.2.7'), '127.0.0.1')
    assert.equal(await ask(behind, '192.0.2.7'), '192.0.2.7')
    assert.equal(await ask(behind, '198.51.100.1, 2001:db8::7'), '2001:db8::7')
    assert.equal(await ask(behind, '192.0.2.7, unknown'), '127.0.0.1')
  })

  it('closes only when what a request left to be done is done, and reports what went wrong', async () => {
    const done: string[] = []
    const errors: unknown[] = []
    let finish = () => {}
    const work = new Promise<void>((resolve) => (finish = resolve))
    const server = await listen(
      async (_, context) => {
        context?.waitUntil(work.then(() => done.push('work')))
        context?.waitUntil(Promise.reject(new Error('left behind')))
        return new Response('accepted', { status: 202 })
      },
      { onError: (error) => errors.push(error) },
    )
    assert.equal((await fetch(`http://127.0.0.1:${server.port}/`)).status, 202)
    const closed = server.close().then(() => done.push('closed'))
    setImmediate(finish)
    await closed
    assert.deepEqual(done, ['work', 'closed'])
    assert.match(String(errors), /left behind/)
  })

  it('keeps several cookies apart', async (t) => {
    const { url } = await start(t, async () => {
      const headers = new Headers([
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ])
      return new Response('', { headers })
    })
    assert.deepEqual((await fetch(url)).headers.getSetCookie(), ['a=1', 'b=2'])
  })

  it('tells the sites on one port apart by their names', async (t) => {
    const { port } = await start(t, async ({ url }) => new Response(new URL(url).hostname))
    for (const name of ['alice.localhost', 'bob.localhost']) {
      const answer = await raw(
        port,
        `GET / HTTP/1.1\r\nHost: ${name}:${port}\r\nConnection: close\r\n\r\n`,
      )
      assert.ok(answer.includes(name))
    }
  })

  for (const [id, head] of [
    ['a host that is a path', 'GET / HTTP/1.1\r\nHost: bob.example/x?'],
    ['a host with a user', 'GET / HTTP/1.1\r\nHost: alice@bob.example'],
    ['no host', 'GET / HTTP/1.0'],
    ['an absolute URL', 'GET http://eve.example/ HTTP/1.1\r\nHost: bob.example'],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: bob.example'],
    ['a method that fetch forbids', 'TRACE / HTTP/1.1\r\nHost: bob.example'],
  ] as const) {
    it(`answers ${id} with 400`, async (t) => {
      const { port } = await start(t, async () => new Response('reached'))
      const answer = await raw(port, `${head}\r\nConnection: close\r\n\r\n`)
      assert.match(answer, /^HTTP\/1\.1 400 /)
      const twin = await raw(
        port,
        'GET / HTTP/1.1\r\nHost: bob.example\r\nConnection: close\r\n\r\n',
      )
      assert.match(twin, /^HTTP\/1\.1 200 [^]*reached/)
    })
  }

  it('keeps a path that begins with two slashes on its own host', async (t) => {
    const { port } = await start(t, async ({ url }) => new Response(url))
    const answer = await raw(
      port,
      'GET //eve.example/ HTTP/1.1\r\nHost: bob.example\r\nConnection: close\r\n\r\n',
    )
    assert.match(answer, /http:\/\/bob\.example\/\/eve\.example\//)
  })

  it('sends no body to HEAD', async (t) => {
    const { url } = await start(t, async () => new Response('a body'))
    const response = await fetch(url, { method: 'HEAD' })
    assert.equal(await response.text(), '')
  })

  it('says no more than 500 to the client when the endpoint throws', async (t) => {
    const errors: unknown[] = []
    const failure = new Error('SECRET')
    const endpoint = () => Promise.reject(failure)
    const { url } = await start(t, endpoint, { onError: (error) => errors.push(error) })
    const response = await fetch(url)
    assert.deepEqual(
      [response.status, await response.text()],
      [500, 'Something went wrong here. Please try again later.\n'],
    )
    assert.deepEqual(errors, [failure])
  })

  it('streams, and tells the endpoint when the client has gone', async (t) => {
    let gone: unknown
    const { url } = await start(t, async (request) => {
      const stopped = new Promise((resolve) => request.signal.addEventListener('abort', resolve))
      gone = stopped.then(() => 'gone')
      const body = new ReadableStream({
        async pull(controller) {
          controller.enqueue(new TextEncoder().encode('tick'))
          await wait(10)
        },
      })
      return new Response(body)
    })
    const client = new AbortController()
    const response = await fetch(url, { signal: client.signal })
    const chunk = await response.body?.getReader().read()
    assert.match(new TextDecoder().decode(chunk?.value), /^tick/)
    client.abort()
    assert.equal(await gone, 'gone')
  })

  it('finishes a request under way before it closes, and takes no other', async () => {
    const server = await listen(async () => {
      await wait(100)
      return new Response('finished')
    })
    const url = `http://127.0.0.1:${server.port}/`
    const response = fetch(url)
    await wait(30)
    const started = performance.now()
    await server.close()
    assert.ok(performance.now() - started < 1_000)
    assert.equal(await (await response).text(), 'finished')
    await assert.rejects(fetch(url))
  })

  it('fails if it cannot listen', async (t) => {
    const { port } = await start(t, async () => new Response(''))
    await assert.rejects(
      listen(async () => new Response(''), { port }),
      { code: 'EADDRINUSE' },
    )
  })
})

describe('listen() with onUpgrade', () => {
  const HANDSHAKE = 'Connection: Upgrade\r\nUpgrade: WebSocket\r\n'
  const say = (socket: Duplex, text: string) => socket.end(`HTTP/1.1 101 Fine\r\n\r\n${text}`)

  it('hands over connection, first bytes and context of a request for a WebSocket', async (t) => {
    const { port } = await start(t, async () => new Response('not this one'), {
      trustProxy: true,
      onUpgrade: (incoming, socket, head, { clientAddress }) =>
        say(socket, `${incoming.url} ${String(head)} ${clientAddress}`),
    })
    const request = `GET /m?a=b HTTP/1.1\r\nHost: bob.example\r\nX-Forwarded-For: 192.0.2.7\r\n${HANDSHAKE}\r\nfirst`
    assert.match(await raw(port, request), /^HTTP\/1\.1 101 [^]*\/m\?a=b first 192\.0\.2\.7$/)
  })

  for (const [id, host] of [
    ['a host that is a path', 'Host: bob.example/x?'],
    ['a host with a user', 'Host: alice@bob.example'],
  ] as const) {
    it(`answers ${id} with 400, and hands nothing over`, async (t) => {
      const { port } = await start(t, async () => new Response(''), {
        onUpgrade: (_, socket) => say(socket, 'reached'),
      })
      const answer = await raw(port, `GET / HTTP/1.1\r\n${host}\r\n${HANDSHAKE}\r\n`)
      assert.match(answer, /^HTTP\/1\.1 400 [^]*Bad Request/)
    })
  }

  it('answers requests for other protocols as if they had not asked', async (t) => {
    const { port } = await start(t, async (request) => new Response(await request.text()), {
      onUpgrade: (_, socket) => say(socket, 'reached'),
    })
    const answer = await raw(
      port,
      'POST / HTTP/1.1\r\nHost: bob.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nContent-Length: 6\r\n\r\na body',
    )
    assert.match(answer, /^HTTP\/1\.1 200 [^]*\r\na body\r\n/)
  })

  it('answers a request for a WebSocket like any other where nobody takes them', async (t) => {
    const { port } = await start(t, async () => new Response('a page'))
    const request = 'GET / HTTP/1.1\r\nHost: bob.example\r\nConnection: Upgrade, close\r\n'
    assert.match(await raw(port, `${request}Upgrade: websocket\r\n\r\n`), /200 [^]*a page/)
  })

  it('drops the connection when the listener throws, and goes on', async (t) => {
    const errors: unknown[] = []
    const { port, url } = await start(t, async () => new Response('still here'), {
      onError: (error) => errors.push(error),
      onUpgrade() {
        throw new Error('broken')
      },
    })
    const request = `GET / HTTP/1.1\r\nHost: bob.example\r\n${HANDSHAKE}\r\n`
    assert.equal(await raw(port, request), '')
    assert.match(String(errors), /broken/)
    assert.equal(await (await fetch(url)).text(), 'still here')
  })

  it('survives a client that breaks the connection off', async (t) => {
    let taken: (socket: Duplex) => void = () => {}
    const upgraded = new Promise<Duplex>((resolve) => (taken = resolve))
    const { port, url } = await start(t, async () => new Response('still here'), {
      onUpgrade: (_, socket) => taken(socket),
    })
    const client = connect(port, '127.0.0.1')
    client.write(`GET / HTTP/1.1\r\nHost: bob.example\r\n${HANDSHAKE}\r\n`)
    const socket = await upgraded
    const closed = new Promise((resolve) => socket.once('close', resolve))
    client.resetAndDestroy()
    socket.resume()
    await closed
    assert.equal(await (await fetch(url)).text(), 'still here')
  })

  it('closes although somebody holds a WebSocket open', async () => {
    let taken: () => void = () => {}
    const upgraded = new Promise<void>((resolve) => (taken = resolve))
    const server = await listen(async () => new Response(''), { onUpgrade: () => taken() })
    const client = connect(server.port, '127.0.0.1')
    client.write(`GET / HTTP/1.1\r\nHost: bob.example\r\n${HANDSHAKE}\r\n`)
    await upgraded
    const gone = new Promise((resolve) => client.once('close', resolve))
    client.on('error', () => {})
    await server.close()
    await gone
  })
})
