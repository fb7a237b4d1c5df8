import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { looksLikeToken } from '../web/token-alphabet.ts'
import { ifVanished } from '../web/vanished.ts'

const NEVER_SOURCES = ['node_modules', '_site', 'package-lock.json', 'yarn.lock', 'pnpm-lock.yaml']

/** All files of the project that a person wrote, relative to `root`, in order. */
export async function listSourceFiles(root: string, exclude: readonly string[]): Promise<string[]> {
  const files: string[] = []
  const ignored = await ignoredNames(root)
  await walk(root)
  return files.sort()

  async function walk(folder: string): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(ifVanished([]))
    if (folder !== root && isBuilt(folder, entries)) return
    for (const entry of entries) {
      const path = join(folder, entry.name)
      const isHidden = entry.name.startsWith('.') && !/^\.eleventy\./.test(entry.name)
      if (isHidden || NEVER_SOURCES.includes(entry.name) || isExcluded(path)) continue
      const kind = entry.isSymbolicLink() ? await linkedKind(path) : kindOf(entry)
      if (kind === 'folder') await walk(path)
      else if (kind === 'file') files.push(relative(root, path).split(sep).join('/'))
    }
  }

  /** Eleventy follows links, but none that leads back to where it lies. */
  async function linkedKind(path: string): Promise<ReturnType<typeof kindOf>> {
    const real = await realpath(path).catch(ifVanished(undefined))
    const isCircle =
      real !== undefined && `${await realpath(dirname(path))}/`.startsWith(`${real}/`)
    return real === undefined || isCircle || isExcluded(real) ? undefined : kindOf(await stat(real))
  }

  /** Locks and unfinished copies are named after the file that they are for. */
  function isExcluded(path: string): boolean {
    return exclude.some((one) => path === one || path.startsWith(`${one}.`))
  }

  /** The output of another build, which would explain a leak by the same leak. */
  function isBuilt(folder: string, entries: readonly { readonly name: string }[]): boolean {
    if (entries.some(({ name }) => looksLikeToken(name))) return true
    const path = relative(root, folder).split(sep).join('/')
    return ignored.has(path) && entries.some(({ name }) => name === 'index.html')
  }
}

function kindOf(entry: {
  isDirectory(): boolean
  isFile(): boolean
}): 'folder' | 'file' | undefined {
  return entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : undefined
}

async function ignoredNames(root: string): Promise<Set<string>> {
  const text = await readFile(join(root, '.gitignore'), 'utf8').catch(() => '')
  return new Set(text.split(/\r?\n/).map((line) => line.trim().replace(/^\/|\/$/g, '')))
}
