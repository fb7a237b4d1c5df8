import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isLoopbackHost } from '../web/address-text.ts'
import { attribute, elements, hasToken, isElement, parseHtml } from '../web/html.ts'
import { parseWebUrl } from '../web/parse-url.ts'

/** Hosts of the site itself, and of the machine that it is written on. */
export interface OwnHosts {
  has(url: URL): boolean
}

export interface OwnHostsOptions {
  readonly me: URL
  readonly variables: Readonly<Record<string, string | undefined>>
  /** What the data of the site's home page call its address. */
  readonly addresses: Iterable<string>
  readonly output: string
  readonly pathPrefix: string
}

/** Where build servers say what the site is called: Netlify, Cloudflare Pages, Vercel. */
const VARIABLES = [
  'URL',
  'DEPLOY_PRIME_URL',
  'DEPLOY_URL',
  'CF_PAGES_URL',
  'VERCEL_PROJECT_PRODUCTION_URL',
  'VERCEL_URL',
]
/**
 * Finds the names of the site: `me`, what the build server says, what the data of the home page say, and
 * what the home page calls itself (`canonical`, `og:url`). `www.` and the scheme make no difference.
 *
 * The host of `me` is no name of the site if `me` is a page of somebody else's host, such as a profile on
 * a social network, and the site is known to be elsewhere.
 */
export function findOwnHosts(options: OwnHostsOptions): OwnHosts {
  const { me, variables, addresses } = options
  const known = [...VARIABLES.map((name) => variables[name]), ...addresses].flatMap(
    (text) => addressOf(text) ?? [],
  )
  const hosts = new Set([...known, ...homePageAddresses(options)].map(nameOf))
  if (me.pathname === '/' || hosts.size === 0) hosts.add(nameOf(me))
  return { has: (url) => isLoopbackHost(url.hostname) || hosts.has(nameOf(url)) }
}

/** Where the home page says that it stands; a `canonical` to a page elsewhere says nothing of the site. */
function homePageAddresses({ output, pathPrefix }: OwnHostsOptions): URL[] {
  const html = read(join(output, 'index.html'))
  const found = html === '' ? [] : [...elements(parseHtml(html))]
  return found.flatMap((element) => {
    const isCanonical =
      isElement(element, 'link') && hasToken(attribute(element, 'rel'), 'canonical')
    const isOgUrl = isElement(element, 'meta') && attribute(element, 'property') === 'og:url'
    const text = isCanonical ? attribute(element, 'href') : isOgUrl && attribute(element, 'content')
    const url = text ? parseWebUrl(text) : undefined
    return url?.pathname.replace(/\/?$/, '/') === pathPrefix ? [url] : []
  })
}

function addressOf(text: string | undefined): URL | undefined {
  const isHost = /^[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?\/?$/i.test(text ?? '')
  return parseWebUrl(isHost ? `https://${text}` : (text ?? ''))
}

function nameOf({ host }: URL): string {
  return host.replace(/^www\./, '')
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // A site without a home page, or an incremental build of another page.
    return ''
  }
}
