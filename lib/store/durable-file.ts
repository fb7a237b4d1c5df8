import { randomBytes } from 'node:crypto'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ifVanished } from '../web/vanished.ts'
import { OWNER_ONLY_FILE } from './private-folder.ts'
import { isRunning } from './running-process.ts'

/** No writer needs so long for one file: an older leftover has no writer any more, whatever its number says. */
const LONGEST_WRITE = 10 * 60 * 1000
/** The number of the process that writes it, and what makes its name one of a kind. */
const TEMPORARY = /^(?:(\d+)\.)?[0-9a-f]{12}\.tmp$/

/** Temporary file, fsync, rename: at every moment the file is the old one or the new one. */
export async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  await removeLeftovers(file)
  const unique = `${process.pid}.${randomBytes(6).toString('hex')}`
  const temporary = join(dirname(file), `.${basename(file)}.${unique}.tmp`)
  try {
    await writeDurably(temporary, content)
    await rename(temporary, file)
    await syncFolder(dirname(file))
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/**
 * Removes what writers of `file` that were killed have left beside it, secrets and all. What a living process
 * of this machine wrote in the last ten minutes stays.
 */
export async function removeLeftovers(file: string, now = () => new Date()): Promise<void> {
  const own = `.${basename(file)}.`
  const names = await readdir(dirname(file)).catch(ifVanished([]))
  await Promise.all(
    names.map(async (name) => {
      const parts = name.startsWith(own) ? TEMPORARY.exec(name.slice(own.length)) : null
      if (!parts) return
      const leftover = join(dirname(file), name)
      if (parts[1] !== undefined && (await hasWriter(leftover, Number(parts[1]), now()))) return
      await rm(leftover, { force: true })
    }),
  )
}

async function hasWriter(file: string, pid: number, now: Date): Promise<boolean> {
  if (!isRunning(pid)) return false
  const written = await stat(file).catch(ifVanished(undefined))
  if (written === undefined) return false
  const age = now.getTime() - written.mtimeMs
  // In a container, each process has the number of the one that was killed before it.
  const longest = pid === process.pid ? process.uptime() * 1000 : LONGEST_WRITE
  return age < Math.min(longest, LONGEST_WRITE)
}

async function writeDurably(file: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', OWNER_ONLY_FILE)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes sure that a new name in the folder survives a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
