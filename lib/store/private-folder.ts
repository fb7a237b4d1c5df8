import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const OWNER_ONLY = 0o700
/** What a file that holds anything private is created with. */
export const OWNER_ONLY_FILE = 0o600

/**
 * Makes a folder that holds anything private: other users of the machine cannot look into it, and whoever adds
 * all files to version control does not add these. A folder that is there already loses what others may do.
 */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: OWNER_ONLY })
  if ((statSync(folder).mode & 0o077) !== 0) chmodSync(folder, OWNER_ONLY)
  const ignore = join(folder, '.gitignore')
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n')
}
