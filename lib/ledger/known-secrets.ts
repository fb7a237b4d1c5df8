import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import { replaceFile } from '../store/durable-file.ts'
import { stateFolderOf } from './state-folder.ts'

/** Hashes of addresses that are not for everybody although they look like others, with the day until which it is sure. */
const KnownSecrets = v.object({ version: v.literal(1), urls: v.record(v.string(), v.string()) })
type KnownSecrets = v.InferOutput<typeof KnownSecrets>

const NONE: KnownSecrets = { version: 1, urls: {} }
/** More than anybody answers in the lifetime of an entry. */
const MOST = 2000

/** Where `send` and `inbox` write down for the next build which addresses are private. */
export function knownSecretsFileOf(ledger: string): string {
  return join(stateFolderOf(ledger), 'known-secrets.json')
}

/** Reads them once; what cannot be read is known to nobody. */
export function readKnownSecrets(file: string, now: Date): (url: URL) => boolean {
  const { urls } = read(file)
  return (url) => Date.parse(urls[hashOf(url)] ?? '') > now.getTime()
}

/** Adds addresses for so many days. An unchanged list is not written again. */
export async function rememberSecrets(
  file: string,
  found: readonly URL[],
  { now, days }: { readonly now: Date; readonly days: number },
): Promise<void> {
  const { urls } = read(file)
  const day = 24 * 60 * 60 * 1000
  const until = new Date(now.getTime() + days * day).toISOString()
  // Within a day, the same answer says nothing new.
  const isLate = (hash: string) => Date.parse(urls[hash] ?? '') > Date.parse(until) - day
  const fresh = [...new Set(found.map(hashOf))].filter((hash) => !isLate(hash))
  if (fresh.length === 0) return
  const all = Object.entries({ ...urls, ...Object.fromEntries(fresh.map((hash) => [hash, until])) })
  const kept = all.filter(([, end]) => Date.parse(end) > now.getTime())
  const latest = kept.sort(([, one], [, other]) => (one < other ? 1 : -1)).slice(0, MOST)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const text = JSON.stringify({
    version: 1,
    urls: Object.fromEntries(latest),
  } satisfies KnownSecrets)
  await replaceFile(file, `${text}\n`)
}

function read(file: string): KnownSecrets {
  try {
    return v.parse(KnownSecrets, JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    // There is none yet, or it was damaged: it is made anew from the next answers.
    return NONE
  }
}

function hashOf({ href }: URL): string {
  const address = href
    .replace(/#.*$/, '')
    .replace(/^http:/, 'https:')
    .replace(/\/$/, '')
  return createHash('sha256').update(address).digest('base64url').slice(0, 22)
}
