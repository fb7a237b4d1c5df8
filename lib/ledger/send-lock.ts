import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import lockfile from 'proper-lockfile'
import { isRunning } from '../store/running-process.ts'
import { ConfigurationError } from '../web/errors.ts'

/** A sender that died can no longer renew its lock, and lets go of it after this. */
const STALE = 5_000
/** Long enough for a dead sender's lock to go stale. */
const OUTLIVE_THE_DEAD = { retries: 30, minTimeout: 250, maxTimeout: 250 }

export interface SendLock {
  /** Aborts if somebody took the lock from us, after this machine slept for example. */
  readonly lost: AbortSignal
  release(): Promise<void>
}

/**
 * Takes the right to send what is in the ledger `file`: two senders at once would tell everybody twice.
 *
 * @throws {ConfigurationError} if somebody else is sending
 */
export async function lockSending(file: string): Promise<SendLock> {
  const path = lockOf(file)
  const lost = new AbortController()
  const options = { realpath: false, stale: STALE, onCompromised: () => lost.abort() }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const release = await take()
  await writeFile(path, holderNote())
  return {
    lost: lost.signal,
    async release() {
      await rm(path, { force: true })
      if (!lost.signal.aborted) await release()
    },
  }

  async function take(): Promise<() => Promise<void>> {
    try {
      return await lockfile.lock(path, options)
    } catch (cause) {
      if (!isLocked(cause)) throw cause
      if (!(await isHolderDead(path))) throw inUse(file, cause)
    }
    try {
      return await lockfile.lock(path, { ...options, retries: OUTLIVE_THE_DEAD })
    } catch (cause) {
      throw isLocked(cause) ? inUse(file, cause) : cause
    }
  }
}

/** Whether a sender is at work on the ledger `file`. When in doubt, one is. */
export async function isSending(file: string): Promise<boolean> {
  const path = lockOf(file)
  const isHeld = await lockfile.check(path, { realpath: false, stale: STALE })
  return isHeld && !(await isHolderDead(path))
}

function lockOf(file: string): string {
  return `${resolve(file)}.send`
}

function holderNote(): string {
  return `${process.pid} ${hostname()}\n`
}

/** Whether the holder was a process of this machine that is no more. When in doubt, it lives. */
async function isHolderDead(path: string): Promise<boolean> {
  const note = await readFile(path, 'utf8').catch(() => '')
  const [pid = '', host] = note.trim().split(' ')
  if (!/^\d+$/.test(pid) || host !== hostname()) return false
  return !isRunning(Number(pid))
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ELOCKED'
}

function inUse(file: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(
    `${file}: another "private-posts send" is at work on it. To do: wait until it has ended, then try again.`,
    { cause },
  )
}
