/**
 * The deliveries are the longest part of a large ledger, and most commands do not need them. Where the state folder says
 * that exactly these lines were written by this software, they are parsed when they are asked for, and copied as they
 * are otherwise. Without that note, or with another, the whole file is read and checked as always.
 *
 * @module
 */
import { hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../store/durable-file.ts'
import { LEDGER_END, type KnownLines } from './ledger-text.ts'
import type { DeliveryRecord } from './ledger.ts'
import { stateFolderAt } from './state-folder.ts'

/** In bytes. A smaller ledger is read faster than it is split. */
const LARGE = 256 * 1024
/** To be counted up when a delivery record means something else: notes of before are worth nothing then. */
const VERSION = 1
const FIRST_DELIVERY = '\n{"delivery":'
const NOTE = 'checked-deliveries'

interface LedgerParts {
  /** The text of the ledger as if it had no deliveries. */
  readonly rest: string
  /** The lines of all deliveries. */
  readonly lines: Buffer
}

/** Deliveries that are parsed when they are asked for. */
export interface CheckedDeliveries {
  readonly deliveries: DeliveryRecord[]
  /** `undefined` as long as they were not asked for, and so are as they were. */
  readonly known: () => KnownLines | undefined
}

/** The parts of a ledger whose deliveries were written by this software; `undefined` if that is not certain. */
export async function checkedParts(file: string, bytes: Buffer): Promise<LedgerParts | undefined> {
  const parts = splitLedger(bytes)
  if (!parts) return undefined
  const note = await readNote(file)
  return note !== undefined && note === noteFor(parts.lines) ? parts : undefined
}

/** Notes that the deliveries of a text were written by this software, where there is a state folder. */
export async function noteChecked(file: string, bytes: Buffer): Promise<void> {
  if (!existsSync(stateFolderAt(file))) return
  const parts = splitLedger(bytes)
  if (!parts) return
  const note = noteFor(parts.lines)
  if (note === (await readNote(file))) return
  try {
    await replaceFile(noteOf(file), note)
  } catch {
    // fail closed because without the note the next reader checks every line, as it does on a disk that is full
  }
}

async function readNote(file: string): Promise<string | undefined> {
  try {
    return await readFile(noteOf(file), 'utf8')
  } catch {
    // fail closed because a note that cannot be read says nothing: every line is checked
    return undefined
  }
}

/** The bytes of a ledger with other entries and the same deliveries. */
export function joinLedger({ rest, lines }: LedgerParts): Buffer {
  const head = Buffer.from(rest.slice(0, -LEDGER_END.length))
  return Buffer.concat([head, lines, Buffer.from(LEDGER_END)])
}

export function openCheckedDeliveries(lines: Buffer): CheckedDeliveries {
  let known: KnownLines | undefined
  const read = () => {
    const rows = lines.toString('utf8').split('\n').slice(0, -1)
    const entries = rows.map(
      (row) => JSON.parse(row.slice(0, -1)) as { readonly delivery: DeliveryRecord },
    )
    known = { rows, entries }
    return entries.map(({ delivery }) => delivery)
  }
  return { deliveries: arrayWhenUsed(read), known: () => known }
}

/** An array whose items are made at its first use, whatever that is. */
function arrayWhenUsed<Item>(read: () => readonly Item[]): Item[] {
  const items: Item[] = []
  let isRead = false
  const filled = () => {
    if (isRead) return items
    for (const item of read()) items.push(item)
    isRead = true
    return items
  }
  return new Proxy(items, {
    get(_, name) {
      const value: unknown = Reflect.get(filled(), name)
      // On the array itself, a loop does not come by here for each item.
      return typeof value === 'function' && name !== 'constructor' ? value.bind(items) : value
    },
    set: (_, name, value) => Reflect.set(filled(), name, value),
    has: (_, name) => Reflect.has(filled(), name),
    ownKeys: () => Reflect.ownKeys(filled()),
    defineProperty: (_, name, property) => Reflect.defineProperty(filled(), name, property),
    deleteProperty: (_, name) => Reflect.deleteProperty(filled(), name),
    getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(filled(), name),
  })
}

function splitLedger(bytes: Buffer): LedgerParts | undefined {
  if (bytes.length < LARGE) return undefined
  const start = bytes.indexOf(FIRST_DELIVERY) + 1
  const end = bytes.length - LEDGER_END.length
  if (start === 0 || bytes.toString('utf8', end) !== LEDGER_END) return undefined
  return {
    rest: `${bytes.toString('utf8', 0, start)}${LEDGER_END}`,
    lines: bytes.subarray(start, end),
  }
}

function noteFor(lines: Buffer): string {
  return `${VERSION} ${hash('sha256', lines)}\n`
}

function noteOf(file: string): string {
  return join(stateFolderAt(file), NOTE)
}
