import { chmod, mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import lockfile from 'proper-lockfile'
import { removeLeftovers, replaceFile } from '../store/durable-file.ts'
import { makePrivateFolder, OWNER_ONLY_FILE } from '../store/private-folder.ts'
import { describeCause, systemCodeOf } from '../store/store-error.ts'
import { ConfigurationError } from '../web/errors.ts'
import {
  checkedParts,
  joinLedger,
  noteChecked,
  openCheckedDeliveries,
  type CheckedDeliveries,
} from './checked-deliveries.ts'
import { openJournalFolder } from './journal-file.ts'
import { withJournals, type JournaledLedger } from './journaled-ledger.ts'
import type { LedgerStore } from './ledger-store.ts'
import { formatLedger, readLedger, type KnownLines } from './ledger-text.ts'
import { emptyLedger, type Ledger } from './ledger.ts'
import { mendLedger, type Mending } from './mend.ts'
import { damagedFolderOf } from './state-folder.ts'

/** A writer that died leaves its lock behind; nobody else holds one for so long. */
const STALE_LOCK = 10_000
/** Waiting for another writer: 100 tries, 50 to 500 ms apart, is longer than any change takes. */
const WAIT_FOR_LOCK = { retries: 100, minTimeout: 50, maxTimeout: 500 }

/** Opens the ledger in `file`. A missing file is an empty ledger; an unreadable one is an error. */
export function openLedgerFile(file: string): JournaledLedger {
  return withJournals(openFile(file), openJournalFolder(file))
}

function openFile(file: string): LedgerStore {
  return {
    read: async () => (await load(file)).ledger,

    async update(change) {
      await mkdir(dirname(resolve(file)), { recursive: true, mode: 0o700 }).catch(failWith(file))
      const place = await followLink(file)
      const release = await lock(place)
      try {
        await removeLeftovers(place)
        const loaded = await load(place)
        const { ledger, result } = await change(loaded.ledger)
        await save(place, ledger, loaded)
        return result
      } finally {
        await release()
      }
    },
  }
}

/**
 * Creates an empty ledger in `file`, so that a site without private posts has a place for its settings as well. What
 * is there already stays as it is.
 *
 * @returns Whether it was created.
 */
export async function createLedgerFile(file: string): Promise<boolean> {
  await mkdir(dirname(resolve(file)), { recursive: true, mode: 0o700 }).catch(failWith(file))
  try {
    await writeFile(file, formatLedger(emptyLedger()), { mode: OWNER_ONLY_FILE, flag: 'wx' })
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false
    throw unusable(file, error)
  }
}

/** What there is to mend in a ledger, or was. */
interface MendedFile extends Mending {
  /** The file as it was, if it had to be changed. */
  readonly copy?: string
}

/**
 * Mends the ledger in `file`, after what it said was copied into the state folder. Without `write`, only says what
 * there is to mend.
 *
 * @throws {ConfigurationError} if nothing of it can be read, or there is no such file
 */
export async function mendLedgerFile(
  file: string,
  { now, write }: { readonly now: Date; readonly write: boolean },
): Promise<MendedFile> {
  const place = await followLink(file)
  const release = await lock(place)
  try {
    const text = await readFile(place, 'utf8').catch(failWith(file))
    const mending = mendLedger(text, now)
    if (!mending) {
      throw new ConfigurationError(
        `${file}: nothing of it can be read. To do: restore it from your version control or from a backup.`,
      )
    }
    const next = formatLedger(mending.ledger)
    if (!write || next === text) return mending
    const copy = await keepCopy(file, text, now)
    await replaceFile(place, next).catch(failWith(place))
    return { ...mending, copy }
  } finally {
    await release()
  }
}

/** In the state folder, where neither version control nor Eleventy looks. */
async function keepCopy(file: string, text: string, now: Date): Promise<string> {
  const folder = damagedFolderOf(file)
  for (const own of [dirname(folder), folder]) makePrivateFolder(own)
  const copy = join(folder, `${now.toISOString().replace(/[:.]/g, '-')}.${basename(file)}`)
  await writeFile(copy, text, { mode: OWNER_ONLY_FILE }).catch(failWith(copy))
  return copy
}

/** An earlier version, or version control, has let others read it. Who may not change that can still read it. */
async function takeFromOthers(file: string): Promise<void> {
  const { mode } = await stat(file).catch(failWith(file))
  if ((mode & 0o077) === 0) return
  await chmod(file, OWNER_ONLY_FILE).catch((error: unknown) => {
    if (!['EPERM', 'EROFS', 'ENOTSUP'].includes(systemCodeOf(error) ?? '')) failWith(file)(error)
  })
}

async function lock(file: string): Promise<() => Promise<void>> {
  try {
    return await lockfile.lock(file, { realpath: false, stale: STALE_LOCK, retries: WAIT_FOR_LOCK })
  } catch (cause) {
    if (systemCodeOf(cause) !== 'ELOCKED') throw unusable(file, cause)
    throw new ConfigurationError(
      `${file}: another process holds it. To do: wait until the other build or send has ended, then try again.`,
      { cause },
    )
  }
}

/** Whoever keeps the ledger in a second repository links to it: the link must survive the rename. */
async function followLink(file: string): Promise<string> {
  try {
    return await realpath(file)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return file
    throw unusable(file, error)
  }
}

interface LoadedLedger {
  readonly ledger: Ledger
  /** How its records are written in the file. */
  readonly known?: KnownLines | undefined
  /** Of the file, without the lines of `checked`. */
  readonly text?: string
  /** Deliveries that are read when they are asked for, and the bytes of their lines. */
  readonly checked?: CheckedDeliveries & { readonly lines: Buffer }
}

async function load(file: string): Promise<LoadedLedger> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return { ledger: emptyLedger() }
    throw unusable(file, error)
  }
  const parts = await checkedParts(file, bytes)
  const text = parts ? parts.rest : bytes.toString('utf8')
  const { ledger, known } = readLedger(text, file)
  if (!parts) return { ledger, known, text }
  const checked = { ...openCheckedDeliveries(parts.lines), lines: parts.lines }
  return { ledger: { ...ledger, deliveries: checked.deliveries }, known, text, checked }
}

/** Writes the ledger if it says something else than the file. */
async function save(file: string, ledger: Ledger, loaded: LoadedLedger): Promise<void> {
  const { known, text, checked } = loaded
  const write = (bytes: Buffer) => replaceFile(file, bytes).catch(failWith(file))
  const read = checked?.known()
  if (checked && !read && ledger.deliveries === checked.deliveries) {
    const rest = formatLedger({ ...ledger, deliveries: [] }, known)
    if (rest === text) return takeFromOthers(file)
    return write(joinLedger({ rest, lines: checked.lines }))
  }
  const next = formatLedger(ledger, known && read ? joinLines(known, read) : known)
  const before =
    checked && text !== undefined ? joinLedger({ rest: text, lines: checked.lines }) : text
  const bytes = Buffer.from(next)
  if (typeof before === 'string' ? next === before : before?.equals(bytes))
    await takeFromOthers(file)
  else await write(bytes)
  await noteChecked(file, bytes)
}

/** Those of the deliveries come last. */
function joinLines(one: KnownLines, last: KnownLines): KnownLines {
  return {
    rows: [...one.rows.slice(0, -1), ...last.rows],
    entries: [...one.entries.slice(0, -1), ...last.entries],
  }
}

function failWith(file: string): (error: unknown) => never {
  return (error) => {
    throw systemCodeOf(error) === undefined ? error : unusable(file, error)
  }
}

function unusable(file: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(describeCause(file, systemCodeOf(cause)), { cause })
}
