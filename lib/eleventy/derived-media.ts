import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, join, posix } from 'node:path'
import { attribute, elements, parseHtml, serializeHtml, setAttribute } from '../web/html.ts'
import { listPublicTexts, mentionsPath } from './public-copies.ts'
import { candidates } from './third-party.ts'

const MEDIA = /\.(avif|webp|jpe?g|png|gif|svg|heic|mp[34]|m4[av]|ogg|opus|flac|wav|webm|mov|pdf)$/i
const REFERENCES = ['src', 'srcset', 'href', 'poster']
/** Folder below the capability URL for files that other plugins made. */
const FOLDER = 'media'

/** A file that another plugin made for a private page, such as a smaller picture. */
export interface DerivedFile {
  readonly destination: string
  readonly bytes: Buffer
}

export interface DerivedMediaOptions {
  readonly output: string
  readonly prefix: string
  readonly pathPrefix: string
  /** Folder of the site's sources: what lies there as it is was published by its author. */
  readonly input: string
}

/**
 * Finds pictures and the like in the public output that only private pages show, and that no source
 * file equals: an image plugin made them from private pictures. They move below the capability URLs.
 *
 * @param pages Rendered private pages, by a key of the caller's.
 * @returns For each key the rewritten page and the files that it needs.
 */
export function takeDerivedMedia<Key>(
  pages: ReadonlyMap<Key, string>,
  options: DerivedMediaOptions,
): Map<Key, { readonly html: string; readonly files: readonly DerivedFile[] }> {
  const references = new Map([...pages].map(([key, html]) => [key, publicMedia(html, options)]))
  const taken = onlyPrivate(new Set([...references.values()].flat()), options)
  const bytes = new Map([...taken].map((file) => [file, readFileSync(join(options.output, file))]))

  const result = new Map<Key, { html: string; files: DerivedFile[] }>()
  for (const [key, html] of pages) {
    const own = [...new Set(references.get(key))].filter((file) => taken.has(file))
    const files = own.map((file) => ({
      destination: posix.join(FOLDER, basename(file)),
      bytes: bytes.get(file) ?? Buffer.alloc(0),
    }))
    result.set(key, { html: own.length > 0 ? rewrite(html, own, options) : html, files })
  }
  // Its folder stays: an image plugin that has made one does not look again while Eleventy watches.
  for (const file of taken) rmSync(join(options.output, file), { force: true })
  return result
}

/** Media files of the output that the page refers to by an address from the site's root. */
function publicMedia(html: string, options: DerivedMediaOptions): string[] {
  return [...elements(parseHtml(html))].flatMap((element) =>
    REFERENCES.flatMap((name) => {
      const value = attribute(element, name)
      if (value === undefined) return []
      const found = name === 'srcset' ? candidates(value, name) : [value]
      return found.flatMap((reference) => fileOf(reference, options) ?? [])
    }),
  )
}

function fileOf(
  reference: string,
  { output, prefix, pathPrefix }: DerivedMediaOptions,
): string | undefined {
  const address = reference.trim().replace(/[?#].*$/s, '')
  if (!address.startsWith(pathPrefix) || address.startsWith('//') || !MEDIA.test(address)) {
    return undefined
  }
  const file = posix.normalize(safeDecode(address.slice(pathPrefix.length)))
  if (file.startsWith('..') || `/${file}`.startsWith(prefix)) return undefined
  return existsSync(join(output, file)) ? file : undefined
}

function onlyPrivate(files: ReadonlySet<string>, options: DerivedMediaOptions): Set<string> {
  if (files.size === 0) return new Set()
  const texts = listPublicTexts(options.output, options.prefix)
  const sources = sourceHashes(files, options)
  return new Set(
    [...files].filter(
      (file) =>
        !texts.some((text) => mentionsPath(text, file)) &&
        !sources.has(hashOf(join(options.output, file))),
    ),
  )
}

/** Hashes of source files that are as long as one of `files`. */
function sourceHashes(
  files: ReadonlySet<string>,
  { input, output }: DerivedMediaOptions,
): Set<string> {
  const sizes = new Set([...files].map((file) => statSync(join(output, file)).size))
  const hashes = new Set<string>()
  for (const path of filesBelow(input, posix.normalize(output).replace(/\/$/, ''))) {
    if (MEDIA.test(path) && sizes.has(statSync(path).size)) hashes.add(hashOf(path))
  }
  return hashes
}

function* filesBelow(folder: string, except: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = posix.join(folder, entry.name)
    if (entry.name === 'node_modules' || entry.name.startsWith('.') || path === except) continue
    if (entry.isDirectory()) yield* filesBelow(path, except)
    else if (entry.isFile()) yield path
  }
}

function rewrite(html: string, files: readonly string[], options: DerivedMediaOptions): string {
  const document = parseHtml(html)
  for (const element of elements(document)) {
    for (const name of REFERENCES) {
      const value = attribute(element, name)
      if (value === undefined) continue
      const found = name === 'srcset' ? candidates(value, name) : [value]
      const next = found.reduce((text, reference) => {
        const file = fileOf(reference, options)
        if (file === undefined || !files.includes(file)) return text
        return text.replace(reference, encodeURI(posix.join(FOLDER, basename(file))))
      }, value)
      setAttribute(element, name, next)
    }
  }
  return serializeHtml(document)
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // An address that cannot be read is looked for as it stands, and not found.
    return text
  }
}
