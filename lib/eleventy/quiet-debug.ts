import { createRequire } from 'node:module'

/** The function of the package `debug` that writes a line, called with the namespace as `this`. */
interface Debug {
  log(this: { readonly namespace?: string }, ...parts: unknown[]): void
}

/** Eleventy's dependency, and not ours: its own copy is the one that prints. */
const DEBUG = 'debug'
/** What prints data, tags, addresses or the text of a template. */
const TELLING =
  /^(?:Dev:)?Eleventy:(?:Computed|Dependencies|Template|Bundle|Proxy|Liquid|Nunjucks|Transforms)/

/**
 * Leaves out what Eleventy prints about templates and their data when `DEBUG` is set: it is printed before
 * anybody knows which templates are private.
 */
export function quietDebug(print: (line: string) => void): void {
  const ofEleventy = createRequire(import.meta.resolve('@11ty/eleventy'))
  const debug = ofEleventy(DEBUG) as Debug
  const { log } = debug
  let isSaid = false
  debug.log = function (...parts) {
    if (!TELLING.test(this.namespace ?? '')) return log.apply(this, parts)
    if (isSaid) return
    isSaid = true
    print(
      'DEBUG: what Eleventy prints about templates and their data is left out, because it quotes private posts. On your own machine, PRIVATE_POSTS_SHOW_ERRORS=1 shows it.',
    )
  }
}
