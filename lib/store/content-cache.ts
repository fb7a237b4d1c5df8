import { hash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { replaceFile } from './durable-file.ts'
import { makePrivateFolder } from './private-folder.ts'
import { systemCodeOf } from './store-error.ts'

/** Entries beyond that are not kept: their values are computed again. */
const MAX_BYTES = 64 * 1024 * 1024
/** Of the file's own shape. */
const SHAPE = 1

export interface ContentCacheOptions<Value> {
  /** `cacheFolderOf` the ledger. */
  readonly folder: string
  /** What is computed; also the name of the file: `[a-z-]+`. */
  readonly name: string
  /** To be raised with every change of the code that makes the same content give another value. */
  readonly version: number
  /** Whether it is a value of this computation. */
  readonly isValue: (value: unknown) => value is Value
}

/**
 * Values that depend on nothing but their key, kept from one run to the next. It may be empty at any moment:
 * after damage, another version, or a cleanup, everything is computed again.
 */
export interface ContentCache<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  /**
   * Writes the file, if it would say something else. A place that cannot be written is no error: the next run
   * computes again.
   *
   * @param kept `used` drops what this run has not asked for; `all` is for a run that saw only a part of the site.
   */
  save(kept?: 'used' | 'all'): Promise<void>
}

/**
 * The key of a value that is computed from `content`, and from everything else that is named.
 *
 * SHA-256, because a page must not pass for another one that was audited; no other hash of Node is faster.
 */
export function contentKey(content: string | Uint8Array, ...dependsOn: readonly string[]): string {
  const own = hash('sha256', content, 'base64url')
  return dependsOn.length === 0
    ? own
    : hash('sha256', JSON.stringify([own, ...dependsOn]), 'base64url')
}

/**
 * Opens the cache of one computation in a folder of the state folder. Its file is read when the first value is
 * asked for. Of two processes that save at the same time, one file stays, whole.
 */
export function openContentCache<Value>(options: ContentCacheOptions<Value>): ContentCache<Value> {
  const { folder, name, version, isValue } = options
  const file = join(folder, `${name}.cache`)
  const head = `${SHAPE} ${name} ${version}`
  /** What the file says, by key, as JSON. */
  let known: ReadonlyMap<string, string> | undefined
  /** Keys and values of this run; of what stays as it is, the JSON of the file. */
  const used = new Map<string, { readonly json: string } | { readonly value: Value }>()
  let isChanged = false

  return {
    get(key) {
      const own = used.get(key)
      if (own && 'value' in own) return own.value
      const json = entries().get(key)
      if (json === undefined) return undefined
      const value: unknown = JSON.parse(json)
      if (!isValue(value)) return undefined
      used.set(key, { json })
      return value
    },

    set(key, value) {
      used.set(key, { value })
      isChanged = true
    },

    async save(kept = 'used') {
      const before = entries()
      const isSame = !isChanged && (kept === 'all' || used.size === before.size)
      if (isSame) return
      const lines = [...used].map(
        ([key, entry]) => `${key} ${'json' in entry ? entry.json : JSON.stringify(entry.value)}\n`,
      )
      if (kept === 'all') {
        for (const [key, json] of before) if (!used.has(key)) lines.push(`${key} ${json}\n`)
      }
      await write(withinBounds(lines))
    },
  }

  function entries(): ReadonlyMap<string, string> {
    known ??= readEntries(file, head)
    return known
  }

  async function write(text: string): Promise<void> {
    try {
      if (text === '') return await rm(file, { force: true })
      for (const place of [dirname(folder), folder]) makePrivateFolder(place)
      await replaceFile(file, `${head} ${hash('sha256', text, 'base64url')}\n${text}`)
    } catch (error) {
      // A full disk, or a folder of another user: then there is no cache.
      if (systemCodeOf(error) === undefined) throw error
    }
  }
}

/** What was written whole, and by the same version; else nothing. */
function readEntries(file: string, head: string): ReadonlyMap<string, string> {
  const text = readIfSmall(file)
  const end = text.indexOf('\n') + 1
  const body = text.slice(end)
  const isWhole = text.slice(0, end) === `${head} ${hash('sha256', body, 'base64url')}\n`
  if (!isWhole) return new Map()
  return new Map(
    body
      .split('\n')
      .slice(0, -1)
      .map((line) => {
        const space = line.indexOf(' ')
        return [line.slice(0, space), line.slice(space + 1)]
      }),
  )
}

function readIfSmall(file: string): string {
  try {
    return statSync(file).size > 2 * MAX_BYTES ? '' : readFileSync(file, 'utf8')
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error
    return ''
  }
}

function withinBounds(lines: readonly string[]): string {
  let size = 0
  return lines.filter((line) => (size += Buffer.byteLength(line)) <= MAX_BYTES).join('')
}
