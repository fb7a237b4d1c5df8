import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { uncovered } from './uncovered-vectors.ts'
import { rocks, type Target } from './vectors.ts'

/** `GET /test/1`, and of a webmention what was posted: `POST /test/1/webmention source target`. */
export type RocksLog = string[]

/**
 * The discovery suite of webmention.rocks as a server, with its traps: endpoints that answer 400, and
 * keys that work a single time.
 */
export function createRocks(log: RocksLog): RequestListener {
  const keys = new Set<string>()
  const issueKey = () => {
    const key = randomUUID()
    keys.add(key)
    return key
  }

  return async (request, response) => {
    const base = `http://${request.headers.host}`
    const { pathname, searchParams } = new URL(request.url ?? '', base)
    const form = new URLSearchParams(await bodyOf(request))
    log.push(
      [request.method, request.url?.replace(/[\da-f-]{36}/g, '{key}'), ...form.keys()].join(' '),
    )

    if (request.method === 'POST') {
      const key = /^\/test\/23\/page\/webmention-endpoint\/(.+)$/.exec(pathname)?.[1]
      const right =
        key !== undefined
          ? keys.delete(key)
          : /^\/(test\/(?!20$)\d+(\/webmention)?|wm)$/.test(pathname) &&
            (!pathname.startsWith('/test/21/') || searchParams.get('query') === 'yes') &&
            !form.has('query')
      return void response.writeHead(right ? 202 : 400).end(right ? '' : 'not this endpoint')
    }
    if (request.method === 'HEAD') return void response.writeHead(405).end()
    if (pathname === '/test/23/page') {
      return void response.writeHead(302, { location: `page/${issueKey()}` }).end()
    }
    const key = /^\/test\/23\/page\/(.+)$/.exec(pathname)?.[1]
    if (key !== undefined) {
      if (!keys.delete(key)) return void response.writeHead(400).end('this key is used up')
      const endpoint = `webmention-endpoint/${issueKey()}`
      const headers = ['Content-Type', 'text/html', 'Link', `<${endpoint}>; rel=webmention`]
      return void response.writeHead(200, headers).end(`<a rel=webmention href="${endpoint}">`)
    }
    answerAs(pathname, base, response)
  }
}

/** The path of a vector's target. */
export function pathOf({ id }: Target): string {
  return `/test/${id}`
}

/** Fills in what a vector leaves open. */
export function fill(text: string, target: Target, base: string): string {
  return text
    .replaceAll('{base}', base)
    .replaceAll('{path}', pathOf(target))
    .replaceAll('{id}', target.id)
}

function answerAs(pathname: string, base: string, response: ServerResponse): void {
  const target = [...rocks, ...uncovered].find((candidate) => pathOf(candidate) === pathname)
  if (!target) return void response.writeHead(404).end()
  const { status = 200, headers = [], type = 'text/html', html = '' } = target
  const raw = ['Content-Type', type, ...headers.map((part) => fill(part, target, base))]
  response.writeHead(status, raw).end(fill(html, target, base))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}
