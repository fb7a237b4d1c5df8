/**
 * The other end, in a process of its own: receivers that take 30 ms for every answer, one port each, and the
 * deployed site. `node receivers.ts HOSTS FOLDER`; it says its ports on standard output, and on `GET /counts` of the
 * site what arrived.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** Milliseconds until a receiver answers. */
const DELAY = 30

/** What a run has asked the receivers, and when. */
export interface Counts {
  readonly gets: number
  readonly posts: number
  /** From the first request to the last answer, in seconds. */
  readonly seconds: number
  /** The most requests at once, in all and at one host. */
  readonly most: number
  readonly mostAtHost: number
}

const [hosts = '1', folder = '.'] = process.argv.slice(2)
/** A page of some kilobytes, with the endpoint in its head, as most pages have it. */
const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bob</title>
<link rel="stylesheet" href="/style.css"><link rel="webmention" href="/webmention"></head><body><article class="h-entry">
${'<p>Some words of Bob’s, and <a href="/more">a link</a>.</p>\n'.repeat(60)}</article></body></html>`

let counts = { gets: 0, posts: 0, first: 0, last: 0, active: 0, most: 0, mostAtHost: 0 }

function createReceiver(): RequestListener {
  let active = 0
  return (request, response) => {
    counts.first ||= performance.now()
    if (request.method === 'POST') counts.posts++
    else counts.gets++
    active++
    counts.active++
    counts.most = Math.max(counts.most, counts.active)
    counts.mostAtHost = Math.max(counts.mostAtHost, active)
    request.resume()
    setTimeout(() => {
      if (request.method === 'POST') response.writeHead(202).end()
      else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE)
      active--
      counts.active--
      counts.last = performance.now()
    }, DELAY)
  }
}

const site: RequestListener = (request, response) => {
  if (request.url === '/counts') {
    const { first, last, active: _, ...rest } = counts
    const answer: Counts = { ...rest, seconds: (last - first) / 1000 }
    counts = { gets: 0, posts: 0, first: 0, last: 0, active: 0, most: 0, mostAtHost: 0 }
    response.end(JSON.stringify(answer))
    return
  }
  const page = readFileSync(join(folder, request.url ?? '', 'index.html'))
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page)
}

async function listen(listener: RequestListener): Promise<number> {
  const server = createServer({ keepAliveTimeout: 60_000 }, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4096, resolve))
  return (server.address() as AddressInfo).port
}

const ports = await Promise.all(
  Array.from({ length: Number(hosts) }, () => listen(createReceiver())),
)
process.stdout.write(`${JSON.stringify({ site: await listen(site), ports })}\n`)
