import type { DataCascade } from './source-cascade.ts'
import { readFiles } from './read-files.ts'
import { isScript } from './script-data.ts'
import {
  findUnreadData,
  mayHoldData,
  namesFile,
  type DataFile,
  type DataReader,
  type UnreadData,
} from './unread-data.ts'

export interface DataSources {
  /** All files that a person wrote. */
  readonly paths: readonly string[]
  readonly templates: readonly DataReader[]
  readonly cascade: DataCascade
  readonly read: (path: string) => Promise<string>
  /** Whether the output has the file as it is. */
  readonly isCopied: (path: string) => boolean
}

/** The same as {@link findUnreadData} from the files alone, without what the site's configuration adds. */
export async function findUnreadDataSources(sources: DataSources): Promise<UnreadData[]> {
  const { paths, templates, cascade, isCopied } = sources
  const candidates = paths.filter(mayHoldData)
  if (candidates.length === 0) return []
  const read = new Set(templates.flatMap(({ path }) => cascade.filesOf(path)))
  const texts = await readAll(candidates, sources)
  const scripts = await readAll(paths.filter(isScript), sources)
  const files = candidates.map((path): DataFile => ({
    ...{ path, text: texts.get(path) ?? '', isRead: read.has(path) },
    isUsed: () => isCopied(path) || [...scripts.values()].some((text) => namesFile(text, path)),
  }))
  return findUnreadData(files, templates)
}

async function readAll(
  paths: readonly string[],
  { read }: DataSources,
): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  for await (const [path, text] of readFiles(paths, read)) texts.set(path, text)
  return texts
}
