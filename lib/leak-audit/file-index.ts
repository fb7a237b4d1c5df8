import { posix } from 'node:path'
import { decode } from './escapes.ts'
import { extensionOf, type FileName } from './file-names.ts'

/** Files that a reference means. */
export interface FoundFiles {
  readonly files: readonly string[]
  /** Whether the reference says more than the last part of the path. */
  readonly isSure: boolean
}

const NOTHING: FoundFiles = { files: [], isSure: false }

/** Finds the files of a folder that a reference means, however it is written. */
export class FileIndex {
  readonly #byPath = new Map<string, string[]>()
  readonly #byName = new Map<string, string[]>()
  readonly #pathPrefix: string

  /** @param pathPrefix Where the site lies below its host: `/blog/`. */
  constructor(paths: Iterable<string>, pathPrefix = '/') {
    this.#pathPrefix = pathPrefix
    for (const path of paths) {
      add(this.#byPath, fold(path), path)
      add(this.#byName, fold(posix.basename(path)), path)
    }
  }

  get extensions(): Set<string> {
    return new Set([...this.#byPath.keys()].map(extensionOf).filter((extension) => extension))
  }

  /**
   * What a reference means: the file at that address, seen from one of the folders; else files whose path
   * ends like it; else, and not surely, files of that name. Case makes no difference, because some hosts
   * fold it.
   *
   * @param written A URL, an address from the root, or a path, escapes included.
   */
  find(written: string, folders: readonly string[]): FoundFiles {
    const path = pathOf(written)
    if (path === undefined) return NOTHING
    const files = this.findAt(written, folders)
    return files.length > 0 ? { files, isSure: true } : this.#byTail(path)
  }

  /** The file that is named at one place of a text, by one of the names that may begin there. */
  findNamed(names: readonly FileName[], folders: readonly string[]): FoundFiles {
    for (const { written } of names) {
      const files = this.findAt(written, folders)
      if (files.length > 0) return { files, isSure: true }
    }
    const ends = [...names].reverse().map(({ written }) => this.find(written, folders))
    return (
      ends.find(({ isSure }) => isSure) ?? ends.find(({ files }) => files.length > 0) ?? NOTHING
    )
  }

  /** The file at the very address that a reference says, seen from one of the folders. */
  findAt(written: string, folders: readonly string[]): readonly string[] {
    const path = pathOf(written)
    if (path === undefined) return []
    const places = path.startsWith('/')
      ? [this.#withoutPrefix(path), path]
      : folders.map((folder) => posix.join('/', folder, path))
    for (const place of places) {
      const files = this.#at(posix.normalize(place))
      if (files.length > 0) return files
    }
    return []
  }

  #at(place: string): readonly string[] {
    const exact = place.replace(/^\/+/, '')
    const files = this.#byPath.get(fold(exact)) ?? []
    return files.includes(exact) ? [exact] : files
  }

  #byTail(path: string): FoundFiles {
    const names = path.split('/').filter((name) => !['', '.', '..'].includes(name))
    const tail = `/${fold(names.join('/'))}`
    const named = this.#byName.get(fold(names.at(-1) ?? '')) ?? []
    const alike = named.filter((file) => {
      const whole = `/${fold(file)}`
      return (
        (names.length > 1 && whole.endsWith(tail)) || (file.includes('/') && tail.endsWith(whole))
      )
    })
    return alike.length > 0 ? { files: alike, isSure: true } : { files: named, isSure: false }
  }

  #withoutPrefix(path: string): string {
    return path.startsWith(this.#pathPrefix) ? `/${path.slice(this.#pathPrefix.length)}` : path
  }
}

/** The path of a reference, without escapes, query and fragment; from the root if it begins with a slash. */
function pathOf(written: string): string | undefined {
  const address = decode(written.trim().replace(/[?#].*$/s, ''))
  const [, afterHost] = /^(?:https?:)?\/\/[^/]*(\/.*)$/is.exec(address) ?? []
  if (afterHost !== undefined) return afterHost
  return address === '' || /^[a-z][a-z0-9+.-]*:/i.test(address) ? undefined : address
}

/** Some file systems and hosts fold case, or take letters apart. */
function fold(path: string): string {
  return path.normalize('NFC').toLowerCase()
}

function add(map: Map<string, string[]>, key: string, path: string): void {
  const paths = map.get(key)
  if (paths) paths.push(path)
  else map.set(key, [path])
}
