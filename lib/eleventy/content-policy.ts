/** Directives that may be opened for what a private page loads from elsewhere. */
const OPENABLE = ['script-src', 'style-src', 'img-src', 'media-src', 'font-src'] as const
export type OpenableDirective = (typeof OPENABLE)[number]

/** Origins that a page loads something from, by directive. */
export type PageSources = ReadonlyMap<OpenableDirective, ReadonlySet<string>>

const OWN: Readonly<Record<OpenableDirective, string>> = {
  'script-src': "'self' 'unsafe-inline'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data: blob:",
  'media-src': "'self' data: blob:",
  'font-src': "'self' data:",
}
/** Never opened: a script could send the address of the page through each of them. */
const CLOSED = ['connect-src', 'frame-src', 'object-src', 'worker-src', 'manifest-src', 'base-uri']

/**
 * What a private page may load: its own site's files, what stands in the page, and of other origins only
 * those in `sources`, each for its own kind of resource.
 *
 * @see [Content Security Policy Level 3 §6.1](https://www.w3.org/TR/CSP3/#csp-directives)
 */
export function contentPolicy(sources: PageSources = new Map()): string {
  return [
    "default-src 'self'",
    ...OPENABLE.map((name) =>
      [name, OWN[name], ...[...(sources.get(name) ?? [])].sort()].join(' '),
    ),
    ...CLOSED.map((name) => `${name} 'self'`),
  ].join('; ')
}

/** Of two policies for one page both hold, so a header for all pages must allow what any of them loads. */
export function unionOfSources(all: Iterable<PageSources>): PageSources {
  const union = new Map<OpenableDirective, Set<string>>()
  for (const sources of all) {
    for (const [name, origins] of sources) {
      union.set(name, new Set([...(union.get(name) ?? []), ...origins]))
    }
  }
  return union
}

/** The policy as `markHead` writes it, before it is known what the page loads. */
const STRICT_META = metaElement(contentPolicy())

/** Opens the policy in a marked page for what the page loads. */
export function openPolicy(html: string, sources: PageSources): string {
  return html.replace(STRICT_META, () => metaElement(contentPolicy(sources)))
}

function metaElement(policy: string): string {
  return `<meta http-equiv="Content-Security-Policy" content="${policy}">`
}
