/**
 * Finds the files that a text names, in whatever form the names are written.
 *
 * 1. {@link readingsOf} – the text as it stands, and with its escapes undone
 * 2. {@link createNameSearch} – names in running text, by their extensions
 * 3. {@link addressesIn} – whole addresses: those of pages and folders have no extension
 * 4. {@link FileIndex} – the files that these mean
 *
 * @module
 */
import { decode, withoutCssEscapes } from './escapes.ts'
import type { FileIndex } from './file-index.ts'
import { createNameSearch, extensionOf, isPage, type FileName } from './file-names.ts'

/** An escape that may stand for a letter of a name, its dot, or what ends it. */
const ESCAPED_NAME =
  /&(?:#0*(?:3[249]|4[0-9]|[5-9]\d|1[01]\d|12[0-2])|#x0*[2-7][0-9a-f]|period|sol|lowbar|comma);|%(?:25)*[2-7][0-9a-f]|\\[^\n]/i
/** Addresses without quotation marks, in attributes, stylesheets and Markdown. */
const UNQUOTED = /(?:=|url\(|\]\(|<)\s*((?:\\[\da-f]{1,6}[ \t]?|\\[^\n]|[^\s"'`<>()=\\]){2,})/gi
/** What sets an address apart from a word. */
const ADDRESS = /[/.\\%&]/
const LONGEST_ADDRESS = 300
/** Marks that belong to a name, one after the other. */
const MOST_MARKS = 4
/** Names that a search by extension finds wherever they stand. */
const PLAIN_NAME = /^[\w./ -]+\.\w+$/

/** Yields the files of an index that a text names, seen from some folders. */
export type FindNamedFiles = (text: string, folders: readonly string[]) => Generator<string>

export interface FileSearchOptions {
  /** The files that matter. */
  readonly wanted: Iterable<string>
  /** Whether a name alone is enough, if the index has one file of that name; otherwise it needs a path. */
  readonly isNameEnough: boolean
}

/** Makes the search for files of an index. */
export function createFileSearch(
  index: FileIndex,
  { wanted, isNameEnough }: FileSearchOptions,
): FindNamedFiles {
  const files = [...wanted]
  const search = createNameSearch(files.map(extensionOf).filter(Boolean))
  const hasOddNames = files.some((file) => isPage(file) || !PLAIN_NAME.test(file))
  return function* find(text, folders) {
    for (const reading of readingsOf(text)) {
      for (const beginnings of search(reading)) {
        const { files: found, isSure } = index.findNamed(beginnings, folders)
        if (isSure || (isNameEnough && found.length === 1)) yield* found
      }
    }
    if (!hasOddNames) return
    for (const { written } of addressesIn(text)) yield* index.findAt(written, folders)
  }
}

/** The parts of a text that may be an address as a whole, because something encloses them. */
export function* addressesIn(text: string): Generator<FileName> {
  const all = nameAt(text, 0, text.length)
  if (all) yield all
  for (const mark of ['"', "'", '`']) {
    const places = [...marksIn(text, mark)]
    for (const [at, place] of places.entries()) {
      let next = at + 1
      // A mark after a backslash belongs to the address, or encloses it within another text.
      for (; next < places.length && next - at <= MOST_MARKS; next++) {
        const name = nameAt(text, place + 1, places[next] ?? place)
        if (name) yield name
        if (text[(places[next] ?? 0) - 1] !== '\\') break
      }
    }
  }
  for (const { 0: whole, 1: written = '', index } of text.matchAll(UNQUOTED)) {
    const name = nameAt(text, index + whole.length - written.length, index + whole.length)
    if (name) yield name
  }
}

/** The text as it stands, and each other way to read it that may show more names. */
function readingsOf(text: string): readonly string[] {
  if (!ESCAPED_NAME.test(text)) return [text]
  return [...new Set([text, decode(text), withoutCssEscapes(text)])]
}

function* marksIn(text: string, mark: string): Generator<number> {
  for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1)) yield at
}

function nameAt(text: string, from: number, to: number): FileName | undefined {
  if (to - from > LONGEST_ADDRESS) return undefined
  const inside = text.slice(from, to)
  if (!ADDRESS.test(inside) || /[<>]/.test(inside)) return undefined
  const written = inside.trim()
  const start = from + inside.indexOf(written)
  return written === '' ? undefined : { start, end: start + written.length, written }
}
