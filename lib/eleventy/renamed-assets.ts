/**
 * Follows what a bundler renames when Eleventy has written the public pages: private pages are written
 * later, and would keep names that no longer exist.
 *
 * @module
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { parseHtml, serializeHtml } from '../web/html.ts'
import { canParseUrl } from '../web/parse-url.ts'
import { assetsOf, mediaOf, swapAssets, type PageAsset } from './asset-elements.ts'
import { buildAddress } from './build-address.ts'
import type { BuildState, BuiltPost } from './build-state.ts'
import type { AfterEvent, BuildResult, EleventyConfig } from './eleventy-config.ts'
import type { ResolvedOptions } from './options.ts'
import { listFiles } from './output-media.ts'
import { rewriteReferences } from './page-references.ts'
import { loadedResources } from './third-party.ts'

export interface RenameOptions {
  readonly output: string
  readonly pathPrefix: string
  readonly options: Pick<ResolvedOptions, 'me' | 'prefix' | 'gatePrefix'>
}

/** What a public page loads, as Eleventy wrote the page and as it is now. */
interface Change {
  readonly before: readonly PageAsset[]
  readonly after: readonly PageAsset[]
  /** New values of addresses, by the old addresses. */
  readonly renamed: ReadonlyMap<string, string>
}

/** The plugin that renames files in this site, if it is a known one: its folder is among those ignored. */
export function bundlerOf({ ignores }: EleventyConfig): string | undefined {
  return [...ignores].some((glob) => glob.includes('vite')) ? 'eleventy-plugin-vite' : undefined
}

/** Whether Eleventy copied that file in this build, whatever became of it. */
export function wasWritten({ copies }: Pick<BuildState, 'copies'>, file: string): boolean {
  return [...copies].some(
    ([copy, source]) =>
      file === copy ||
      (file.startsWith(`${copy}/`) && existsSync(join(source, file.slice(copy.length)))),
  )
}

/** Lets private pages load what public pages load in place of files that were renamed. */
export function followRenames(
  state: BuildState,
  { results, runMode }: AfterEvent,
  { output, pathPrefix, options }: RenameOptions,
): void {
  // Eleventy's own server copies no files, and bundlers leave its pages as they are.
  if (runMode === 'serve') return
  const site = options.me
  const changes = new Map<BuildResult, Change | undefined>()
  const namedIn = new Map<string, readonly BuildResult[]>()
  const isThere = new Map<string, boolean>()
  let changed: readonly BuildResult[] | undefined
  let isCopyLost: boolean | undefined
  const privatePlaces = [options.prefix, options.gatePrefix]
  let all: readonly string[] | undefined

  for (const built of state.posts.values()) {
    for (const [below, page] of built.pages) {
      if (!page.loads.some(({ url }) => isLost(url)) || !mayFollow()) continue
      const html = follow(page.html, naturalUrl(built))
      if (html === page.html) continue
      const address = new URL(buildAddress(state, built, options), site)
      built.pages.set(below, { ...page, html, loads: loadedResources(parseHtml(html), address) })
    }
  }

  function follow(html: string, base: URL): string {
    const document = parseHtml(html)
    const own = assetsOf(document, base)
    const lost = [...own, ...mediaOf(document, base)].filter(({ url }) => url && isLost(url))
    const naming = new Set(lost.flatMap(({ written }) => resultsNaming(written)))
    const found = changedResults().flatMap(
      (result) => (naming.has(result) && changeOf(result)) || [],
    )
    const has = (assets: readonly PageAsset[], { key }: PageAsset) =>
      assets.some((asset) => asset.key === key)
    const [like] = found
      .filter(({ before }) => before.every((asset) => has(own, asset)))
      .filter(({ before }) => lost.some((asset) => has(before, asset)))
      .sort((one, other) => other.before.length - one.before.length)
    if (like) swapAssets(document, own, like)
    const next = like ? serializeHtml(document) : html
    return rewriteReferences(next, [], (reference, { element }) => {
      if (['a', 'area', 'base'].includes(element.tagName)) return undefined
      const url = canParseUrl(reference, base.href) ? new URL(reference, base) : undefined
      if (!url || !isLost(url)) return undefined
      const renamed = found.flatMap((change) => change.renamed.get(url.href) ?? [])
      return renamed[0] ?? hashedName(url)
    })
  }

  /** Whether anything says what became of a lost file: a public page that was changed, or a copy that was renamed. */
  function mayFollow(): boolean {
    isCopyLost ??= [...state.copies].some(
      ([copy, source]) =>
        !existsSync(join(output, copy)) ||
        statSync(source, { throwIfNoEntry: false })?.isDirectory() === true,
    )
    return isCopyLost || changedResults().length > 0
  }

  /** Looked for once: on most sites there are none. */
  function changedResults(): readonly BuildResult[] {
    changed ??= results.filter((result) => changeOf(result))
    return changed
  }

  /** Public pages that have a text. Looked for once, since private pages of one layout have lost the same files. */
  function resultsNaming(written: string): readonly BuildResult[] {
    const known = namedIn.get(written)
    if (known) return known
    const found = results.filter(({ content }) => String(content ?? '').includes(written))
    namedIn.set(written, found)
    return found
  }

  function changeOf(result: BuildResult): Change | undefined {
    if (!changes.has(result)) changes.set(result, compareWithOutput(result))
    return changes.get(result)
  }

  function compareWithOutput({ content, outputPath, url }: BuildResult): Change | undefined {
    if (typeof content !== 'string' || outputPath === false || url === false) return undefined
    const now = existsSync(outputPath) ? readFileSync(outputPath, 'utf8') : content
    if (now === content || !/\.html?$/.test(outputPath)) return undefined
    const base = new URL(posix.join('/', pathPrefix, url), site)
    const [then, today] = [parseHtml(content), parseHtml(now)]
    const [before, after] = [assetsOf(then, base), assetsOf(today, base)]
    const pairs = [...pair(before, after), ...pair(mediaOf(then, base), mediaOf(today, base))]
    return { before, after, renamed: new Map(pairs) }
  }

  /** The one script or stylesheet of the output whose name is the old one with a hash in it. */
  function hashedName(url: URL): string | undefined {
    const file = fileOf(url) ?? ''
    const { name, ext } = posix.parse(file)
    if (!/^\.(?:css|m?js)$/.test(ext) || !wasWritten(state, file)) return undefined
    all ??= listFiles(output).filter((one) => !privatePlaces.some((p) => `/${one}`.startsWith(p)))
    const hashed = all.filter((one) => isHashed(posix.basename(one), name, ext))
    return hashed.length === 1 ? encodeURI(posix.join('/', pathPrefix, hashed[0] ?? '')) : undefined
  }

  function isLost(url: URL): boolean {
    const file = fileOf(url)
    if (file === undefined || posix.extname(file) === '') return false
    if (!isThere.has(file)) isThere.set(file, existsSync(join(output, file)))
    return isThere.get(file) === false
  }

  /** Path below the output folder; `undefined`: not this site's. */
  function fileOf({ origin, pathname }: URL): string | undefined {
    if (origin !== site.origin) return undefined
    // Vite reads addresses without the prefix, and adds the prefix itself.
    const start = pathname.startsWith(pathPrefix) ? pathPrefix.length : 1
    try {
      return decodeURIComponent(pathname.slice(start))
    } catch {
      return undefined
    }
  }

  /** Where the page would stand if it were public: layouts write relative addresses for that place. */
  function naturalUrl({ naturalPaths }: BuiltPost): URL {
    return new URL(posix.join('/', pathPrefix, [...naturalPaths][0] ?? ''), site)
  }
}

/** Old and new addresses, if a bundler has kept the elements and their order. */
function pair(before: readonly PageAsset[], after: readonly PageAsset[]): [string, string][] {
  const tags = (assets: readonly PageAsset[]) => assets.map(({ tag }) => tag).join()
  if (tags(before) !== tags(after)) return []
  return before.flatMap(({ url }, index) => {
    const now = after[index]?.rooted
    return url === undefined || now === undefined ? [] : [[url.href, now]]
  })
}

function isHashed(file: string, name: string, ext: string): boolean {
  if (!file.startsWith(name) || !file.endsWith(ext)) return false
  const hash = file.slice(name.length, -ext.length)
  return /^[-.](?=.*[0-9A-Z])[\w-]{6,64}$/.test(hash)
}
