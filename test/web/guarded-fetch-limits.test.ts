import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { brotliCompressSync, createGzip, deflateSync, gzipSync } from 'node:zlib'
import { discardBody, readText } from '../../lib/web/body.ts'
import { FetchError } from '../../lib/web/errors.ts'
import { createGuardedFetch } from '../../lib/web/guarded-fetch.ts'
import { failed, startGuard } from '../support/web-guard.ts'
import { closedServer, startServer } from '../support/web-server.ts'

const KB = 1024

/** Writes as fast as the other side reads, until that hangs up. Resolves with the bytes that left. */
async function writeForever(response: ServerResponse, chunk: Uint8Array): Promise<number> {
  let written = 0
  while (!response.destroyed) {
    if (response.write(chunk)) await wait(0)
    else await Promise.race([wait(20), new Promise((resolve) => response.once('drain', resolve))])
    written += chunk.length
  }
  return written
}

describe('createGuardedFetch(): size', () => {
  it('passes a body of exactly the limit and fails on one byte more', async (t) => {
    const server = await startServer(t, (request, response) => {
      response.end('x'.repeat(Number(request.url?.slice(1))))
    })
    const fetch = startGuard(t, { maxBytes: 100 })
    assert.equal((await (await fetch(new URL('/100', server))).text()).length, 100)
    const response = await fetch(new URL('/101', server))
    await assert.rejects(response.text(), failed(/more than 100 bytes/))
  })

  it('hangs up on a body without end', async (t) => {
    let written: Promise<number> | undefined
    const server = await startServer(t, (_, response) => {
      written = writeForever(response, new Uint8Array(64 * KB))
    })
    const response = await startGuard(t, { maxBytes: 256 * KB })(server)
    await assert.rejects(response.text(), failed(/more than 262144 bytes/))
    assert.ok(Number(await written) < 16 * KB * KB)
  })

  it('gives the beginning of a body without end to whoever is content with it', async (t) => {
    let written: Promise<number> | undefined
    const server = await startServer(t, (_, response) => {
      response.write('<link rel=webmention href=/wm>')
      written = writeForever(response, new Uint8Array(64 * KB))
    })
    const response = await startGuard(t)(server)
    const text = await readText(response, { maxBytes: 100 * KB, truncate: true })
    assert.match(text, /^<link rel=webmention href=\/wm>/)
    assert.equal(text.length, 100 * KB)
    await written
  })

  it('limits what a compressed body becomes', async (t) => {
    const server = await startServer(t, (request, response) => {
      response.setHeader('content-encoding', 'gzip')
      if (request.url === '/page') return void response.end(gzipSync('a page'))
      const gzip = createGzip()
      gzip.pipe(response)
      response.once('close', () => gzip.destroy())
      const zeros = new Uint8Array(KB * KB)
      for (let i = 0; i < 50; i++) gzip.write(zeros)
      gzip.end()
    })
    const fetch = startGuard(t)
    assert.equal(await (await fetch(new URL('/page', server))).text(), 'a page')
    const response = await fetch(new URL('/bomb', server))
    await assert.rejects(response.text(), failed(/more than 2097152 bytes/))
  })

  it('limits what arrives, even if it decompresses to nothing', async (t) => {
    const server = await startServer(t, (_, response) => {
      response.setHeader('content-encoding', 'gzip')
      response.write(gzipSync('').subarray(0, 10))
      // Stored blocks of length zero, none of them the last.
      const nothing = Buffer.from('000000ffff'.repeat(8 * KB), 'hex')
      void writeForever(response, nothing)
    })
    const response = await startGuard(t, { maxBytes: 64 * KB, timeout: 60_000 })(server)
    await assert.rejects(response.text(), failed(/broke off \(UND_ERR_RES_EXCEEDED_MAX_SIZE\)/))
  })

  it('fails on a body that is not what its encoding says', async (t) => {
    const server = await startServer(t, (_, response) => {
      response.setHeader('content-encoding', 'gzip')
      response.end('plain')
    })
    await assert.rejects(async () => (await startGuard(t)(server)).text(), failed(/broke off/))
  })
})

describe('createGuardedFetch(): a body that nobody reads', () => {
  it('costs no connection if it is short, and does if it is long', async (t) => {
    const ports = new Set<number | undefined>()
    const server = await startServer(t, (request, response) => {
      ports.add(request.socket.remotePort)
      response.end('x'.repeat(Number(request.url?.slice(1))))
    })
    const fetch = startGuard(t)
    const ask = async (length: number) => {
      await discardBody(await fetch(new URL(`/${length}`, server)))
      await wait(20)
    }
    for (const length of [0, 10, 5_000]) await ask(length)
    assert.equal(ports.size, 1)
    await ask(1024 * KB)
    await ask(10)
    assert.equal(ports.size, 2)
  })
})

describe('createGuardedFetch(): encodings', () => {
  for (const [name, encoded] of [
    ['gzip', gzipSync('Hello')],
    ['br', brotliCompressSync('Hello')],
    ['deflate', deflateSync('Hello')],
    ['identity', Buffer.from('Hello')],
    ['unheard-of', Buffer.from('Hello')],
  ] as const) {
    it(`reads ${name}`, async (t) => {
      const server = await startServer(t, (_, response) => {
        response.writeHead(200, { 'content-encoding': name }).end(encoded)
      })
      assert.equal(await (await startGuard(t)(server)).text(), 'Hello')
    })
  }
})

describe('createGuardedFetch(): time', () => {
  const timeout = 300

  it('waits no longer for headers', async (t) => {
    const server = await startServer(t, (request, response) => {
      if (request.url === '/fast') response.end('fast')
    })
    const fetch = startGuard(t, { timeout })
    assert.equal(await (await fetch(new URL('/fast', server))).text(), 'fast')
    await assert.rejects(fetch(server), failed(/took longer than 0\.3 s/))
  })

  it('waits no longer for a body that stalls', async (t) => {
    const server = await startServer(t, (_, response) => void response.write('a beginning'))
    const response = await startGuard(t, { timeout })(server)
    await assert.rejects(response.text(), failed(/took longer than 0\.3 s/))
  })

  it('waits no longer for a body that trickles', async (t) => {
    const server = await startServer(t, async (_, response) => {
      while (!response.destroyed) {
        response.write('.')
        await wait(20)
      }
    })
    const response = await startGuard(t, { timeout })(server)
    await assert.rejects(response.text(), failed(/took longer than 0\.3 s/))
  })

  it('gives one budget to a whole chain of redirects', async (t) => {
    let hops = 0
    const server = await startServer(t, async (_, response) => {
      hops++
      await wait(120)
      response.writeHead(302, { location: `/${hops}` }).end()
    })
    await assert.rejects(startGuard(t, { timeout })(server), failed(/took longer than 0\.3 s/))
    assert.ok(hops >= 2 && hops <= 4)
  })

  it('waits no longer for a name', async (t) => {
    const lookup = () => wait(1_000, ['127.0.0.1'])
    const fetch = startGuard(t, { timeout, lookup })
    await assert.rejects(fetch(new URL('http://bob.example/')), failed(/took longer than 0\.3 s/))
  })

  it('stops when its caller does', async (t) => {
    const server = await startServer(t, (_, response) => void response.write('a beginning'))
    const caller = new AbortController()
    const response = await startGuard(t)(server, { signal: caller.signal })
    caller.abort()
    await assert.rejects(response.text(), failed(/was aborted/))
    await assert.rejects(startGuard(t)(server, { signal: caller.signal }), failed(/was aborted/))
  })

  it('hangs up at once on an answer that it refuses', async (t) => {
    const closed: Promise<unknown>[] = []
    const server = await startServer(t, (_, response) => {
      closed.push(new Promise((resolve) => response.once('close', resolve)))
      response.writeHead(302, { location: '/elsewhere' }).write('a beginning')
    })
    await assert.rejects(startGuard(t)(server, { redirect: 'error' }), FetchError)
    assert.equal(await Promise.race([closed[0], wait(2_000, 'still open')]), undefined)
  })

  it('does not wait for requests under way when it is closed', async (t) => {
    const server = await startServer(t, () => {})
    const { fetch, close } = createGuardedFetch({ allowLoopback: true })
    const request = fetch(server)
    const outcome = assert.rejects(request, FetchError)
    await wait(50)
    await close()
    await outcome
  })
})

describe('createGuardedFetch(): what errors say', () => {
  const redact = (text: string) => text.replace('xxxxxxx', 'xxx…')

  it('names the URL, redacted and without its query', async (t) => {
    const fetch = startGuard(t, { redact })
    const url = new URL('/p/xxxxxxx/?code=yyyyyyyyyy', await closedServer())
    const described = `http://${url.host}/p/xxx…/?…`
    await assert.rejects(fetch(url), { message: `${described} did not answer (ECONNREFUSED)` })

    url.password = 'zzzzzzz'
    const message = `${described} contains a user name or password`
    await assert.rejects(fetch(url), { message })
  })

  it('names the hop that was refused', async (t) => {
    const server = await startServer(t, (_, response) => {
      response.writeHead(302, { location: 'http://10.0.0.1/xxxxxxx' }).end()
    })
    await assert.rejects(startGuard(t, { redact })(server), {
      message: 'http://10.0.0.1/xxx… is not at an address of the public web',
    })
  })
})
