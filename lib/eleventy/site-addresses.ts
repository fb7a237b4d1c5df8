import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bareName } from '../web/page-identity.ts'

/** Addresses below the site's root that a visitor gets something at. */
export interface SiteAddresses {
  /** Whether the output has something there: hosts serve `/a`, `/a/`, `/a.html` and `/a/index.html` alike. */
  has(path: string): boolean
  /** Whether something else than the output answers there: a function, a redirect. */
  isServed(path: string): boolean
}

export interface SiteAddressesOptions {
  readonly cwd: string
  readonly output: string
  /** Files of the output, relative to it. */
  readonly files: Iterable<string>
  /** Places of our own functions, and of private posts. */
  readonly endpoints: readonly string[]
}

/** Where functions of hosts, servers and their applications answer. */
const SERVED = ['/.netlify', '/.well-known', '/.11ty', '/api', '/cgi-bin', '/_vercel', '/cdn-cgi']

export function openSiteAddresses(options: SiteAddressesOptions): SiteAddresses {
  const places = new Set<string>()
  for (const file of options.files) {
    const path = `/${file}`.normalize()
    places.add(path)
    if (/\.html?$/.test(path)) places.add(bareName(path))
  }
  const endpoints = [...SERVED, ...options.endpoints.map((place) => place.replace(/\/$/, ''))]
  const rules = redirectRules(options)
  return {
    has: (path) =>
      path === '/' || places.has(path.normalize()) || places.has(bareName(path.normalize())),
    isServed: (path) =>
      endpoints.some((place) => path === place || path.startsWith(`${place}/`)) ||
      rules.some((rule) => rule.test(path)),
  }
}

/** Rules of Netlify and of hosts like it. A rule for everything says nothing of one address. */
function redirectRules({ cwd, output }: SiteAddressesOptions): RegExp[] {
  const lines = read(join(output, '_redirects')).split('\n')
  const listed = lines.flatMap((line) => /^\s*(\/\S*)\s+\S/.exec(line)?.[1] ?? [])
  const toml = read(join(cwd, 'netlify.toml'))
  const configured = [...toml.matchAll(/^\s*from\s*=\s*["'](\/[^"'\n]*)["']/gm)]
  return [...listed, ...configured.map(([, from = '']) => from)]
    .filter((from) => from !== '/*')
    .map(
      (from) =>
        new RegExp(
          `^${from
            .replace(/\/$/, '')
            .split(/(\*|:\w+)/)
            .map(part)
            .join('')}/?$`,
        ),
    )
}

function part(text: string): string {
  if (text === '*') return '.*'
  return text.startsWith(':') ? '[^/]+' : text.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
}

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
