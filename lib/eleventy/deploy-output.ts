import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { isDeployFileName } from '../store/deploy-files.ts'
import { makePrivateFolder, OWNER_ONLY_FILE } from '../store/private-folder.ts'
import { removePage } from './written-pages.ts'

/** An hour: no file takes so long to be written. */
const LONGEST_WRITE = 60 * 60 * 1000

/** The files that travel with a deploy and are no part of the public output. */
export interface DeployOutput {
  readonly folder: string
  read(name: string): Uint8Array | undefined
  /** At every moment the file is the old one or the new one. */
  write(name: string, content: string | Uint8Array): Promise<void>
  /** Removes what is not among `names`. */
  keepOnly(names: ReadonlySet<string>): void
}

export function openDeployOutput(folder: string, now: () => Date): DeployOutput {
  return {
    folder,

    read(name) {
      const file = join(folder, name)
      return existsSync(file) ? readFileSync(file) : undefined
    },

    async write(name, content) {
      if (!isDeployFileName(name)) throw new TypeError(`"${name}" is no name of a deploy file`)
      await write(join(folder, name), content)
    },

    keepOnly(names) {
      for (const entry of list(folder)) {
        const file = join(entry.parentPath, entry.name)
        const name = file
          .slice(folder.length + 1)
          .split(sep)
          .join('/')
        if (names.has(name) || name === '.gitignore' || isBeingWritten(file, now())) continue
        removePage(folder, file)
      }
    },
  }

  async function write(file: string, content: string | Uint8Array): Promise<void> {
    const bytes = Buffer.from(content)
    if (existsSync(file) && readFileSync(file).equals(bytes)) return
    // A sender keeps its own beside them.
    for (const place of [dirname(folder), folder]) makePrivateFolder(place)
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    const temporary = join(dirname(file), `.${randomBytes(6).toString('hex')}.tmp`)
    try {
      await writeFile(temporary, bytes, { mode: OWNER_ONLY_FILE })
      await rename(temporary, file)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }
}

function list(folder: string) {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => !entry.isDirectory())
}

/** Another build may be at work beside this one. */
function isBeingWritten(file: string, now: Date): boolean {
  if (!file.endsWith('.tmp')) return false
  const written = statSync(file, { throwIfNoEntry: false })
  return written !== undefined && now.getTime() - written.mtimeMs < LONGEST_WRITE
}
