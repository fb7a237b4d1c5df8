import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, realpath, rename, rm } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import lockfile from 'proper-lockfile'
import { ConfigurationError } from '../web/errors.ts'
import { emptyLedger, formatLedger, parseLedger, type Ledger } from './ledger.ts'

/** Where the ledger is kept. An update is atomic: two at once run one after the other. */
export interface LedgerStore {
  read(): Promise<Ledger>
  update<Result>(change: LedgerChange<Result>): Promise<Result>
}

export type LedgerChange<Result> = (
  ledger: Ledger,
) => Promise<{ readonly ledger: Ledger; readonly result: Result }>

/** A writer that died leaves its lock behind; nobody else holds one for so long. */
const STALE_LOCK = 10_000
/** Waiting for another writer: 100 tries, 50 to 500 ms apart, is longer than any change takes. */
const WAIT_FOR_LOCK = { retries: 100, minTimeout: 50, maxTimeout: 500 }
const OWNER_ONLY = 0o600

/** Opens the ledger in `file`. A missing file is an empty ledger; an unreadable one is an error. */
export function openLedgerFile(file: string): LedgerStore {
  return {
    read: async () => (await load(file)).ledger,

    async update(change) {
      await mkdir(dirname(resolve(file)), { recursive: true })
      const place = await followLink(file)
      const release = await lock(place)
      try {
        const { ledger: before, text } = await load(place)
        const { ledger, result } = await change(before)
        const next = formatLedger(ledger)
        if (next !== text) await replace(place, next)
        return result
      } finally {
        await release()
      }
    },
  }
}

/**
 * Refuses a ledger inside the output folder, where it would be published with all its secrets.
 *
 * @throws {ConfigurationError}
 */
export function refuseInside(output: string, file: string): void {
  const path = relative(resolve(output), resolve(file))
  if (path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)) return
  throw new ConfigurationError(
    `Option "ledger": ${file} lies inside the output folder ${output} and would be published. To do: keep it beside your sources.`,
  )
}

async function lock(file: string): Promise<() => Promise<void>> {
  try {
    return await lockfile.lock(file, { realpath: false, stale: STALE_LOCK, retries: WAIT_FOR_LOCK })
  } catch (cause) {
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
    if (codeOf(error) === 'ENOENT') return file
    throw unusable(file, error)
  }
}

async function load(file: string): Promise<{ ledger: Ledger; text: string | undefined }> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { ledger: emptyLedger(), text: undefined }
    throw unusable(file, error)
  }
  return { ledger: parseLedger(text, file), text }
}

function unusable(file: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(
    `${file}: cannot be used (${codeOf(cause) ?? 'unknown'}). To do: see that it is a file and that you may read and write it.`,
    { cause },
  )
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** Temporary file, fsync, rename: at every moment the file is the old ledger or the new one. */
async function replace(file: string, text: string): Promise<void> {
  await removeLeftovers(file)
  const temporary = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    await writeDurably(temporary, text)
    await rename(temporary, file)
    await syncFolder(dirname(file))
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** A writer that was killed may have left its unfinished ledger behind, secrets and all. */
async function removeLeftovers(file: string): Promise<void> {
  const isLeftover = (name: string) =>
    name.startsWith(`.${basename(file)}.`) && /\.[0-9a-f]{12}\.tmp$/.test(name)
  const names = await readdir(dirname(file))
  await Promise.all(
    names.filter(isLeftover).map((name) => rm(join(dirname(file), name), { force: true })),
  )
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', OWNER_ONLY)
  try {
    await handle.writeFile(text, 'utf8')
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
