import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** A server on loopback that may behave as badly as a test wants. Gone when the test is over. */
export async function startServer(t: TestContext, listener: RequestListener): Promise<URL> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return originOf(server.address())
}

/** Where a server was a moment ago. */
export async function closedServer(): Promise<URL> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = originOf(server.address())
  await new Promise((resolve) => server.close(resolve))
  return url
}

function originOf(address: AddressInfo | string | null): URL {
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  return new URL(`http://127.0.0.1:${address.port}/`)
}
