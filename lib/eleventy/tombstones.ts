import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isTombstone, TOMBSTONE } from '../web/tombstone.ts'
import { removePage } from './written-pages.ts'

/** Milliseconds: receivers that look again do so within days, and a folder full of tombstones is no site. */
const LIFETIME = 30 * 24 * 60 * 60 * 1000

/** A page that was taken back: its file below the output folder, and since when (ISO 8601). */
export interface GoneFile {
  readonly file: string
  readonly since: string
}

function isRecent(since: string, now: Date): boolean {
  return now.getTime() - Date.parse(since) < LIFETIME
}

/** Puts a tombstone where each of these pages was, and removes those whose time is over. */
export function writeTombstones(output: string, files: readonly GoneFile[], now: Date): void {
  for (const { file, since } of files) {
    const place = join(output, file)
    if (!isRecent(since, now)) {
      if (isTombstoneFile(place)) removePage(output, place)
      continue
    }
    if (isTombstoneFile(place) || isBelowFile(output, file)) continue
    mkdirSync(dirname(place), { recursive: true })
    writeFileSync(place, TOMBSTONE)
  }
}

/** Where a file has taken the place of a folder, no page can be. */
function isBelowFile(output: string, file: string): boolean {
  const names = dirname(file).split('/')
  return names.some((_, at) =>
    statSync(join(output, ...names.slice(0, at + 1)), { throwIfNoEntry: false })?.isFile(),
  )
}

export function isTombstoneFile(file: string): boolean {
  const isAsLong = statSync(file, { throwIfNoEntry: false })?.size === Buffer.byteLength(TOMBSTONE)
  return isAsLong && isTombstone(readFileSync(file))
}
