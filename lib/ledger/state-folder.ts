import { basename, dirname, isAbsolute, join, posix, relative, resolve, sep } from 'node:path'
import { ConfigurationError } from '../web/errors.ts'

/** Where our own files lie, beside the ledger: never in the output, never in version control. */
const STATE_FOLDER = '.private-posts'

/** Our own folder, for Eleventy to leave alone. */
export function stateFolderOf(ledger: string): string {
  return posix.join(posix.dirname(ledger), STATE_FOLDER)
}

/** The same folder, by its place in the file system. */
export function stateFolderAt(ledger: string): string {
  return join(dirname(ledger), STATE_FOLDER)
}

/** Where a sender writes what it does, before the ledger learns of it. */
export function journalFolderOf(ledger: string): string {
  return join(dirname(ledger), STATE_FOLDER, 'journal', basename(ledger))
}

/** Where a build whose ledger is in that file puts what its functions need. */
export function deployFolderOf(ledger: string): string {
  return join(dirname(ledger), STATE_FOLDER, 'deploy')
}

/** Where the functions keep what has to outlive a request, if they run on this machine. */
export function storeFolderOf(ledger: string): string {
  return join(dirname(ledger), STATE_FOLDER, 'store')
}

/** Where a sender on the author's machine keeps what peers gave it, and where it found them. */
export function senderStoreOf(ledger: string): string {
  return join(dirname(ledger), STATE_FOLDER, 'sender.json')
}

/** Where is kept what would only take time to compute again. */
export function cacheFolderOf(ledger: string): string {
  return join(dirname(ledger), STATE_FOLDER, 'cache')
}

/** Where a ledger that had to be mended is kept as it was. */
export function damagedFolderOf(ledger: string): string {
  return join(dirname(ledger), STATE_FOLDER, 'damaged')
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
