import { ConfigurationError } from '../web/errors.ts'
import { isRecord } from '../web/record.ts'
import { collectEntries, END, HEAD } from './collect-entries.ts'
import { entriesOf, type LedgerEntry } from './ledger-entries.ts'
import type { Ledger } from './ledger.ts'

/** So many lines further on it is looked for an entry: what stood between is gone, or says something else. */
const AHEAD = 16
/** Where git could not merge two lines. */
const MARKER = /^(?:<{7}|\|{7}|={7}|>{7})(?: |$)/

/** What stands after the last entry. */
export const LEDGER_END = `${END}\n]\n`

/** Lines that were read, and what they say. */
export interface KnownLines {
  readonly rows: readonly string[]
  readonly entries: readonly unknown[]
}

interface LedgerText {
  readonly ledger: Ledger
  /** For {@link formatLedger}, if the text was written by it. */
  readonly known?: KnownLines
}

/**
 * Reads a ledger from the text of its file: a JSON list with one entry a line, each of which ends in a comma.
 *
 * @throws {ConfigurationError} when it cannot be read: an unreadable ledger is never taken for an empty one, because
 * then every link given out would die.
 */
export function readLedger(text: string, file: string): LedgerText {
  const rows = splitLines(text)
  const entries = rows ? parseLines(rows, file) : parseWhole(text, file)
  const ledger = collectEntries(entries, ({ at, what }) => {
    // The first line is the bracket.
    const lines = rows ? at.map((index) => index + 2) : []
    throw unreadable(placeOf(file, lines), what)
  })
  return rows ? { ledger, known: { rows, entries } } : { ledger }
}

export function parseLedger(text: string, file: string): Ledger {
  return readLedger(text, file).ledger
}

/** @param known What was read before: a line that says the same is not made again. */
export function formatLedger(ledger: Ledger, known?: KnownLines): string {
  const lines = ['[', `${HEAD},`]
  const findLine = known && createLineSearch(known)
  for (const entry of entriesOf(ledger)) lines.push(findLine?.(entry) ?? lineOf(entry))
  lines.push(END, ']', '')
  return lines.join('\n')
}

function lineOf({ kind, value, fields }: LedgerEntry): string {
  return `${JSON.stringify({ [kind]: value, ...fields })},`
}

/** Finds the lines of unchanged entries, which come in the order in which they were. */
function createLineSearch({ rows, entries }: KnownLines) {
  let next = 0
  return (entry: LedgerEntry): string | undefined => {
    for (let at = next; at < next + AHEAD; at++) {
      if (!isSame(entries[at], entry)) continue
      next = at + 1
      const row = rows[at]
      return row?.endsWith(',') ? row : undefined
    }
    return undefined
  }
}

function isSame(known: unknown, { kind, value, fields }: LedgerEntry): boolean {
  if (!isRecord(known) || known[kind] !== value) return false
  for (const name in fields) if (known[name] !== fields[name]) return false
  return true
}

/** The lines of the entries, if the text is written as {@link formatLedger} does. */
function splitLines(text: string): string[] | undefined {
  const lines = text.split('\n')
  const end = lines.length - 2
  if (lines[0] !== '[' || lines[end] !== ']' || lines.at(-1) !== '') return undefined
  const rows = lines.slice(1, end)
  const isEntry = (row: string) => row.startsWith('{') && (row.endsWith('},') || row.endsWith('}'))
  return rows.every(isEntry) ? rows : undefined
}

function parseLines(rows: readonly string[], file: string): unknown[] {
  return rows.map((row, index) => {
    try {
      return JSON.parse(row.endsWith(',') ? row.slice(0, -1) : row)
    } catch {
      // fail closed because the parser's own message could quote a token
      throw unreadable(placeOf(file, [index + 2]), 'the line is not JSON')
    }
  })
}

/** What another program has written, such as one that formats files. */
function parseWhole(text: string, file: string): readonly unknown[] {
  const value = parseJson(text, file)
  if (Array.isArray(value)) return value
  throw unreadable(file, 'the document is not as it should be: it is no list of entries')
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // fail closed because the parser's own message could quote a token
    const marked = conflictLines(text)
    if (marked.length > 0) throw conflict(placeOf(file, marked))
    throw unreadable(placeOf(file, brokenLines(text)), 'it is not JSON')
  }
}

/** The numbers of the lines at which a merge conflict begins. */
function conflictLines(text: string): number[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => (line.startsWith('<<<<<<<') ? [index + 1] : []))
}

/** The first line that is no entry, in a file with one entry a line. */
function brokenLines(text: string): number[] {
  const [first, head, ...lines] = text.split('\n')
  if (first !== '[' || head !== `${HEAD},`) return []
  const broken = lines.findIndex((line) => !/^(?:\{.*\},?|\])$/.test(line))
  return broken === -1 ? [] : [broken + 3]
}

export function isMarker(line: string): boolean {
  return MARKER.test(line)
}

function placeOf(file: string, lines: readonly number[]): string {
  const numbers = lines.slice(0, 3).join(' and ')
  const more = lines.length > 3 ? ' and more' : ''
  return lines.length === 0 ? file : `${file}, line${lines.length > 1 ? 's' : ''} ${numbers}${more}`
}

function conflict(place: string): ConfigurationError {
  return new ConfigurationError(
    `${place}: it holds a merge conflict. To do: run "private-posts ledger --mend", which keeps what both sides say; or restore it from your version control, and merge again.`,
  )
}

function unreadable(place: string, problem: string): ConfigurationError {
  return new ConfigurationError(
    `${place}: ${problem}. To do: restore it from your version control; without it, every private link given out stops working. Where you have no other copy, "private-posts ledger --mend" keeps what can be read.`,
  )
}
