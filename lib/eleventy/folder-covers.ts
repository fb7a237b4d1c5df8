/**
 * Hosts that list a folder without an `index.html` must list nothing of a private post: each folder of private
 * links has a page, and if it is an empty one of ours, a *cover*.
 *
 * @module
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { isCapabilityToken } from '../capability-url/capability-url.ts'
import { FOLDER_INDEX, isFolderIndex } from '../web/folder-index.ts'
import { removePage } from './written-pages.ts'

const INDEX = 'index.html'

export interface CoverOptions {
  readonly output: string
  readonly prefix: string
}

/**
 * Covers each folder of a private link that has no page, and below it. Where no private link is left, the covers
 * of the prefix go too, so that the output is that of a site without private posts.
 */
export function coverFolders(options: CoverOptions): void {
  const folder = join(options.output, options.prefix)
  if (!existsSync(folder)) return
  const copies = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && isCapabilityToken(entry.name.toLowerCase()))
    .filter(({ name }) => coverFolder(join(folder, name)))
  if (copies.length > 0) coverPrefix(options)
  else uncoverPrefix(options)
}

/** Covers the folder of all private links, and the folders above it. */
export function coverPrefix({ output, prefix }: CoverOptions): void {
  for (const { folder, isAbove } of levels(prefix)) {
    const index = join(output, folder, INDEX)
    // Above the prefix there is no secret, and `x/index.html` would stand before the site's `x.html`.
    if (existsSync(index) || (isAbove && existsSync(join(output, `${folder}.html`)))) continue
    mkdirSync(join(output, folder), { recursive: true })
    writeFileSync(index, FOLDER_INDEX)
  }
}

/** Whether the file is a cover. What is none may be the author's: it is not written over, nor removed. */
export function isCover(file: string): boolean {
  const isAsLong =
    statSync(file, { throwIfNoEntry: false })?.size === Buffer.byteLength(FOLDER_INDEX)
  return isAsLong && isFolderIndex(readFileSync(file))
}

function uncoverPrefix({ output, prefix }: CoverOptions): void {
  for (const { folder } of levels(prefix).toReversed()) {
    const index = join(output, folder, INDEX)
    if (isCover(index)) removePage(output, index)
  }
}

/** `/x/p/`: `x` and `x/p`. */
function levels(prefix: string): { readonly folder: string; readonly isAbove: boolean }[] {
  const names = prefix.split('/').filter(Boolean)
  return names.map((_, at) => ({
    folder: names.slice(0, at + 1).join('/'),
    isAbove: at < names.length - 1,
  }))
}

/** @returns Whether the folder is still there: with nothing in it but a cover, it is removed. */
function coverFolder(folder: string): boolean {
  const entries = readdirSync(folder, { withFileTypes: true })
  const index = join(folder, INDEX)
  const hasIndex = entries.some(({ name }) => name === INDEX)
  const others = entries
    .filter(({ name }) => name !== INDEX)
    .filter((entry) => !entry.isDirectory() || coverFolder(join(folder, entry.name)))
  if (others.length === 0 && (!hasIndex || isCover(index))) {
    rmSync(index, { force: true })
    rmdirSync(folder)
    return false
  }
  if (!hasIndex) writeFileSync(index, FOLDER_INDEX)
  return true
}
