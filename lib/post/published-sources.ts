/**
 * Which sources are really published: templates with a page in the output, and what these bring into
 * their pages. Only they explain why a word stands in the output. A draft, a backup, notes, data that no
 * public page prints and the output of another build explain nothing.
 *
 * 1. {@link findPublishedSources} – the templates, what they reach, their data, and what each has to stand in
 * 2. `reachParts` (published-parts.ts) – from the published templates to whatever they reach, by its name
 * 3. `referencesOf` (template-references.ts) – the names in one template
 * 4. `PartIndex` (part-index.ts) – the files that a name may mean
 * 5. `readConfiguration` (configuration.ts) – what shortcodes and filters may print
 * 6. `findCopiedData` (copied-data.ts) – data of programs that read files, which may be those of a private post
 *
 * @module
 */
import { readConfiguration, type Configuration } from './configuration.ts'
import { findCopiedData } from './copied-data.ts'
import { PartIndex } from './part-index.ts'
import {
  isGlobalKey,
  isWithin,
  textOfData,
  textOfGlobal,
  textsOfTemplates,
  type ArrivedData,
} from './published-data.ts'
import { reachParts } from './published-parts.ts'
import type { PublicTemplate, Sources } from './sources.ts'
import { namesIn, withoutUnprinted } from './template-references.ts'

/** A file, or values of data, that the author wrote and that public pages print. */
export interface PublishedSource {
  readonly path: string
  readonly text: string
  /** Files of the output that print it: what stands in none of them explains nothing. All, if there are none. */
  readonly pages?: readonly string[]
  /** A program that reads files gave it: it is no proof that a title or a sentence is public. */
  readonly isCopied?: boolean
}

export interface Publication {
  /** The pages of a template in the output; none: it is not published. */
  readonly pagesOf: (path: string) => readonly string[]
  /** Folder of the includes, as far as it is known. */
  readonly includes?: readonly string[]
  readonly read: (path: string) => Promise<string>
  /** Files of the output, for styles and scripts. */
  readonly outputFiles: readonly string[]
  /**
   * Data that arrived in published templates: what a build knows. Without it, data files are read.
   */
  readonly arrived?: ArrivedData
}

/** Keys that plugins print of other pages: in menus, lists and feeds. */
const NAMED_BY_PLUGINS = new Set(['title', 'tags', 'date', 'eleventyNavigation'])
const DATA_FOLDER = /(?:^|\/)_data\//
const EXTENSION = /\.[^./]+$/
/** Styles, scripts and drawings, which a site copies or bundles; and the text files that belong to them. */
const CODE =
  /\.(?:css|scss|sass|less|styl|[cm]?jsx?|[cm]?tsx?|svg|webmanifest)$|(?:^|\/)(?:manifest\.json|browserconfig\.xml)$/i
const NO_PAGE_CODE =
  /(?:^|\/)(?:tests?|__tests__|spec|scripts)\/|(?:^|\/)\.?[\w.-]*\b(?:config|test|spec|conf|eleventy|11tydata|11ty)\.[cm]?[jt]sx?$/i
/** Text within quotes this long is prose, and a script that holds prose of a post is a copy of it. */
const PROSE = /(["'`])((?:(?!\1)[^\\\n]|\\.){40,})\1/g

/** Finds all sources that explain what stands in the output, with their texts. */
export async function findPublishedSources(
  sources: Sources,
  publication: Publication,
): Promise<PublishedSource[]> {
  const { pagesOf, arrived, read } = publication
  const files = sources.publicSources.filter((path) => !DATA_FOLDER.test(path))
  const dataFiles = sources.publicSources
    .filter((path) => DATA_FOLDER.test(path))
    .map((path) => [dataKey(path), path] as const)
  const keys = new Set([
    ...(arrived ? [...arrived.keys, 'pkg'] : []),
    ...dataFiles.map(([key]) => firstOf(key)),
  ])
  const parts = new PartIndex(files, publication.includes ?? [])
  const published = sources.publicTemplates.filter(({ path }) => pagesOf(path).length > 0)
  const configuration = await readConfiguration(files, parts, read)
  const reach = await reachParts(sources, published, { parts, keys, arrived, read })
  const { texts, usersOf } = reach
  const names = new Set([...reach.names, ...(arrived?.named ?? [])])
  const pagesOfPart = (path: string) => usersOf(path).flatMap(pagesOf)

  const words = new Set([...configuration.modules, ...texts].flatMap(wordsOfCode))
  const isNamed = (key: string) =>
    NAMED_BY_PLUGINS.has(key) || (key.match(/[\w$]+/g) ?? []).every((word) => words.has(word))
  const data = new Map(published.map((template) => [template.path, template.data]))
  const copied = await findCopiedData(published, {
    ...{ configuration, dataFiles, keys, parts, read },
    named: arrived?.named ?? [],
  })
  const own = textsOfTemplates(arrived?.dataOf ?? ((path) => data.get(path)), [...data.keys()], {
    isGlobal: (key) => arrived !== undefined && isGlobalKey(key, keys),
    isNamed,
    isCopied: copied.isOwn,
  })

  const isVirtual = new Set(copied.isVirtual ? data.keys() : [])
  for (const path of files) isVirtual.delete(path)
  const found: PublishedSource[] = texts.map(({ path, text }) => ({
    path,
    text: own.own.has(path) ? `${text}\n${own.own.get(path)}` : text,
    pages: pagesOfPart(path),
    isCopied: isVirtual.has(path),
  }))
  for (const [path, text] of own.copied) {
    found.push({ path, text, pages: pagesOf(path), isCopied: true })
  }
  for (const isCopied of [false, true]) {
    const named = [...names].filter((name) => copied.isGlobal(name) === isCopied)
    const global = arrived ? textOfGlobal(arrived, [...data.keys()], named) : ''
    found.push({ path: '', text: isCopied ? global : `${own.named}\n${global}`, isCopied })
  }
  for (const [key, path] of dataFiles) {
    // What a script gives, a build knows better.
    if (arrived && !path.endsWith('.json')) continue
    const text = textOfData(path, await readIfNamed(key, path), key, names)
    if (text !== '') found.push({ path, text })
  }
  for (const path of arrived ? [] : new Set(published.flatMap(({ dataFiles: own }) => own))) {
    // What JSON says, the data of the templates say too.
    if (!path.endsWith('.json'))
      found.push({ path, text: withoutUnprinted(path, await read(path)) })
  }
  found.push(...printedByConfiguration(configuration, texts, published, { pagesOf, pagesOfPart }))
  for (const [path, copies] of codeFiles(files, publication.outputFiles)) {
    if (texts.some((one) => one.path === path)) continue
    found.push({ path, text: (await read(path)).replace(PROSE, '$1$1'), pages: copies })
  }
  return found

  function readIfNamed(key: string, path: string): Promise<string> {
    const isNeeded = [...names].some((name) => isWithin(name, key) || isWithin(key, name))
    return isNeeded ? read(path) : Promise.resolve('')
  }
}

function wordsOfCode({ path, text }: PublishedSource): string[] {
  return namesIn(path, text)
}

/** Texts of the configuration, where a page names what prints them. */
function printedByConfiguration(
  { modules, names, isEverywhere }: Configuration,
  texts: readonly PublishedSource[],
  published: readonly PublicTemplate[],
  {
    pagesOf,
    pagesOfPart,
  }: Readonly<Record<'pagesOf' | 'pagesOfPart', (path: string) => readonly string[]>>,
): PublishedSource[] {
  if (modules.length === 0) return []
  const pages = isEverywhere
    ? published.flatMap(({ path }) => pagesOf(path))
    : texts
        .filter(({ path, text }) => namesIn(path, text).some((name) => names.has(name)))
        .flatMap(({ path }) => pagesOfPart(path))
  return modules.map((module) => ({ ...module, pages: [...new Set(pages)] }))
}

/** Styles and scripts that are in the output, copied or built, each with what may be made of it. */
function codeFiles(
  files: readonly string[],
  output: readonly string[],
): (readonly [path: string, copies: readonly string[]])[] {
  const built = new Map<string, string[]>()
  for (const path of output.filter((file) => CODE.test(file))) {
    for (const stem of stemsOf(path)) built.set(stem, [...(built.get(stem) ?? []), path])
  }
  return files.flatMap((path) => {
    const copies = built.get(stemsOf(path)[0] ?? '')
    return copies && CODE.test(path) && !NO_PAGE_CODE.test(path) ? [[path, copies] as const] : []
  })
}

/** `main` and, for `main-3f2a81b0.js`, what it is called without a hash. */
function stemsOf(path: string): string[] {
  const name = (path.split('/').at(-1) ?? '').replace(EXTENSION, '')
  return [name, name.replace(/[-.](?=[\w-]*\d)[\w-]{6,}$/, ''), name.replace(/\.min$/, '')]
}

/** `_data/nav/main.json` is `nav.main`. */
function dataKey(path: string): string {
  const below = path.slice(path.lastIndexOf('_data/') + '_data/'.length)
  return below
    .replace(EXTENSION, '')
    .replace(/\.11tydata$/, '')
    .replaceAll('/', '.')
}

function firstOf(key: string): string {
  return key.split('.')[0] ?? key
}
