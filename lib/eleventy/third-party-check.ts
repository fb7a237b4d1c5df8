import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BuildState } from './build-state.ts'
import { cssReferences, thirdPartyInCss } from './third-party.ts'
import { canParseUrl } from '../web/parse-url.ts'

/** One sentence for each third-party resource of each private page, stylesheets looked through. */
export function describeThirdParty(
  state: BuildState,
  output: string,
  pathPrefix: string,
): string[] {
  const sentences = new Set<string>()
  const inSheet = new Map<string, readonly string[]>()
  for (const { post, pages } of state.posts.values()) {
    for (const { thirdParty, stylesheets } of pages.values()) {
      for (const { kind, url } of thirdParty) {
        sentences.add(`${post.path}: a third-party ${kind}, ${withoutSecrets(url)}`)
      }
      for (const sheet of stylesheets) {
        for (const found of foreignIn(sheet)) sentences.add(`${post.path}: ${found}`)
      }
    }
  }
  return [...sentences]

  function foreignIn(sheet: URL): readonly string[] {
    const known = inSheet.get(sheet.pathname)
    if (known) return known
    inSheet.set(sheet.pathname, [])
    const css = read(sheet.pathname.slice(pathPrefix.length))
    const own = thirdPartyInCss(css, sheet, sheet).map(
      ({ kind, url }) => `a third-party ${kind}, ${withoutSecrets(url)}, in ${sheet.pathname}`,
    )
    const imported = cssReferences(css)
      .filter((reference) => canParseUrl(reference, sheet.href))
      .map((reference) => new URL(reference, sheet))
      .filter((url) => url.origin === sheet.origin && url.pathname.endsWith('.css'))
      .flatMap((url) => [...foreignIn(url)])
    const all = [...own, ...imported]
    inSheet.set(sheet.pathname, all)
    return all
  }

  function read(path: string): string {
    try {
      return readFileSync(join(output, decodeURIComponent(path)), 'utf8')
    } catch {
      // A stylesheet that cannot be read here, the host does not serve either.
      return ''
    }
  }
}

/** Enough to find it again; a query can hold anything. */
function withoutSecrets(url: URL): string {
  return `${url.origin}${url.pathname}`
}
