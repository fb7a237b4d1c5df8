import { posix } from 'node:path'

/** What a template may be called without: `{% include "header" %}`. */
const TEMPLATE =
  /\.(?:md|njk|nunjucks|liquid|html?|webc|vue|hbs|handlebars|mustache|pug|haml|ejs|mdx|slim|11ty\.[cm]?[jt]sx?|[cm]?[jt]sx?)$/i
const EXTENSION = /(?:\.11ty)?\.[^./]+$/
/** Folders whose files are used by templates. */
const USED_BY_TEMPLATES = /(?:^|\/)_[\w-]+\//

/** Finds the files that a layout, an include, a component or an import may mean, by its name. */
export class PartIndex {
  readonly #byStem = new Map<string, string[]>()
  readonly #files: ReadonlySet<string>
  readonly #folders: readonly string[]

  /** @param folders Where Eleventy looks first. */
  constructor(files: readonly string[], folders: readonly string[]) {
    this.#files = new Set(files)
    this.#folders = folders
    for (const path of files) {
      const stem = stemOf(path)
      const same = this.#byStem.get(stem)
      if (same) same.push(path)
      else this.#byStem.set(stem, [path])
    }
  }

  /** @param from The file that says the name. */
  find(name: string, from: string): readonly string[] {
    const beside = posix.join(posix.dirname(from), name)
    const places = [beside, ...this.#folders.map((folder) => posix.join(folder, name)), name]
    const exact = places.find((place) => this.#files.has(place))
    if (exact !== undefined) return [exact]

    const plain = posix.normalize(name).replace(/^(?:\.{1,2}\/|\/)+/, '')
    if (plain.endsWith('/')) {
      return [...this.#files].filter((path) => `/${path}`.includes(`/${plain}`))
    }
    const hasExtension = EXTENSION.test(plain)
    const candidates = (this.#byStem.get(stemOf(plain)) ?? []).filter((path) => {
      if (path === plain || path.endsWith(`/${plain}`)) return true
      const bare = path.replace(EXTENSION, '')
      return !hasExtension && TEMPLATE.test(path) && (bare === plain || bare.endsWith(`/${plain}`))
    })
    return nearest(candidates)
  }
}

/** A copy of the includes, in a backup or below `archive`, lies deeper than those in use. */
function nearest(paths: readonly string[]): readonly string[] {
  const used = paths.filter((path) => USED_BY_TEMPLATES.test(path))
  const candidates = used.length > 0 ? used : paths
  const depth = (path: string) => path.split('/').length
  const least = Math.min(...candidates.map(depth))
  return candidates.filter((path) => depth(path) === least)
}

function stemOf(path: string): string {
  return posix.basename(path).replace(EXTENSION, '')
}
