import type { PartIndex } from './part-index.ts'
import { referencesOf, withoutCodeComments } from './template-references.ts'

/** What the configuration of a site, and the modules that it imports, may print into pages. */
export interface Configuration {
  readonly modules: readonly { readonly path: string; readonly text: string }[]
  /** Shortcodes, filters and collections: a page that names none of them has nothing of these texts. */
  readonly names: ReadonlySet<string>
  /** Whether it changes each page, whatever its template names. */
  readonly isEverywhere: boolean
}

/** The site's configuration, under Eleventy's own names. */
export const CONFIGURATION = /^(?:\.eleventy|eleventy\.config)\.[cm]?[jt]s$/
const ADD =
  '\\badd(?:Async|Universal|Liquid|Nunjucks|Handlebars|JavaScript|Paired|Template)*(?:Shortcode|Filter|Function|Tag|Global|Collection|Helper)\\(\\s*'
const REGISTERED = new RegExp(`${ADD}(["'\`])([\\w$-]+)\\1`, 'g')
/** Under names that only a program knows: any page may have something of it. */
const UNNAMED = new RegExp(`${ADD}[^\\s"'\`]`)
const EVERYWHERE =
  /\b(?:addTransform|addLinter|addExtension|addDataExtension|setLibrary|amendLibrary|addMarkdownHighlighter|addRuntimeFilter|htmlTransformer)\b/

/** Reads the configuration; empty where it has another name than Eleventy's own. */
export async function readConfiguration(
  files: readonly string[],
  parts: PartIndex,
  read: (path: string) => Promise<string>,
): Promise<Configuration> {
  const names = new Set<string>()
  let isEverywhere = false
  const modules = await readModules(
    files.filter((path) => CONFIGURATION.test(path)),
    parts,
    read,
  )
  for (const { text } of modules) {
    for (const [, , name = ''] of text.matchAll(REGISTERED)) names.add(name)
    isEverywhere ||= EVERYWHERE.test(text) || UNNAMED.test(text)
  }
  return { modules, names, isEverywhere }
}

/** Reads modules and those of the project that they import, without comments. */
export async function readModules(
  paths: readonly string[],
  parts: PartIndex,
  read: (path: string) => Promise<string>,
): Promise<Configuration['modules']> {
  const modules = new Map<string, string>()
  const queue = [...paths]
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (modules.has(path) || !/\.[cm]?[jt]s$/.test(path)) continue
    const text = withoutCodeComments(await read(path))
    modules.set(path, text)
    for (const name of referencesOf(path, text, new Set()).parts) {
      if (/^\.{1,2}\//.test(name)) queue.push(...parts.find(name, path))
    }
  }
  return [...modules].map(([path, text]) => ({ path, text }))
}
