import { posix } from 'node:path'
import { readDataFile } from './source-data.ts'
import type { FrontMatter } from './visibility.ts'

/** A template before its data are merged. */
export interface Template {
  readonly path: string
  /** The whole source. */
  readonly text: string
  readonly data: FrontMatter | undefined
  /** The text without its front matter. */
  readonly body: string
}

/** Data as Eleventy merges them: layouts, folders from the outside in, the file's own, front matter. */
export class DataCascade {
  readonly #files: ReadonlySet<string>
  readonly #layouts: ReadonlyMap<string, Template>
  readonly #read: (path: string) => Promise<string>
  readonly #isInput: (path: string) => boolean
  readonly #known = new Map<string, Promise<FrontMatter | undefined>>()

  constructor(
    files: ReadonlySet<string>,
    layouts: ReadonlyMap<string, Template>,
    read: (path: string) => Promise<string>,
    isInput: (path: string) => boolean,
  ) {
    this.#files = files
    this.#layouts = layouts
    this.#read = read
    this.#isInput = isInput
  }

  /** `undefined` when one of its parts cannot be read. */
  async dataOf({ path, data }: Pick<Template, 'path' | 'data'>): Promise<FrontMatter | undefined> {
    const parts = await Promise.all(this.filesOf(path).map((file) => this.#dataFile(file)))
    const merged = mergeAll([...parts, data])
    return merged && mergeAll([...this.layoutsOf(merged).map((layout) => layout.data), merged])
  }

  /** The layouts of a page with these data, the outermost first. */
  layoutsOf({ layout }: FrontMatter, within: readonly string[] = []): Template[] {
    if (typeof layout !== 'string' || within.includes(layout)) return []
    const found = [...this.#layouts].filter(
      ([name]) => name === layout || name.replace(/(?:\.11ty)?\.[^./]+$/, '') === layout,
    )
    return found.flatMap(([, template]) => [
      ...this.layoutsOf(template.data ?? {}, [...within, layout]),
      template,
    ])
  }

  /** Data files that Eleventy merges for the template at `path`. */
  filesOf(path: string): string[] {
    const { dir } = posix.parse(path)
    const folders =
      dir === '' ? [] : dir.split('/').map((_, i, all) => all.slice(0, i + 1).join('/'))
    const bases = folders
      .map((folder) => posix.join(folder, posix.basename(folder)))
      .filter((base) => this.#isInput(base))
    bases.push(path.replace(/(?:\.11ty)?\.[^./]+$/, ''))
    const suffixes = ['.json', '.11tydata.json', '.11tydata.mjs', '.11tydata.cjs', '.11tydata.js']
    return bases
      .flatMap((base) => suffixes.map((suffix) => base + suffix))
      .filter((file) => this.#files.has(file) && file !== path)
  }

  #dataFile(path: string): Promise<FrontMatter | undefined> {
    const known = this.#known.get(path) ?? this.#read(path).then((text) => readDataFile(path, text))
    this.#known.set(path, known)
    return known
  }
}

function mergeAll(parts: readonly (FrontMatter | undefined)[]): FrontMatter | undefined {
  const merged: Record<string, unknown> = {}
  for (const part of parts) {
    if (part === undefined) return undefined
    const tags = [...tagsOf(merged), ...tagsOf(part)]
    Object.assign(merged, part, tags.length > 0 ? { tags } : {})
  }
  return merged
}

/** Tags as Eleventy reads them: a list, or words with commas between. */
export function tagsOf({ tags }: FrontMatter): string[] {
  const list = typeof tags === 'string' ? tags.split(',') : Array.isArray(tags) ? tags : []
  return list.map((tag) => String(tag).trim()).filter((tag) => tag !== '')
}
