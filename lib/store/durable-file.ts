import { randomBytes } from 'node:crypto'
import { open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { OWNER_ONLY_FILE } from './private-folder.ts'

/** Temporary file, fsync, rename: at every moment the file is the old one or the new one. */
export async function replaceFile(file: string, text: string): Promise<void> {
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

/** A writer that was killed may have left its unfinished file behind, secrets and all. */
async function removeLeftovers(file: string): Promise<void> {
  const isLeftover = (name: string) =>
    name.startsWith(`.${basename(file)}.`) && /\.[0-9a-f]{12}\.tmp$/.test(name)
  const names = await readdir(dirname(file))
  await Promise.all(
    names.filter(isLeftover).map((name) => rm(join(dirname(file), name), { force: true })),
  )
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', OWNER_ONLY_FILE)
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
