/**
 * Which sources are really published: templates with a page in the output, and what these bring into
 * their pages. Only they explain why a word stands in the output. A draft, a backup, notes, data that no
 * public page prints and the output of another build explain nothing.
 *
 * 1. {@link findPublishedSources} – from the published templates to whatever they reach, by its name
 * 2. `referencesOf` (template-references.ts) – the names in one template
 * 3. `PartIndex` (part-index.ts) – the files that a name may mean
 *
 * @module
 */
import { PartIndex } from './part-index.ts'
import { isWithin, textOfArrived, textOfData, type ArrivedData } from './published-data.ts'
import type { PublicTemplate, Sources } from './sources.ts'
import { referencesOf, withoutComments, type References } from './template-references.ts'

/** A file, or a value of data, that the author wrote and that a public page prints. */
export interface PublishedSource {
  readonly path: string
  readonly text: string
}

export interface Publication {
  readonly isPublished: (template: PublicTemplate) => boolean
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
  const { isPublished, arrived, read } = publication
  const files = sources.publicSources.filter((path) => !DATA_FOLDER.test(path))
  const dataFiles = sources.publicSources
    .filter((path) => DATA_FOLDER.test(path))
    .map((path) => [dataKey(path), path] as const)
  const keys = new Set([
    ...(arrived ? [...arrived.keys, 'pkg'] : []),
    ...dataFiles.map(([key]) => firstOf(key)),
  ])
  const parts = new PartIndex(files, publication.includes ?? [])
  const published = sources.publicTemplates.filter(isPublished)
  const found = new Map<string, PublishedSource>()
  const names = new Set(arrived?.named ?? [])
  const queue: string[] = []

  const follow = (path: string, { parts: named, names: used }: References, layout: unknown) => {
    for (const name of used) names.add(name)
    const all = typeof layout === 'string' ? [...named, layout] : named
    for (const name of all) queue.push(...parts.find(name, path))
  }
  const take = (path: string, text: string, layout?: unknown) => {
    if (found.has(path)) return
    const printed = withoutComments(text)
    found.set(path, { path, text: printed })
    follow(path, referencesOf(path, printed, keys), layout)
  }
  for (const { path, text, data } of published) {
    take(path, text, arrived?.dataOf(path)?.['layout'] ?? data?.['layout'])
  }
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (found.has(path)) continue
    const known = sources.parts.get(path)
    take(path, known?.text ?? (await read(path)), known?.data?.['layout'])
  }

  const texts = [...found.values()]
  const templates = published.map(({ path }) => path)
  if (arrived) texts.push({ path: '', text: textOfArrived(arrived, templates, keys, names) })
  for (const [key, path] of dataFiles) {
    // What a script gives, a build knows better.
    if (arrived && !path.endsWith('.json')) continue
    const text = textOfData(path, await readIfNamed(key, path), key, names)
    if (text !== '') texts.push({ path, text })
  }
  for (const path of arrived ? [] : new Set(published.flatMap(({ dataFiles: own }) => own))) {
    texts.push({ path, text: await read(path) })
  }
  for (const path of codeFiles(files, publication.outputFiles)) {
    if (found.has(path)) continue
    texts.push({ path, text: (await read(path)).replace(PROSE, '$1$1') })
  }
  return texts

  function readIfNamed(key: string, path: string): Promise<string> {
    const isNamed = [...names].some((name) => isWithin(name, key) || isWithin(key, name))
    return isNamed ? read(path) : Promise.resolve('')
  }
}

/** Styles and scripts that are in the output, copied or built. */
function codeFiles(files: readonly string[], output: readonly string[]): string[] {
  const built = new Set(output.filter((path) => CODE.test(path)).flatMap(stemsOf))
  return files.filter(
    (path) => CODE.test(path) && !NO_PAGE_CODE.test(path) && built.has(stemsOf(path)[0] ?? ''),
  )
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
