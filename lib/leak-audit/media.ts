import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ifVanished } from '../web/vanished.ts'
import { FileIndex } from './file-index.ts'
import { isFetchedByName } from './file-names.ts'
import { createFileSearch, type FindNamedFiles } from './named-files.ts'
import { sha256 } from './output-files.ts'

/** A file of the project that a private source names, such as a picture of a folder for all pictures. */
export interface NamedMedia {
  /** Input path of the private source. */
  readonly post: string
  readonly path: string
  readonly size: number
  readonly sha256: string
}

/** Pictures, sound, films, documents, calendars: what is no page and no part of a page's code. */
const MEDIA =
  /\.(?:jpe?g|png|gif|webp|avif|svg|heic|tiff?|bmp|mp[34]|m4[av]|mov|webm|og[gv]|opus|wav|flac|pdf|ics|vcf|csv|gpx|kml|zip|7z|epub|docx?|xlsx?|pptx?|od[tsp])$/i

/**
 * The files that private sources name, among those that lie outside of private folders.
 *
 * @param privatePaths Private sources; they are read as they are, front matter included.
 */
export async function findNamedMedia(
  root: string,
  privatePaths: readonly string[],
  otherPaths: readonly string[],
): Promise<NamedMedia[]> {
  const media = otherPaths.filter((path) => MEDIA.test(path) && !isFetchedByName(path))
  if (media.length === 0) return []
  const index = new FileIndex(media)
  const search = createFileSearch(index, { wanted: media, isNameEnough: true })
  const found = new Map<string, string>()
  for (const post of privatePaths) {
    const text = await readFile(join(root, post), 'utf8').catch(ifVanished(''))
    for (const file of search(text, [dirname(post), ''])) found.set(file, post)
  }
  const named = [...found].map(async ([path, post]) => {
    const bytes = await readFile(join(root, path)).catch(ifVanished(Buffer.alloc(0)))
    return { post, path, size: bytes.length, sha256: sha256(bytes) }
  })
  return (await Promise.all(named)).filter(({ size }) => size > 0)
}

/** Looks for copies of such files that no public text names. */
export class MediaWatch {
  /** Posts by the copies in the output. */
  readonly #copies: Map<string, NamedMedia>
  readonly #output: FindNamedFiles
  readonly #sources: FindNamedFiles

  private constructor(copies: Map<string, NamedMedia>) {
    this.#copies = copies
    const sources = [...copies.values()].map(({ path }) => path)
    this.#output = searchAmong([...copies.keys()])
    this.#sources = searchAmong([...new Set(sources)])
  }

  /** @param paths Files of the output outside of private folders, relative to it. */
  static async open(
    output: string,
    paths: readonly string[],
    media: readonly NamedMedia[],
  ): Promise<MediaWatch> {
    const copies = new Map<string, NamedMedia>()
    const sizes = new Set(media.map(({ size }) => size))
    for (const path of media.length > 0 ? paths : []) {
      const file = await stat(join(output, path)).catch(ifVanished(undefined))
      if (!file || !sizes.has(file.size) || isFetchedByName(path)) continue
      const bytes = await readFile(join(output, path)).catch(ifVanished(Buffer.alloc(0)))
      const hash = sha256(bytes)
      const original = media.find((one) => one.sha256 === hash)
      if (original) copies.set(path, original)
    }
    return new MediaWatch(copies)
  }

  /** What a public file names is meant to be public. */
  readOutput(path: string, text: string): void {
    if (this.#copies.size === 0) return
    for (const file of this.#output(text, [dirname(path)])) this.#copies.delete(file)
  }

  /** So is what a public source names. */
  readSource(path: string, text: string): void {
    if (this.#copies.size === 0) return
    const sources = new Set(this.#sources(text, [dirname(path)]))
    if (sources.size === 0) return
    for (const [file, { path: source }] of this.#copies) {
      if (sources.has(source)) this.#copies.delete(file)
    }
  }

  /** Copies that only private sources name, and the post that does. */
  get left(): readonly (readonly [file: string, post: string])[] {
    return [...this.#copies].map(([file, { post }]) => [file, post] as const)
  }
}

function searchAmong(files: readonly string[]): FindNamedFiles {
  return createFileSearch(new FileIndex(files), { wanted: files, isNameEnough: true })
}
