import { posix } from 'node:path'
import micromatch from 'micromatch'
import { foldPath, pathsOf } from '../leak-audit/file-index.ts'

/** Files that one address names together: a folder, a pattern, or a name without its extension. */
export interface FileGroup {
  /** The same for all spellings of the address. */
  readonly key: string
  readonly files: readonly string[]
  /** The folder that they lie in or below. */
  readonly base: string
  /** What the address says below that folder. */
  readonly rest: string
  /** Whether it is all of a folder at the root, such as `img/`, where whole sites keep their pictures. */
  readonly isWide: boolean
}

export interface GroupSearchOptions {
  /** Where the site lies below its host: `/blog/`. */
  readonly pathPrefix: string
  /** Whether something answers at the address itself: then it names that. */
  readonly isAnswered: (path: string) => boolean
}

export interface GroupOptions {
  readonly folders: readonly string[]
  /** Whether a name alone is enough, wherever it lies: the value is known to be that of a picture or a folder. */
  readonly isNameEnough: boolean
}

const PATTERN = /[*{[]|\$\{/
/** Types of media (`image/*`), and code of templates, look like patterns. */
const NO_PATTERN =
  /^(?:\*|application|audio|font|image|model|multipart|text|video)\/\*$|\{[{%]|[\s;]/i

/** Finds groups among some files. */
export class GroupSearch {
  readonly #files: readonly string[]
  readonly #options: GroupSearchOptions
  readonly #byFolder = new Map<string, string[]>()
  readonly #byStem = new Map<string, string[]>()

  constructor(files: Iterable<string>, options: GroupSearchOptions) {
    this.#files = [...files]
    this.#options = options
    for (const file of this.#files) {
      push(this.#byStem, withoutExtension(file), file)
      for (let folder = posix.dirname(file); folder !== '.'; folder = posix.dirname(folder)) {
        push(this.#byFolder, folder, file)
      }
    }
  }

  /** @param written An address from the root, or a path; escapes included. */
  find(written: string, { folders, isNameEnough }: GroupOptions): FileGroup | undefined {
    const text = written.replace(/\$\{[^{}]*\}/g, '*')
    if (PATTERN.test(written) && NO_PATTERN.test(text)) return undefined
    for (const path of pathsOf(text)) {
      for (const place of this.#places(path, folders)) {
        const group = PATTERN.test(path) ? this.#byPattern(place) : this.#byPlace(place)
        if (group) return group
      }
      const tail = path.replace(/^(?:\.{0,2}\/)+|\/+$/g, '')
      if (!isNameEnough || tail === '') continue
      const group = PATTERN.test(tail) ? this.#byPatternTail(tail) : this.#byTail(tail)
      if (group) return group
    }
    return undefined
  }

  *#places(path: string, folders: readonly string[]): Generator<string> {
    const { pathPrefix } = this.#options
    if (path.startsWith(pathPrefix)) yield clean(path.slice(pathPrefix.length))
    if (path.startsWith('/')) yield clean(path)
    else for (const folder of folders) yield clean(posix.join(folder, path))
  }

  #byPlace(place: string): FileGroup | undefined {
    if (place === '' || place.startsWith('..') || this.#options.isAnswered(place)) return undefined
    const below = this.#byFolder.get(foldPath(place))
    if (below) return group(below, place, '')
    const named = this.#byStem.get(foldPath(place))
    return named && group(named, posix.dirname(place), posix.basename(place))
  }

  #byPattern(pattern: string): FileGroup | undefined {
    const [literal = ''] = pattern.split(/[*{[]/)
    const base = literal.slice(0, Math.max(0, literal.lastIndexOf('/')))
    // A pattern without a word of its own means nothing in particular.
    if (!/[\p{L}\p{N}]{2}/u.test(literal)) return undefined
    const files = this.#files.filter((file) => matches(file, pattern))
    return files.length === 0 ? undefined : group(files, base, pattern.slice(base.length + 1))
  }

  #byPatternTail(pattern: string): FileGroup | undefined {
    if (!/[\p{L}\p{N}]{2}/u.test(pattern.split(/[*{[]/)[0] ?? '')) return undefined
    const files = this.#files.filter((file) => matches(file, `**/${pattern}`))
    return files.length === 0 ? undefined : group(files, commonFolder(files), pattern)
  }

  /** Of several folders or files of one name, none. */
  #byTail(tail: string): FileGroup | undefined {
    const end = `/${foldPath(tail)}`
    const endsLikeIt = (path: string) => `/${path}`.endsWith(end)
    const folders = [...this.#byFolder.keys()].filter(endsLikeIt)
    const [below] = folders.length === 1 ? folders : []
    if (below !== undefined) return this.#byPlace(below)
    const stems = [...this.#byStem.keys()].filter(endsLikeIt)
    const [stem] = stems.length === 1 ? stems : []
    return stem === undefined ? undefined : this.#byPlace(stem)
  }
}

function group(files: readonly string[], base: string, rest: string): FileGroup {
  const isWide = !base.includes('/') && !/[\p{L}\p{N}]{2}/u.test(withoutExtension(rest))
  return { key: foldPath(`${base}/${rest}`), files, base, rest, isWide }
}

function matches(file: string, pattern: string): boolean {
  return micromatch.isMatch(file, pattern, { nocase: true })
}

function clean(path: string): string {
  return posix
    .normalize(path)
    .replace(/^\/+|\/+$/g, '')
    .replace(/^\.$/, '')
}

function commonFolder(files: readonly string[]): string {
  const folders = files.map((file) => posix.dirname(file).split('/'))
  const [first = []] = folders
  const shared = first.findIndex((name, at) => folders.some((folder) => folder[at] !== name))
  return (shared === -1 ? first : first.slice(0, shared)).join('/')
}

function withoutExtension(file: string): string {
  return file.replace(/(?<=[^/])\.[^./]+$/, '')
}

function push(map: Map<string, string[]>, key: string, file: string): void {
  const folded = foldPath(key)
  const files = map.get(folded)
  if (files) files.push(file)
  else map.set(folded, [file])
}
