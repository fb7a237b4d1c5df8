import { readModules, type Configuration } from './configuration.ts'
import type { PartIndex } from './part-index.ts'
import { isGlobalKey, isWithin } from './published-data.ts'
import { isScript } from './script-data.ts'
import type { PublicTemplate } from './sources.ts'

/**
 * Which data come from a program that reads files. It may have read the source of a private post, so
 * what it gives does not explain the words of one: the files that it read do, if they are published.
 */
export interface CopiedData {
  /** Whether a name that templates use leads to such global data. */
  readonly isGlobal: (name: string) => boolean
  /** Whether a value of a template's data comes from such a program, and not from its front matter. */
  readonly isOwn: (path: string, key: string, value: unknown) => boolean
  /** Whether such a program may have written a template that no file is read for. */
  readonly isVirtual: boolean
}

export interface CopiedDataOptions {
  readonly configuration: Configuration
  /** Files of global data, each with the key that it gives. */
  readonly dataFiles: readonly (readonly [key: string, path: string])[]
  /** Global data whose origin is known. */
  readonly named: readonly string[]
  readonly keys: ReadonlySet<string>
  readonly parts: PartIndex
  readonly read: (path: string) => Promise<string>
}

/** What reads files, or asks Git and other programs for their contents. */
const READS_FILES =
  /["'`](?:(?:node:)?(?:fs|fs\/promises|child_process)|fs-extra|graceful-fs|gray-matter|front-matter|fast-glob|glob|globby|tinyglobby|execa|simple-git|isomorphic-git)["'`]/
const SCRIPT_AS_FRONT_MATTER = /^---(?:js|javascript|node)\b/i

/** Finds the programs that give data to published templates, and read files for it. */
export async function findCopiedData(
  published: readonly PublicTemplate[],
  { configuration, dataFiles, named, keys, parts, read }: CopiedDataOptions,
): Promise<CopiedData> {
  const known = new Map<string, Promise<boolean>>()
  const isVirtual = configuration.modules.some(readsFiles)
  const scripts = dataFiles.filter(([, path]) => isScript(path))
  const copying = await filter(scripts, ([, path]) => isCopying(path))
  const isForAll = copying.some(([key]) => isWithin(key, 'eleventyComputed'))
  const templates = await filter(published, async ({ path, text, dataFiles: own }) => {
    if (isForAll || (SCRIPT_AS_FRONT_MATTER.test(text) && readsFiles({ text }))) return true
    const programs = await filter([path, ...own].filter(isScript), isCopying)
    return programs.length > 0
  })
  const data = new Map(templates.map((template) => [template.path, template.data]))

  return {
    isVirtual,
    isGlobal(name) {
      if (named.some((key) => isWithin(name, key))) return false
      const files = dataFiles.filter(([key]) => isWithin(name, key) || isWithin(key, name))
      // Without a file, the configuration has added it.
      if (files.length === 0) return isVirtual && isGlobalKey(name.split('.')[0] ?? name, keys)
      return files.some((file) => copying.includes(file))
    },
    isOwn(path, key, value) {
      return data.has(path) && JSON.stringify(data.get(path)?.[key]) !== JSON.stringify(value)
    },
  }

  function isCopying(path: string): Promise<boolean> {
    const answer =
      known.get(path) ??
      readModules([path], parts, read).then((modules) => modules.some(readsFiles))
    known.set(path, answer)
    return answer
  }
}

function readsFiles({ text }: { readonly text: string }): boolean {
  return READS_FILES.test(text)
}

async function filter<Item>(
  items: readonly Item[],
  test: (item: Item) => Promise<boolean>,
): Promise<Item[]> {
  const answers = await Promise.all(items.map(test))
  return items.filter((_, at) => answers[at])
}
