/**
 * Serves a built folder the way the usual static hosts do, for the example, for tests and for people who
 * host their site themselves.
 *
 * @module
 */
import { readFile, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { lookup as mimeType } from 'mrmime'
import type { Endpoint } from './endpoint.ts'
import { headersFor, parseHeadersFile } from './headers-file.ts'
import { decodeSegment } from './path-segment.ts'
import { applyRedirect, parseRedirectsFile } from './redirects-file.ts'

/** What instructs the host, and is no part of the site. */
const HOST_FILES = ['_headers', '_redirects']
const TEXT_TYPE = /^text\/|^application\/(javascript|json|xml)|\+(json|xml)$/
/** Not found on the way to a file: no entry, a file where a folder should be, a name too long, a folder. */
const ABSENT = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EISDIR']

export interface StaticSiteOptions {
  readonly folder: string
}

/** A file of the site, or the address where it properly is. */
type Found = { readonly content: Uint8Array; readonly type: string } | { readonly redirect: string }

export function createStaticSite({ folder }: StaticSiteOptions): Endpoint {
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
    }
    const { pathname, search } = new URL(request.url)
    const response = await respond(pathname, search)
    return request.method === 'HEAD' ? new Response(null, response) : response
  }

  async function respond(pathname: string, search: string): Promise<Response> {
    const found = await find(pathname)
    for (const rule of parseRedirectsFile(await readHostFile('_redirects'))) {
      const to = found && !rule.force ? undefined : applyRedirect(rule, pathname)
      if (to === undefined) continue
      if (rule.status >= 300 && rule.status < 400) return redirect(to, search, rule.status)
      const rewritten = await find(to.replace(/\?.*/, ''))
      if (rewritten && 'content' in rewritten) return serve(pathname, rewritten, rule.status)
      if (rule.status >= 400) return notFound(pathname, rule.status)
    }
    if (!found) return notFound(pathname, 404)
    if ('content' in found) return serve(pathname, found, 200)
    const response = redirect(found.redirect, search, 301)
    for (const [name, value] of await ownHeaders(pathname)) {
      if (name !== 'location') response.headers.set(name, value)
    }
    return response
  }

  async function ownHeaders(pathname: string): Promise<Map<string, string>> {
    return headersFor(parseHeadersFile(await readHostFile('_headers')), pathname)
  }

  async function notFound(pathname: string, status: number): Promise<Response> {
    const page = await find('/404.html')
    if (page && 'content' in page) return serve(pathname, page, status)
    const content = new TextEncoder().encode('Not Found')
    return serve(pathname, { content, type: 'text/plain; charset=utf-8' }, status)
  }

  async function serve(
    pathname: string,
    { content, type }: Extract<Found, { content: Uint8Array }>,
    status: number,
  ): Promise<Response> {
    const headers = new Headers({ 'content-type': type, 'content-length': String(content.length) })
    for (const [name, value] of await ownHeaders(pathname)) headers.set(name, value)
    return new Response(content, { status, headers })
  }

  /** The exact file, else the folder's index, else the file without its `.html`. */
  async function find(pathname: string): Promise<Found | undefined> {
    const path = decodePath(pathname)
    if (path === undefined) return undefined
    if (pathname.endsWith('/')) return readPage(join(path, 'index.html'))

    const file = await readPage(path)
    if (file) return file
    const index = await readPage(join(path, 'index.html'))
    return index ? { redirect: `${pathname}/` } : readPage(`${path}.html`)
  }

  async function readPage(path: string): Promise<Found | undefined> {
    const content = await readInside(path)
    if (content === undefined) return undefined
    const type = mimeType(path) ?? 'application/octet-stream'
    return { content, type: TEXT_TYPE.test(type) ? `${type}; charset=utf-8` : type }
  }

  async function readHostFile(name: string): Promise<string> {
    const content = await readInside(name)
    return content ? new TextDecoder().decode(content) : ''
  }

  /** Reads a file below the folder. A link that leads out of it leads nowhere. */
  async function readInside(path: string): Promise<Uint8Array | undefined> {
    try {
      const root = await realpath(folder)
      const file = await realpath(join(root, path))
      return file.startsWith(root + sep) ? await readFile(file) : undefined
    } catch (error) {
      if (error instanceof Error && 'code' in error && ABSENT.includes(String(error.code))) {
        return undefined
      }
      throw error
    }
  }
}

function redirect(to: string, search: string, status: number): Response {
  return new Response(null, { status, headers: { location: to.includes('?') ? to : to + search } })
}

/** The file path that a URL path means, or `undefined` if it may not mean one. */
function decodePath(pathname: string): string | undefined {
  const segments: string[] = []
  for (const encoded of pathname.replace(/^\//, '').replace(/\/$/, '').split('/')) {
    const segment = decodeSegment(encoded)
    if (segment === undefined) return undefined
    segments.push(segment)
  }
  const [first = ''] = segments
  if (segments.length === 1 && HOST_FILES.includes(first.toLowerCase())) return undefined
  if (segments.slice(first === '.well-known' ? 1 : 0).some((segment) => segment.startsWith('.'))) {
    return undefined
  }
  // An empty segment within the path: no file is there, and a redirect to `//host` must not be made of it.
  if (segments.length > 1 && segments.includes('')) return undefined
  return join(...segments)
}
