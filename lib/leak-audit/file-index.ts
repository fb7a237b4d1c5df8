import { posix } from 'node:path'
import { decodeOnce, withoutCssEscapes } from './escapes.ts'
import { extensionOf, isPage, type FileName } from './file-names.ts'

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
  /** Last parts of all addresses: most references mean no file. */
  readonly #ends = new Set<string>()
  readonly #pathPrefix: string

  /** @param pathPrefix Where the site lies below its host: `/blog/`. */
  constructor(paths: Iterable<string>, pathPrefix = '/') {
    this.#pathPrefix = pathPrefix
    for (const path of paths) {
      for (const address of addressesOf(path)) {
        add(this.#byPath, foldPath(address), path)
        this.#ends.add(endOf(address))
      }
      add(this.#byName, foldPath(posix.basename(path)), path)
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
    const files = this.findAt(written, folders)
    if (files.length > 0) return { files, isSure: true }
    const ends = pathsOf(written).map((path) => this.#byTail(path))
    return ends.find(({ isSure }) => isSure) ?? ends.find((end) => end.files.length > 0) ?? NOTHING
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
    for (const path of pathsOf(written)) {
      if (!this.#ends.has(endOf(path))) continue
      const places = path.startsWith('/')
        ? [this.#withoutPrefix(path), path]
        : folders.map((folder) => posix.join('/', folder, path))
      for (const place of places) {
        const files = this.#at(posix.normalize(place))
        if (files.length > 0) return files
      }
    }
    return []
  }

  #at(place: string): readonly string[] {
    const exact = place.replace(/^\/+|\/+$/g, '')
    const files = this.#byPath.get(foldPath(exact)) ?? []
    return files.includes(exact) ? [exact] : files
  }

  #byTail(path: string): FoundFiles {
    const names = path.split('/').filter((name) => !['', '.', '..'].includes(name))
    const tail = `/${foldPath(names.join('/'))}`
    const named = this.#byName.get(foldPath(names.at(-1) ?? '')) ?? []
    const alike = named.filter((file) => {
      const whole = `/${foldPath(file)}`
      return (
        (names.length > 1 && whole.endsWith(tail)) || (file.includes('/') && tail.endsWith(whole))
      )
    })
    if (alike.length > 0) return { files: alike, isSure: true }
    // Each folder has a page of that name.
    return /^index\.\w+$/i.test(names.at(-1) ?? '') ? NOTHING : { files: named, isSure: false }
  }

  #withoutPrefix(path: string): string {
    return path.startsWith(this.#pathPrefix) ? `/${path.slice(this.#pathPrefix.length)}` : path
  }
}

/** Escapes within escapes within escapes are as far as anybody goes. */
const ROUNDS = 4

/**
 * What a reference may say, the most likely first: the path without escapes, query and fragment, from the root if
 * it begins with a slash. A file's name may hold what looks like an escape, so that fewer are undone, too.
 */
export function pathsOf(written: string): string[] {
  const address = written.replace(/[\t\r\n]/g, '').trim()
  const bare = address.replace(/(?:\?|(?<!&)#).*$/s, '')
  if (!/[&\\%+]/.test(bare)) return withoutHost(bare)
  const readings = new Set([bare])
  for (let round = 0, text = bare; round < ROUNDS && /[&\\%]/.test(text); round++) {
    text = decodeOnce(text)
    readings.add(text)
  }
  const likely = [...readings].reverse()
  return [...new Set([...likely, ...likely.flatMap((path) => [...otherSpellings(path)])])].flatMap(
    withoutHost,
  )
}

/** What browsers, servers and authors make of a path that is no file's as it stands. */
function* otherSpellings(path: string): Generator<string> {
  if (path.includes('\\')) yield* [path.replaceAll('\\', '/'), withoutCssEscapes(path)]
  if (path.includes('+')) yield path.replaceAll('+', ' ')
  const latin = path.replace(/%([89a-f][0-9a-f])/gi, (_, byte) =>
    String.fromCharCode(parseInt(byte, 16)),
  )
  if (latin !== path) yield latin
}

/** None if it is no address of a file, but one of another scheme. */
function withoutHost(address: string): string[] {
  const [, afterHost] = /^(?:https?:)?\/\/[^/]*(\/.*)$/is.exec(address) ?? []
  if (afterHost !== undefined) return [afterHost]
  return address === '' || /^[a-z][a-z0-9+.-]*:/i.test(address) ? [] : [address]
}

/** Hosts serve `a/index.html` and `a.html` at `/a` and `/a/`, too. */
function addressesOf(path: string): string[] {
  if (!isPage(path)) return [path]
  const plain = path.replace(/(?:(?:^|\/)index)?\.\w+$/, '')
  return plain === '' ? [path] : [path, plain]
}

/** The last part of a path that names a file or a folder. */
function endOf(path: string): string {
  const bare = path.endsWith('/') ? path.replace(/\/+$/, '') : path
  return foldPath(bare.slice(bare.lastIndexOf('/') + 1))
}

/** Some file systems and hosts fold case, or take letters apart; spaces look alike. */
export function foldPath(path: string): string {
  return path
    .normalize('NFC')
    .toUpperCase()
    .toLowerCase()
    .replace(/\p{Zs}/gu, ' ')
}

function add(map: Map<string, string[]>, key: string, path: string): void {
  const paths = map.get(key)
  if (paths) paths.push(path)
  else map.set(key, [path])
}
