import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import {
  isStoreKey,
  orderKeys,
  parseEntryText,
  serializeEntry,
  UNREADABLE,
} from '../lib/store/store.ts'
import type { ListOptions, Store, Stored, StoreOptions } from '../lib/store/store.ts'
import { StoreError } from '../lib/web/errors.ts'

/** What is used of the client; `getStore({ name, consistency: 'strong' })` makes one. */
export interface Blobs {
  getWithMetadata(
    key: string,
    options: { readonly type: 'text' },
  ): Promise<{ readonly data: string; readonly etag?: string } | null>
  set(
    key: string,
    data: string,
    condition: Condition,
  ): Promise<{ readonly modified: boolean; readonly etag?: string }>
  delete(key: string): Promise<void>
  list(options: {
    readonly prefix: string
    readonly paginate: true
  }): AsyncIterable<{ readonly blobs: readonly { readonly key: string; readonly etag: string }[] }>
}

type Condition = { readonly onlyIfNew: true } | { readonly onlyIfMatch: string }

const Envelope = v.object({
  /** Of the write that made the entry: whoever finds their own has won. */
  created: v.string(),
  /** Of the write that left it as it is. */
  written: v.string(),
  expires: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  value: v.unknown(),
})
type Envelope = v.InferOutput<typeof Envelope>

interface Found {
  readonly envelope: Envelope
  readonly etag: string
}

export interface BlobsStoreOptions {
  readonly store: Blobs
  readonly now: () => Date
  /** For the owner's log. */
  readonly report?: (line: string) => void
}

export interface BlobsStore extends Store {
  /** Looks at so many entries, beginning anywhere, and deletes those that expired a day ago. */
  sweep(limit: number): Promise<void>
}

/** Entries are read so many at a time. */
const PARALLEL = 8
/** Readers and writers on other machines may be late by the difference of their clocks. */
const GRACE = 24 * 60 * 60 * 1000
/** Somebody writes between our two looks at an entry; more often than that, something is wrong. */
const MAX_LOOKS = 5

/**
 * Keeps entries in Netlify Blobs.
 *
 * @NOTE The client takes every answer to a conditional write but 412 for success: `403`, `400` and `404`
 *   become `{ modified: true, etag: '' }`. So only an etag proves that anything was written, and whoever
 *   created an entry reads it again, to see whether it is theirs.
 * @see [Netlify Blobs](https://docs.netlify.com/build/data-and-storage/netlify-blobs/)
 */
export function createBlobsStore({ store, now, report }: BlobsStoreOptions): BlobsStore {
  const methods = { get, createIfAbsent, replaceIf, delete: remove, list, listKeys, sweep }
  return { ...methods, ...(report && { report }) }

  async function get(key: string): Promise<Stored | undefined> {
    const found = await find(key)
    return found && isAlive(found.envelope) ? toStored(key, found) : undefined
  }

  async function createIfAbsent(
    key: string,
    value: unknown,
    options?: StoreOptions,
  ): Promise<boolean> {
    serializeEntry(key, value)
    const id = newId()
    const envelope = envelopeOf(value, { created: id, written: id }, options)
    if (!(await write(key, envelope, { onlyIfNew: true }))) {
      const before = await find(key)
      // An answer that was lost on its way is asked for again by the client, and then we lose to ourselves.
      if (before?.envelope.created === id) return true
      if (!before || isAlive(before.envelope)) return false
      if (!(await write(key, envelope, { onlyIfMatch: before.etag }))) return false
    }
    return (await find(key))?.envelope.created === id
  }

  async function replaceIf(
    key: string,
    value: unknown,
    version: string,
    options?: StoreOptions,
  ): Promise<boolean> {
    serializeEntry(key, value)
    const before = await find(key)
    if (!before || !isAlive(before.envelope) || versionOf(before) !== version) return false
    const id = newId()
    const { created } = before.envelope
    const envelope = envelopeOf(value, { created, written: id }, options)
    if (await write(key, envelope, { onlyIfMatch: before.etag })) return true
    return (await find(key))?.envelope.written === id
  }

  async function remove(key: string): Promise<void> {
    if (isStoreKey(key)) await asked(store.delete(key))
  }

  /** Reads no more values than `limit`, where none of them has expired. */
  async function list(prefix: string, options: ListOptions = {}): Promise<readonly Stored[]> {
    const { limit = Infinity } = options
    const keys = orderKeys(await keysBelow(prefix), prefix, options)
    const found: Stored[] = []
    for (let start = 0; start < keys.length && found.length < limit;) {
      const some = keys.slice(start, start + Math.min(PARALLEL, limit - found.length))
      const entries = await Promise.all(some.map(get))
      found.push(...entries.flatMap((entry) => entry ?? []))
      start += some.length
    }
    return found
  }

  async function listKeys(prefix: string, options: ListOptions = {}): Promise<readonly string[]> {
    return orderKeys(await keysBelow(prefix), prefix, options).slice(0, options.limit)
  }

  async function sweep(limit: number): Promise<void> {
    const keys = await keysBelow('')
    const start = Math.floor(Math.random() * keys.length)
    const some = [...keys.slice(start), ...keys.slice(0, start)].slice(0, limit)
    await readAll(some, async (key) => {
      const { expires } = (await find(key))?.envelope ?? {}
      const isOld = expires !== undefined && Date.parse(expires) + GRACE < now().getTime()
      if (isOld) await store.delete(key)
    })
  }

  /** Whether it was written; where nobody can tell, that is an error. */
  async function write(key: string, envelope: Envelope, condition: Condition): Promise<boolean> {
    const { modified, etag } = await asked(store.set(key, JSON.stringify(envelope), condition))
    if (!modified) return false
    if (etag) return true
    throw new StoreError('Netlify Blobs refused a write, and its client does not say why')
  }

  async function find(key: string): Promise<Found | undefined> {
    if (!isStoreKey(key)) return undefined
    for (let look = 0; look < MAX_LOOKS; look++) {
      const blob = await asked(store.getWithMetadata(key, { type: 'text' }))
      if (!blob) return undefined
      const envelope = parse(blob.data)
      if (blob.etag) return { envelope, etag: blob.etag }
      // The local emulator tells etags in lists only; the entry must not have changed meanwhile.
      const etag = await etagOf(key)
      const again = await asked(store.getWithMetadata(key, { type: 'text' }))
      if (etag && again && parse(again.data).written === envelope.written) return { envelope, etag }
    }
    throw new Error('Netlify Blobs does not say which version of an entry it has')
  }

  async function etagOf(key: string): Promise<string | undefined> {
    for await (const { blobs } of store.list({ prefix: key, paginate: true })) {
      const blob = blobs.find((candidate) => candidate.key === key)
      if (blob) return blob.etag
    }
    return undefined
  }

  function keysBelow(prefix: string): Promise<string[]> {
    return asked(readPages(prefix))
  }

  async function readPages(prefix: string): Promise<string[]> {
    const keys: string[] = []
    for await (const { blobs } of store.list({ prefix, paginate: true })) {
      for (const { key } of blobs) if (key.startsWith(prefix) && isStoreKey(key)) keys.push(key)
    }
    return keys
  }

  function isAlive({ expires }: Envelope): boolean {
    return expires === undefined || new Date(expires) > now()
  }
}

/** @throws {StoreError} where Blobs do not answer, or only with a failure */
async function asked<Value>(answer: Promise<Value>): Promise<Value> {
  try {
    return await answer
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : 'unknown'
    throw new StoreError(`Netlify Blobs cannot be used now: ${words}`, { cause })
  }
}

async function readAll<Value>(
  keys: readonly string[],
  read: (key: string) => Promise<Value>,
): Promise<readonly Value[]> {
  const values: Value[] = []
  for (let start = 0; start < keys.length; start += PARALLEL) {
    values.push(...(await Promise.all(keys.slice(start, start + PARALLEL).map(read))))
  }
  return values
}

function envelopeOf(
  value: unknown,
  ids: Pick<Envelope, 'created' | 'written'>,
  { expires }: StoreOptions = {},
): Envelope {
  return { ...ids, value, ...(expires && { expires: expires.toISOString() }) }
}

/** What cannot be read does not count as absent: it is there, and nothing can be said of it. */
function parse(text: string): Envelope {
  const result = v.safeParse(Envelope, parseEntryText(text))
  return result.success ? result.output : { created: '', written: '', value: UNREADABLE }
}

function toStored(key: string, found: Found): Stored {
  return { key, value: found.envelope.value, version: versionOf(found) }
}

/** An etag alone would be the same again for the same content. */
function versionOf({ envelope, etag }: Found): string {
  return `${envelope.written} ${etag}`
}

function newId(): string {
  return randomBytes(12).toString('base64url')
}
