/**
 * Lets files that were taken out of the public output go with a post: below its capability URLs, or behind the gate.
 *
 * @module
 */
import { dirname, posix } from 'node:path'
import type { FileIndex } from '../leak-audit/file-index.ts'
import { createNameSearch, isPage } from '../leak-audit/file-names.ts'
import { parseHtml, serializeHtml, type HtmlDocument } from '../web/html.ts'
import type { BuiltPost } from './build-state.ts'
import type { GroupSearch } from './file-groups.ts'
import { replaceNames, rewriteReferences } from './page-references.ts'

/** Folder below the capability URL. */
const FOLDER = 'media'
/** Files that may name others. */
export const TEXT = /\.(?:css|[cm]?js|json|svg|vtt|webmanifest|m3u8?|mpd|x?html?)$/i
const STYLESHEET = /\.css$/i
const SCRIPT = /\.[cm]?js$/i

/**
 * @returns The place of a file below the post, if the reference means one that was taken.
 */
export type PlaceMedia = (
  built: BuiltPost,
  reference: string,
  options: PlaceOptions,
) => string | undefined

interface PlaceOptions {
  readonly folders: readonly string[]
  /** Whether the last part of a path is enough. */
  readonly isLoose: boolean
  /** Whether something else of the post has that place. */
  readonly isUsed: (destination: string) => boolean
}

/** Makes a page that was copied as it is as private as the post that it goes with. */
export type MarkCopiedPage = (built: BuiltPost, file: string, page: HtmlDocument) => void

export interface CarrierOptions {
  readonly index: FileIndex
  readonly groups: GroupSearch
  readonly taken: ReadonlySet<string>
  readonly bytesOf: (file: string) => Buffer
  readonly pathPrefix: string
  readonly markPage: MarkCopiedPage
}

export function createCarrier({
  index,
  groups,
  taken,
  bytesOf,
  pathPrefix,
  markPage,
}: CarrierOptions): PlaceMedia {
  const carried = new Map<BuiltPost, Map<string, string>>()
  const folderPlaces = new Map<BuiltPost, Map<string, string>>()
  return (built, reference, { folders, isLoose, isUsed }) => {
    const file = meant(reference, folders, isLoose).find((one) => taken.has(one))
    return file === undefined
      ? carryGroup(built, reference, folders, isUsed)
      : carry(built, file, isUsed)
  }

  /** A folder keeps its form, and files named without their extensions their names. */
  function carryGroup(
    built: BuiltPost,
    reference: string,
    folders: readonly string[],
    isUsed: PlaceOptions['isUsed'],
  ): string | undefined {
    const group = groups.find(reference, { folders, isNameEnough: false })
    const files = group?.files.filter((file) => taken.has(file)) ?? []
    if (!group || files.length === 0 || /[*{[]/.test(group.rest)) return undefined
    const { base, rest } = group
    const place = folderFor(built, base, isUsed)
    for (const file of files) {
      const destination = `${place}/${file.slice(base.length + 1)}`
      if (built.files.has(destination)) continue
      built.files.set(destination, bytesOf(file))
      built.files.set(destination, contentOf(built, file, destination, isUsed))
    }
    return rest === ''
      ? `${place}${/\/\s*(?:[?#]|$)/.test(reference) ? '/' : ''}`
      : `${place}/${rest}`
  }

  function folderFor(built: BuiltPost, base: string, isUsed: PlaceOptions['isUsed']): string {
    const own = folderPlaces.get(built) ?? new Map<string, string>()
    folderPlaces.set(built, own)
    const known = own.get(base)
    if (known !== undefined) return known
    const name = `${FOLDER}/${posix.basename(base)}`
    const isTaken = (path: string) =>
      isUsed(path) ||
      [...own.values()].includes(path) ||
      [...built.files.keys()].some((file) => file === path || file.startsWith(`${path}/`))
    let place = name
    for (let number = 2; isTaken(place); number++) place = `${name}-${number}`
    own.set(base, place)
    return place
  }

  function meant(reference: string, folders: readonly string[], isLoose: boolean) {
    const exact = index.findAt(reference, folders)
    if (exact.length > 0 || !isLoose) return exact
    const { files, isSure } = index.find(reference, folders)
    return isSure || files.length === 1 ? files : []
  }

  /** Lets a file go with a post, under a name that no other file of the post has. */
  function carry(built: BuiltPost, file: string, isUsed: PlaceOptions['isUsed']): string {
    const own = carried.get(built) ?? new Map<string, string>()
    carried.set(built, own)
    const known = own.get(file)
    if (known !== undefined) return known
    const { name, ext } = nameOf(file)
    const isTaken = (path: string) =>
      isUsed(path) || built.files.has(path) || [...own.values()].includes(path)
    let destination = `${FOLDER}/${name}${ext}`
    for (let number = 2; isTaken(destination); number++) {
      destination = `${FOLDER}/${name}-${number}${ext}`
    }
    own.set(file, destination)
    built.files.set(destination, contentOf(built, file, destination, isUsed))
    return destination
  }

  function contentOf(
    built: BuiltPost,
    file: string,
    destination: string,
    isUsed: PlaceOptions['isUsed'],
  ): Buffer {
    const content = bytesOf(file)
    if (!TEXT.test(file)) return content
    const text = content.toString('utf8')
    const beside = (loaded: string) => {
      const path = posix.relative(posix.dirname(destination), carry(built, loaded, isUsed))
      return encodePath(path.startsWith('.') ? path : `./${path}`)
    }
    const next = isPage(file) ? rewritePage(built, file, text, beside) : rewriteText()
    return next === text ? content : Buffer.from(next)

    /**
     * A stylesheet means what lies beside it, and so does a script that loads another one; all else in scripts and
     * data files means what the page would mean.
     */
    function rewriteText(): string {
      return replaceNames(text, createNameSearch(index.extensions), (written, isLoose) => {
        const [loaded] = meant(written, [dirname(file)], isLoose)
        if (loaded === undefined || loaded === file) return undefined
        const isBeside = STYLESHEET.test(file) || (SCRIPT.test(file) && SCRIPT.test(loaded))
        if (taken.has(loaded)) {
          return isBeside ? beside(loaded) : encodePath(carry(built, loaded, isUsed))
        }
        return isBeside ? addressOf(loaded) : undefined
      })
    }
  }

  /** What a page refers to that stays where it is, it refers to from its new place. */
  function rewritePage(
    built: BuiltPost,
    file: string,
    text: string,
    beside: (loaded: string) => string,
  ): string {
    const moved = rewriteReferences(text, index.extensions, (written, { isAddress, isLoose }) => {
      const [loaded] = meant(written, [dirname(file)], isLoose)
      const suffix = isAddress ? (/[?#].*$/s.exec(written.trim())?.[0] ?? '') : ''
      if (loaded !== undefined && taken.has(loaded)) {
        return beside(loaded) + suffix
      }
      if (!isRelative(written)) return undefined
      if (isAddress) return posix.join('/', pathPrefix, dirname(file), written.trim())
      return loaded === undefined ? undefined : addressOf(loaded)
    })
    const document = parseHtml(moved)
    markPage(built, file, document)
    return serializeHtml(document)
  }

  function addressOf(file: string): string {
    return encodePath(posix.join('/', pathPrefix, file))
  }
}

/** A page that stands for its folder is called after it: each folder has only one page of that kind. */
function nameOf(file: string): { readonly name: string; readonly ext: string } {
  const { dir, name, ext } = posix.parse(file)
  return { name: isPage(file) && name === 'index' ? posix.basename(dir) || 'page' : name, ext }
}

function isRelative(reference: string): boolean {
  return !/^\s*(?:[a-z][a-z0-9+.-]*:|[/\\#?]|$)/i.test(reference)
}

/** A path as it may stand in any attribute, stylesheet or script. */
export function encodePath(path: string): string {
  return path
    .split('/')
    .map((name) =>
      encodeURIComponent(name).replace(
        /[()'!*]/g,
        (letter) => `%${letter.charCodeAt(0).toString(16)}`,
      ),
    )
    .join('/')
}
