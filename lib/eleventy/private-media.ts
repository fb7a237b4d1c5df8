import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FileIndex } from '../leak-audit/file-index.ts'
import { createNameSearch, extensionOf } from '../leak-audit/file-names.ts'
import { UNKNOWN_POST } from '../leak-audit/finding.ts'
import { createCarrier, TEXT, type MarkCopiedPage, type PlaceMedia } from './carried-media.ts'
import type { CollectedClaims } from './media-claims.ts'
import type { FileGroup } from './file-groups.ts'
import type { PublicOutput } from './output-media.ts'
import { publicNames } from './public-names.ts'
import { findUnnamed } from './unnamed-media.ts'
import { removePage } from './written-pages.ts'

/** What a layout loads for all its pages: it moves only if it tells something of a post. */
const CODE = /\.(?:css|[cm]?js|map|webmanifest|woff2?|ttf|otf|eot|wasm)$/i

/** Files that were public and that only private posts name. */
export interface PrivateMedia {
  /** All of them, by their path below the output folder. */
  readonly taken: ReadonlySet<string>
  /** Those that were copies of the site's own files. */
  readonly copies: number
  /** Files that private posts name, and public texts too. */
  readonly shared: ReadonlySet<string>
  /** Files that only private posts name, and that stay where they are: their folder is a link. */
  readonly linked: readonly string[]
  /** Extensions of what was taken. */
  readonly extensions: ReadonlySet<string>
  /** The place of a taken file below the post, if the reference means one; it goes with the post from now on. */
  readonly place: PlaceMedia
}

export interface PrivateMediaOptions {
  readonly output: string
  readonly pathPrefix: string
  readonly markPage: MarkCopiedPage
  readonly isExcepted: (file: string, post: string) => boolean
  /**
   * Files that were taken in earlier builds of this process, with the bytes of those that are no copies: an
   * image plugin does not write them again.
   */
  readonly withheld: Map<string, Buffer | undefined>
  /** Whether pages that were not touched were not rendered, so that nothing says what they show. */
  readonly isIncremental: boolean
  /** Files that were written while private pages were built. */
  readonly made: ReadonlySet<string>
  /** Whether Eleventy will build again in this process. */
  readonly isWatching: boolean
}

/**
 * Takes files out of the public output that private posts name and no public text does. What the pages
 * show goes below their capability URLs or behind the gate.
 */
export function takePrivateMedia(
  found: PublicOutput,
  { claims, groups }: CollectedClaims,
  {
    output,
    pathPrefix,
    markPage,
    isExcepted,
    withheld,
    isWatching,
    isIncremental,
    made,
  }: PrivateMediaOptions,
): PrivateMedia {
  const isClaimed = (file: string) => claims.has(file)
  const unnamed = findUnnamed(
    found,
    (file) => made.has(file),
    (file) => isClaimed(file) || CODE.test(file) || isExcepted(file, UNKNOWN_POST),
  )
  const asked = [...claims.keys(), ...withheld.keys(), ...unnamed.asked]
  const named = publicNames(asked, found, isClaimed, groups, pathPrefix)
  const index = new FileIndex(found.media, pathPrefix)
  for (const file of withheld.keys()) if (named.has(file)) restore(file)

  const decided = decide()
  const linked = [...decided].filter((file) => found.isLinked(file))
  const taken = new Set([...decided].filter((file) => !found.isLinked(file)))
  const bytes = new Map([...taken].map((file) => [file, bytesOf(file)]))
  const others = unnamed.among((file) => named.has(file), taken)
  const copies = [...taken].filter((file) => found.isCopy(file) && existsSync(join(output, file)))
  for (const file of copies) removePage(output, join(output, file))
  const again = isIncremental ? [...withheld.keys()] : []
  for (const file of [...taken, ...others, ...again]) {
    const content = found.isCopy(file) ? undefined : (bytes.get(file) ?? bytesOf(file))
    if (isWatching) withheld.set(file, content)
    // An image plugin that has made a folder does not look again while Eleventy watches; else it goes too,
    // since its name may be that of a post, and hosts list empty folders.
    if (isWatching) rmSync(join(output, file), { force: true })
    else removePage(output, join(output, file))
  }
  return {
    taken,
    copies: copies.length,
    linked,
    shared: new Set([...claims.keys()].filter((file) => named.has(file))),
    place: createCarrier({
      ...{ index, groups: groups.search, taken, pathPrefix, markPage },
      bytesOf: (file) => bytes.get(file) ?? Buffer.alloc(0),
    }),
    extensions: new Set([...taken].map(extensionOf)),
  }

  function decide(): Set<string> {
    const left = filesOfAll()
    const movable = [...claims].filter(
      ([file, byPost]) =>
        !named.has(file) &&
        !left.has(file) &&
        ![...byPost.keys()].some(({ post }) => isExcepted(file, post.path)),
    )
    const moved = new Set(
      movable.flatMap(([file, byPost]) => {
        const isOfPost = [...byPost.values()].some(({ isWritten }) => isWritten)
        return !CODE.test(file) || isOfPost || !found.isCopy(file) ? [file] : []
      }),
    )
    // A stylesheet that shows something private has to follow it.
    for (let size = -1; size !== moved.size;) {
      size = moved.size
      for (const [file] of movable) {
        if (TEXT.test(file) && loadedBy(file).some((loaded) => moved.has(loaded))) moved.add(file)
      }
    }
    return moved
  }

  /** A folder at the root with public files in it is the whole site's: what nobody names there stays. */
  function filesOfAll(): Set<string> {
    const some = [...groups.byKey.values()]
    const isOfAll = (group: FileGroup) =>
      group.isWide && group.files.some((file) => named.has(file))
    const own = new Set(some.filter((group) => !isOfAll(group)).flatMap(({ files }) => files))
    const ofAll = some.filter(isOfAll).flatMap(({ files }) => files)
    return new Set(ofAll.filter((file) => !own.has(file) && !groups.exact.has(file)))
  }

  function loadedBy(file: string): string[] {
    const text = bytesOf(file).toString('utf8')
    const search = createNameSearch(index.extensions)
    return [...search(text)].flatMap(
      (beginnings) => index.findNamed(beginnings, [dirname(file)]).files,
    )
  }

  function bytesOf(file: string): Buffer {
    const place = [join(output, file), found.sources.get(file) ?? ''].find((one) => existsSync(one))
    return place === undefined ? (withheld.get(file) ?? Buffer.alloc(0)) : readFileSync(place)
  }

  function restore(file: string): void {
    const content = bytesOf(file)
    withheld.delete(file)
    if (content.length === 0 || existsSync(join(output, file))) return
    mkdirSync(dirname(join(output, file)), { recursive: true })
    writeFileSync(join(output, file), content)
  }
}
