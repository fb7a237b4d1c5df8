import { statfsSync } from 'node:fs'
import { constants } from 'node:os'
import { StoreError } from '../web/errors.ts'

/** Bytes that lmdb writes at least when it opens its files, and with each commit: with less, a disk is full for it. */
export const ROOM = 64 * 1024

/** What a system says of a place that cannot be used: what it means, and what helps. */
const CAUSES: Readonly<Record<string, readonly [cause: string, remedy: string]>> = {
  ENOSPC: ['no space is left on the disk', 'free some space there'],
  EDQUOT: ['the quota of this user is used up', 'free some space there, or raise the quota'],
  EROFS: ['the file system is read-only', 'mount it for writing, or keep the file elsewhere'],
  EACCES: ['this user may not use it', 'give it to the user that this process runs as'],
  EPERM: ['this user may not use it', 'give it to the user that this process runs as'],
  EIO: ['the disk does not answer', 'look at the disk'],
  EMFILE: ['this process has too many files open', 'raise the limit of open files'],
  ENFILE: ['this machine has too many files open', 'raise the limit of open files'],
  ENOMEM: ['no memory is left', 'give the machine more memory'],
  ELOCKED: ['another process writes it', 'wait until that has ended'],
  ENOTDIR: ['there is a file where a folder should be', 'move that file away'],
  EISDIR: ['there is a folder where a file should be', 'move that folder away'],
}

/**
 * The code by which the system names a cause, such as `ENOSPC`, also where a library wraps the error, or has kept
 * only its number. `undefined` where it is no error of the system.
 */
export function systemCodeOf(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!('code' in cause)) continue
    const { code } = cause
    if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) return code
    const named = Object.entries(constants.errno).find(([, number]) => number === code)
    if (named) return named[0]
  }
  return undefined
}

/** "cannot be used", the cause and the remedy, for a message about `place`. */
export function describeCause(place: string, code: string | undefined): string {
  const [cause, remedy] = CAUSES[code ?? ''] ?? ['the cause is not known', 'see what else is said']
  return `${place}: cannot be used (${code ?? 'unknown'}: ${cause}). To do: ${remedy}.`
}

/** What a store throws where it cannot be read or written. */
export function storeError(place: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause
  const code = systemCodeOf(cause)
  const isFull = code === 'EIO' && hasNoRoom(place)
  return new StoreError(describeCause(place, isFull ? 'ENOSPC' : code), { cause })
}

/** @NOTE lmdb calls it an I/O error when only a part of what it writes finds room. */
function hasNoRoom(place: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(place)
    return bavail * bsize < ROOM
  } catch {
    // It cannot be asked: then the first cause is all that is known.
    return false
  }
}
