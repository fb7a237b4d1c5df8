import { dirname } from 'node:path'
import { FileIndex } from '../leak-audit/file-index.ts'
import { addressesIn, createFileSearch } from '../leak-audit/named-files.ts'
import type { ClaimedGroups } from './group-claims.ts'
import type { PublicOutput } from './output-media.ts'

/**
 * Which of `files` public texts name: pages, feeds, stylesheets, scripts, data. What a text names whose
 * own file only private posts name, is not public because of that.
 *
 * @param isClaimed Whether private posts name the file.
 * @param groups What private posts name together: if a public text names the same, it means the same files.
 */
export function publicNames(
  files: Iterable<string>,
  found: PublicOutput,
  isClaimed: (file: string) => boolean,
  groups: ClaimedGroups,
  pathPrefix: string,
): Set<string> {
  const wanted = new Set(files)
  const names = new Set<string>()
  if (wanted.size === 0) return names
  const index = new FileIndex(found.media, pathPrefix)
  const waiting = new Map<string, string>()
  const search = createFileSearch(index, { wanted, isNameEnough: true })

  for (const { file, text } of found.texts()) {
    // A page that names the file may have come before it.
    if (isClaimed(file) && !names.has(file)) waiting.set(file, text)
    else read(file, text)
  }
  return names

  function read(file: string, text: string): void {
    const folders = [dirname(file)]
    for (const named of search(text, folders)) add(named)
    if (groups.byKey.size === 0) return
    for (const { written } of addressesIn(text)) {
      const { key = '' } = groups.search.find(written, { folders, isNameEnough: false }) ?? {}
      for (const named of groups.byKey.get(key)?.files ?? []) {
        if (!groups.exact.has(named)) add(named)
      }
    }
  }

  function add(file: string): void {
    if (!wanted.has(file) || names.has(file)) return
    names.add(file)
    const text = waiting.get(file)
    if (text === undefined) return
    waiting.delete(file)
    read(file, text)
  }
}
