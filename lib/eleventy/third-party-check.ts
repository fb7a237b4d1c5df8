import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isLoopbackHost } from '../web/address-text.ts'
import type { BuildState } from './build-state.ts'
import {
  openPolicy,
  unionOfSources,
  type OpenableDirective,
  type PageSources,
} from './content-policy.ts'
import type { OwnHosts } from './own-hosts.ts'
import { resourcesInCss, type LoadedResource } from './third-party.ts'

export interface ThirdPartyOptions {
  readonly output: string
  readonly pathPrefix: string
  /** Where the private pages stand, as far as the build knows. */
  readonly site: URL
  readonly own: OwnHosts
}

export interface ThirdPartyFindings {
  /** One sentence for each thing that is loaded from somebody else's server. */
  readonly sentences: readonly string[]
  /** Other origins that pages with links load something from. */
  readonly sources: PageSources
}

/** A resource with the stylesheet of the site that loads it, if the page itself does not. */
interface Load extends LoadedResource {
  readonly sheet?: string
}

/** What a server learns from the request for such a thing. */
const WHEN_AND_WHERE = 'could learn when the page is read and from which IP address'
const LEARNS: Readonly<Record<OpenableDirective, string>> = {
  'script-src': 'could read the link of the page and pass it on',
  'style-src': `${WHEN_AND_WHERE}; what it loads in turn stays blocked`,
  'img-src': WHEN_AND_WHERE,
  'media-src': WHEN_AND_WHERE,
  'font-src': WHEN_AND_WHERE,
}

/**
 * Finds what private pages load from other origins, stylesheets of the site looked through, and opens the
 * content policy of each page for that alone. The site itself under another name is no third party.
 */
export function openPolicies(state: BuildState, options: ThirdPartyOptions): ThirdPartyFindings {
  const inSheet = stylesheetReader(options)
  const isLocal = state.event.runMode === 'serve' || state.event.runMode === 'watch'
  const found = new Map<string, Set<string>>()
  const linked: PageSources[] = []
  for (const { post, pages } of state.posts.values()) {
    for (const [below, page] of pages) {
      const loads = [...page.loads, ...page.loads.flatMap(inSheet)].filter(
        ({ url }) => url.origin !== options.site.origin || !options.own.has(url),
      )
      for (const load of loads) {
        if (options.own.has(load.url)) continue
        const sentence = describe(load)
        found.set(sentence, (found.get(sentence) ?? new Set()).add(post.path))
      }
      const sources = sourcesOf(loads.filter(({ url }) => isLocal || !isLoopbackHost(url.hostname)))
      if (post.access === 'link') linked.push(sources)
      if (sources.size > 0) pages.set(below, { ...page, html: openPolicy(page.html, sources) })
    }
  }
  const sentences = [...found].map(([sentence, [first = '', ...others]]) => {
    const posts = others.length === 0 ? first : `${first} and ${others.length} more`
    return `${posts}: ${sentence}`
  })
  return { sentences, sources: unionOfSources(linked) }
}

/**
 * Names the server, and the file if a stylesheet of the site loads it. In the page itself it may stand in
 * the text of the post, where the name of a picture can say what the post is about.
 */
function describe({ kind, directive, url, sheet }: Load): string {
  const what = sheet === undefined ? url.origin : `${url.origin}${url.pathname}, in ${sheet}`
  if (directive) return `a third-party ${kind}, ${what}: its server ${LEARNS[directive]}.`
  if (kind === 'meta refresh') {
    return `a third-party ${kind}, ${what}: it takes the reader there unasked.`
  }
  return `a third-party ${kind}, ${what}: it stays blocked on private pages, with "thirdParty" set to "warn" or "allow" as well.`
}

function sourcesOf(loads: readonly Load[]): PageSources {
  const sources = new Map<OpenableDirective, Set<string>>()
  for (const { directive, url } of loads) {
    if (directive) sources.set(directive, (sources.get(directive) ?? new Set()).add(url.origin))
  }
  return sources
}

/** Reads what a stylesheet of the site loads, and those that it imports. */
function stylesheetReader({ output, pathPrefix, site, own }: ThirdPartyOptions) {
  const known = new Map<string, readonly Load[]>()
  return function inSheet({ directive, url }: Load): readonly Load[] {
    const isOwn = url.origin === site.origin || own.has(url)
    if (directive !== 'style-src' || !isOwn) return []
    const before = known.get(url.pathname)
    if (before) return before
    known.set(url.pathname, [])
    const css = read(join(output, url.pathname.slice(pathPrefix.length)))
    const loads = resourcesInCss(css, url).map((load) => ({ ...load, sheet: url.pathname }))
    const all = [...loads, ...loads.flatMap(inSheet)]
    known.set(url.pathname, all)
    return all
  }
}

function read(file: string): string {
  try {
    return readFileSync(decodeURIComponent(file), 'utf8')
  } catch {
    // A stylesheet that cannot be read here, the host does not serve either.
    return ''
  }
}
