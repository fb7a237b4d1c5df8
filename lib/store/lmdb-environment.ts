import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { open, type Database, type RootDatabase } from 'lmdb'
import { isRecord } from '../web/record.ts'
import { makePrivateFolder, OWNER_ONLY_FILE } from './private-folder.ts'
import { parseEntryText } from './store.ts'
import { ROOM, systemCodeOf } from './store-error.ts'

/** What is kept of an entry. */
export interface Entry {
  /** JSON. */
  readonly text: string | undefined
  readonly version: string
  /** Milliseconds since 1970. */
  readonly expires?: number
}

/** It is there, and nothing can be said of it. */
const BROKEN: Entry = { text: undefined, version: 'broken' }

/** The databases of a store. */
export interface Environment {
  readonly root: RootDatabase
  /** JSON of {@link Entry}: parsed here, because the library's own parser throws in the middle of a list. */
  readonly entries: Database<string, string>
  /** When entries end: `<time> <key>`. */
  readonly ends: Database<boolean, string>
}

/** Causes for which the files may still be read. */
const READABLE = ['EROFS', 'EACCES', 'EPERM']

/**
 * Opens the files of a store for reading and writing.
 *
 * @throws What the system says, where that is not possible.
 */
export function openEnvironment(folder: string): Environment {
  makePrivateFolder(folder)
  checkRoom(folder)
  // @NOTE Without overlapping, a commit is answered only after it was flushed to the disk. With batching by event
  //   turn, a commit that fails rejects a promise that nobody can see, and ends the process.
  const options = { path: folder, overlappingSync: false, eventTurnBatching: false, maxDbs: 2 }
  const environment = databasesOf(open(options))
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    if ((statSync(file).mode & 0o777) !== OWNER_ONLY_FILE) chmodSync(file, OWNER_ONLY_FILE)
  }
  return environment
}

/** Opens the files of a store for reading, where `cause` is why they cannot be written. */
export function openReadOnly(folder: string, cause: unknown): Environment | undefined {
  const isReadable = READABLE.includes(systemCodeOf(cause) ?? '')
  if (!isReadable || !existsSync(join(folder, 'data.mdb'))) return undefined
  return databasesOf(open({ path: folder, readOnly: true, maxDbs: 2 }))
}

/** Reads what is kept of an entry; `undefined` where there is none. */
export function parseEntry(record: string | undefined): Entry | undefined {
  if (record === undefined) return undefined
  const value = parseEntryText(record)
  return isEntry(value) ? value : BROKEN
}

/** By hand: every look at the store reads one, and a schema took as long as the database. */
function isEntry(value: unknown): value is Entry {
  if (!isRecord(value)) return false
  const { text, version, expires } = value
  return (
    typeof text === 'string' &&
    typeof version === 'string' &&
    (!('expires' in value) || typeof expires === 'number')
  )
}

function databasesOf(root: RootDatabase): Environment {
  return {
    root,
    entries: root.openDB({ name: 'entries', encoding: 'string' }),
    ends: root.openDB({ name: 'ends', encoding: 'json' }),
  }
}

/**
 * @NOTE lmdb maps its lock file into memory. Where the disk has no room for that, the system ends the process with
 *   SIGBUS, and nothing can be said any more: so it is tried with an ordinary file.
 */
function checkRoom(folder: string): void {
  const probe = join(folder, '.room')
  const file = openSync(probe, 'w', OWNER_ONLY_FILE)
  try {
    writeSync(file, new Uint8Array(ROOM))
    fsyncSync(file)
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOSPC' || !hasLock(folder)) throw error
  } finally {
    closeSync(file)
    rmSync(probe, { force: true })
  }
}

/** Whether every part of the lock file has its place on the disk already. */
function hasLock(folder: string): boolean {
  const lock = statSync(join(folder, 'lock.mdb'), { throwIfNoEntry: false })
  const data = existsSync(join(folder, 'data.mdb'))
  return data && lock !== undefined && lock.size > 0 && lock.blocks * 512 >= lock.size
}
