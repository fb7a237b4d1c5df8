import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import lockfile from 'proper-lockfile'
import * as v from 'valibot'
import { ConfigurationError } from '../web/errors.ts'
import { ifVanished } from '../web/vanished.ts'
import { replaceFile } from './durable-file.ts'
import { storeError, systemCodeOf } from './store-error.ts'
import {
  orderKeys,
  serializeEntry,
  UNREADABLE,
  type Store,
  type Stored,
  type StoreOptions,
} from './store.ts'

const Entry = v.object({
  value: v.unknown(),
  version: v.string(),
  expires: v.optional(v.pipe(v.string(), v.isoTimestamp())),
})
interface Entry extends v.InferOutput<typeof Entry> {
  /** What stands in the file in the place of an entry. */
  readonly broken?: { readonly text: unknown }
}

const Document = v.object({ version: v.literal(1), entries: v.record(v.string(), v.unknown()) })
/** It is there, and nothing can be said of it. */
const BROKEN: Entry = { value: UNREADABLE, version: 'broken' }

/** Changes the entries; `changed` says whether there is something to write. */
type Step = (entries: Map<string, Entry>) => { readonly changed: boolean }
interface Waiting {
  readonly step: Step
  done(changed: boolean): void
  failed(error: unknown): void
}

/** A writer that died leaves its lock behind; nobody else holds one for so long. */
const STALE_LOCK = 10_000
/** Waiting for another process: 100 tries, 50 to 500 ms apart, is longer than any change takes. */
const WAIT_FOR_LOCK = { retries: 100, minTimeout: 50, maxTimeout: 500 }

export interface JsonFileStoreOptions {
  readonly file: string
  readonly now: () => Date
}

/**
 * Keeps everything in one JSON file that a person can read: for small sites and for looking at. What was
 * answered is on the disk, and several processes may use the file at once. Writes that come at the same
 * time share one lock and one file.
 */
export function createJsonFileStore({ file, now }: JsonFileStoreOptions): Store {
  const place = resolve(file)
  let waiting: Waiting[] = []
  let isWriting = false

  return {
    async get(key) {
      return toStored(key, (await load()).get(key))
    },
    async createIfAbsent(key, value, options) {
      const entry = entryOf(serializeEntry(key, value), options)
      return write((entries) => {
        if (entries.has(key)) return { changed: false }
        entries.set(key, entry)
        return { changed: true }
      })
    },
    async replaceIf(key, value, version, options) {
      const entry = entryOf(serializeEntry(key, value), options)
      return write((entries) => {
        if (entries.get(key)?.version !== version) return { changed: false }
        entries.set(key, entry)
        return { changed: true }
      })
    },
    async delete(key) {
      await write((entries) => ({ changed: entries.delete(key) }))
    },
    async list(prefix, options) {
      const entries = await load()
      const keys = orderKeys(entries.keys(), prefix, options).slice(0, options?.limit)
      return keys.flatMap((key) => toStored(key, entries.get(key)) ?? [])
    },
    async listKeys(prefix, options) {
      return orderKeys((await load()).keys(), prefix, options).slice(0, options?.limit)
    },
  }

  function write(step: Step): Promise<boolean> {
    return new Promise((done, failed) => {
      waiting.push({ step, done, failed })
      if (!isWriting) void writeAll()
    })
  }

  async function writeAll(): Promise<void> {
    isWriting = true
    while (waiting.length > 0) {
      let steps: readonly Waiting[] = []
      try {
        const outcomes = await underLock(() => {
          steps = takeWaiting()
          return apply(steps)
        })
        steps.forEach(({ done }, index) => done(outcomes[index] === true))
      } catch (error) {
        const failure = failureOf(error)
        for (const { failed } of steps.length > 0 ? steps : takeWaiting()) failed(failure)
      }
    }
    isWriting = false
  }

  function takeWaiting(): readonly Waiting[] {
    const steps = waiting
    waiting = []
    return steps
  }

  async function underLock<Result>(work: () => Promise<Result>): Promise<Result> {
    const release = await lock()
    try {
      return await work()
    } finally {
      // A lock that is gone already has been released.
      await release().catch(() => {})
    }
  }

  async function apply(steps: readonly Waiting[]): Promise<readonly boolean[]> {
    const entries = await load()
    const outcomes = steps.map(({ step }) => step(entries).changed)
    if (outcomes.includes(true)) {
      const written = [...entries].map(([key, { broken, ...entry }]) => [
        key,
        broken ? broken.text : entry,
      ])
      const document = { version: 1, entries: Object.fromEntries(written) }
      await replaceFile(place, `${JSON.stringify(document, null, 1)}\n`)
    }
    return outcomes
  }

  /** What has not expired. What has is left out of the file with the next write. */
  async function load(): Promise<Map<string, Entry>> {
    const text = await readFile(place, 'utf8')
      .catch(ifVanished(undefined))
      .catch((error: unknown) => {
        throw failureOf(error)
      })
    if (text === undefined) return new Map()
    const time = now()
    const entries = Object.entries(parse(text, file).entries).map(
      ([key, entry]): [string, Entry] => [
        key,
        v.is(Entry, entry) ? entry : { ...BROKEN, broken: { text: entry } },
      ],
    )
    return new Map(
      entries.filter(([, { expires }]) => expires === undefined || new Date(expires) > time),
    )
  }

  function failureOf(error: unknown): unknown {
    return systemCodeOf(error) === undefined ? error : storeError(file, error)
  }

  async function lock(): Promise<() => Promise<void>> {
    await mkdir(dirname(place), { recursive: true, mode: 0o700 })
    return lockfile.lock(place, { realpath: false, stale: STALE_LOCK, retries: WAIT_FOR_LOCK })
  }
}

function entryOf(text: string, { expires }: StoreOptions = {}): Entry {
  const version = randomBytes(9).toString('base64url')
  return { value: JSON.parse(text), version, ...(expires && { expires: expires.toISOString() }) }
}

function toStored(key: string, entry: Entry | undefined): Stored | undefined {
  return entry && { key, value: entry.value, version: entry.version }
}

/** @throws {ConfigurationError} when it cannot be read: taken for empty, every spent code would work again. */
function parse(text: string, file: string): v.InferOutput<typeof Document> {
  try {
    return v.parse(Document, JSON.parse(text))
  } catch {
    // fail closed because the parser's own message could quote a secret
    throw new ConfigurationError(
      `${file}: it is not the JSON of a store. To do: restore it from a backup, or remove it and lose what it kept.`,
    )
  }
}
