/**
 * The server of the discovery tests in a process of its own, so that no library waits for it longer
 * than for the network. It listens on as many ports as it is told, because one of the libraries
 * remembers what it saw at an address.
 *
 * @module
 */
import { createServer, type RequestListener } from 'node:http'
import { createRocks } from '../../test/webmention/rocks.ts'

/** About as long as a blog's page with a hundred links; the endpoint is the last of them. */
const PARAGRAPH = `<p>${'A paragraph as people write them, of a few lines. '.repeat(8)}<a href="/one">one</a> <a class="u-url" href="/two" rel="tag">two</a></p>\n`
const LONG_PAGE = `<!doctype html><title>A long page</title>\n${PARAGRAPH.repeat(120)}<a rel="webmention" href="/wm">Webmention</a>`

const rocks = createRocks([])
const listener: RequestListener = (request, response) => {
  if (!request.url?.startsWith('/long/')) return void rocks(request, response)
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(LONG_PAGE)
}

const ports = await Promise.all(Array.from({ length: Number(process.argv[2]) }, listen))
process.send?.(ports)
process.once('disconnect', () => process.exit())

function listen(): Promise<number> {
  const server = createServer(listener)
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(address !== null && typeof address === 'object' ? address.port : 0)
    })
  })
}
