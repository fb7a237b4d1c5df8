import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import micromatch from 'micromatch'
import { DEFAULT_NAMING, type DataNaming } from '../post/data-file-scope.ts'
import type { LinkedNames } from '../post/linked-names.ts'
import { isScript } from '../post/script-data.ts'
import {
  findUnreadData,
  mayHoldData,
  namesFile,
  type DataFile,
  type DataReader,
} from '../post/unread-data.ts'
import type { BuildState } from './build-state.ts'
import { inputPathOf, type EleventyConfig, type MergedConfig } from './eleventy-config.ts'
import type { ResolvedOptions } from './options.ts'

export interface DataFileRules {
  readonly cwd: string
  readonly config: MergedConfig
  readonly options: ResolvedOptions
  /** Input paths of the data files that Eleventy has read for templates. */
  readonly read: ReadonlySet<string>
  /** Follows symbolic links. */
  readonly namesOf: LinkedNames
}

/** Larger files hold something else than a few words about posts. */
const LARGEST = 256 * 1024
const COPIED_FORMAT = /^(?:json\w?|ya?ml|toml|txt|[cm]?js)$/

/** Input paths of the data files that Eleventy reads for templates, as long as this process lives. */
export function noteDataFiles({ events }: EleventyConfig): ReadonlySet<string> {
  const read = new Set<string>()
  events.on('eleventy.dataFiles', (paths: readonly string[]) => {
    for (const path of paths) read.add(inputPathOf(path))
  })
  return read
}

/** Data files beside templates that say who may read, and do not reach the public ones, as sentences. */
export function describeUnreadData(state: BuildState, rules: DataFileRules): string[] {
  const { cwd, options, read } = rules
  const templates = [
    ...[...state.posts.keys()].map((path) => ({ path, isPublic: false, data: undefined })),
    ...[...state.publicPosts.keys()].map((path): DataReader => ({
      path,
      isPublic: true,
      data: state.templateData.get(path),
    })),
  ]
  const isUsed = useRule(state, rules)
  const linked = linkedFiles(templates, rules)
  const folders = [
    ...foldersOf(templates, state.event.directories.input),
    ...linked.map(({ path }) => posix.dirname(path)),
  ]
  const files = [...new Set(folders)]
    .flatMap((folder) => filesIn(cwd, folder))
    .filter(mayHoldData)
    .flatMap((path): DataFile[] => {
      const text = readText(join(cwd, path))
      return text === undefined
        ? []
        : [{ path, text, isRead: read.has(path), isUsed: () => isUsed(path) }]
    })
  const groups = Object.keys(options.groups)
  const found = findUnreadData(files, [...templates, ...linked], {
    groups,
    naming: namingOf(rules.config),
  })
  return found.map(({ sentence }) => sentence)
}

/** Templates by the names of the files that they link to: the data beside these are meant for them, too. */
function linkedFiles(templates: readonly DataReader[], { namesOf }: DataFileRules): DataReader[] {
  const known = new Set(templates.map(({ path }) => path))
  return templates.flatMap((template) => {
    const names = namesOf(template.path).filter((path) => !known.has(path))
    return names.map((path) => ({ ...template, path }))
  })
}

function namingOf({ dataFileSuffixes, dataFileDirBaseNameOverride }: MergedConfig): DataNaming {
  return {
    suffixes: dataFileSuffixes ?? DEFAULT_NAMING.suffixes,
    folderName: dataFileDirBaseNameOverride || undefined,
  }
}

/** Every folder of a template, up to the input folder. */
function foldersOf(templates: readonly DataReader[], input: string): string[] {
  const root = posix.normalize(inputPathOf(input)).replace(/\/$/, '')
  const isInside = (folder: string) => root === '.' || `${folder}/`.startsWith(`${root}/`)
  const folders = new Set(
    templates.flatMap(({ path }) => {
      const names = path.split('/').slice(0, -1)
      return names.map((_, at) => names.slice(0, at + 1).join('/'))
    }),
  )
  return [...(root === '.' ? [''] : []), ...folders].filter(isInside)
}

/** Files that are copied as they are, or that a script of the site names, are no data of posts by accident. */
function useRule({ event }: BuildState, { cwd, config }: DataFileRules): (path: string) => boolean {
  const copied = Object.keys(config.passthroughCopies ?? {}).map(inputPathOf)
  // A format without a template language: Eleventy copies such files.
  const formats = (config.templateFormats ?? []).filter((format) => COPIED_FORMAT.test(format))
  const output = posix.normalize(inputPathOf(event.directories.output))
  let scripts: readonly string[] | undefined
  return (path) => {
    const isCopied = copied.some(
      (glob) =>
        path.startsWith(`${glob.replace(/\/$/, '')}/`) ||
        micromatch.isMatch(path, glob, { dot: true }),
    )
    if (isCopied || formats.includes(posix.extname(path).slice(1))) return true
    scripts ??= scriptsOf(cwd, output)
    return scripts.some((text) => namesFile(text, path))
  }
}

function scriptsOf(cwd: string, output: string): string[] {
  const files = readdirSync(cwd, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return [entry.name]
    const isOther = entry.name.startsWith('.') || ['node_modules', output].includes(entry.name)
    if (isOther) return []
    const below = readdirSync(join(cwd, entry.name), { recursive: true, encoding: 'utf8' })
    return below.map((path) => posix.join(entry.name, path.split(sep).join('/')))
  })
  return files.filter(isScript).flatMap((path) => readText(join(cwd, path)) ?? [])
}

function filesIn(cwd: string, folder: string): string[] {
  const place = join(cwd, folder)
  if (!existsSync(place)) return []
  return readdirSync(place).map((name) => posix.join(folder, name))
}

function readText(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats?.isFile() && stats.size <= LARGEST ? readFileSync(file, 'utf8') : undefined
}
