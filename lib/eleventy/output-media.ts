import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { extensionOf, isFetchedByName, isPage } from '../leak-audit/file-names.ts'
import { belowInput } from '../post/natural-path.ts'
import type { BuildState } from './build-state.ts'

/** The public output of this build, as far as files that are no pages are concerned. */
export interface PublicOutput {
  /** All files, relative to the output folder; not those of private posts. */
  readonly files: ReadonlySet<string>
  /** Those that are there, not only copied by a server that reads them from their sources. */
  readonly written: ReadonlySet<string>
  /** Files that are no pages. */
  readonly media: readonly string[]
  /** Public texts that may name them. */
  texts(): Iterable<PublicText>
  /** Whether the file lies in a folder that is only linked to: whoever removes it there removes the original. */
  isLinked(file: string): boolean
  /** Whether the file is a copy of one of the site's own, not something that a plugin made. */
  isCopy(file: string): boolean
  /** Files of the output that are copies of a source. */
  copiesOf(source: string): readonly string[]
  /** Source of a copy in the output. */
  readonly sources: ReadonlyMap<string, string>
}

interface PublicText {
  readonly file: string
  readonly text: string
}

export interface PublicOutputOptions {
  /** Output and input folder, from the project's root. */
  readonly output: string
  readonly input: string
  /** Places of private posts, such as `/p/` and `/private/`. */
  readonly privatePlaces: readonly string[]
  /** Pages that earlier builds wrote and this one did not: they say nothing of today's site. */
  readonly stale: ReadonlySet<string>
  /** All pages that this build or an earlier one wrote. */
  readonly pages: ReadonlySet<string>
  /** Files that were taken out in an earlier build of this process. */
  readonly withheld: Iterable<string>
}

/** Formats without text; packed texts are copies of texts. */
const NO_TEXT =
  /\.(?:jpe?g|png|gif|webp|avif|heic|ico|mp[34]|m4[av]|mov|webm|og[gv]|opus|wav|flac|woff2?|ttf|otf|eot|pdf|zip|gz|br|7z|wasm|docx?|xlsx?|pptx?|od[tsp]|epub)$/i

/** Looks at the output folder once, after Eleventy and all plugins have written. */
export function openPublicOutput(state: BuildState, options: PublicOutputOptions): PublicOutput {
  const { output, input, stale, pages } = options
  // A site without private posts pays nothing.
  const isBuilt = state.posts.size > 0
  const isPrivate = (file: string) => isPrivatePlace(file, options)
  const listed = isBuilt ? list(output, (folder) => isPrivate(`${folder}/`)) : NOTHING
  const linked = new Set(listed.links.flatMap((link) => filesOfLink(output, link, [])))
  const written = new Set([...listed.files, ...linked].filter((file) => !isPrivate(file)))
  const sources = copySources(state, written)
  const files = new Set([...written, ...sources.keys()])
  const copies = new Map<string, string[]>()
  for (const [file, source] of sources) copies.set(source, [...(copies.get(source) ?? []), file])

  /** What has no extension, or is a page, is one of these if it was copied, and not also built, by Eleventy. */
  function isMedia(file: string): boolean {
    const source = sources.get(file)
    if (source !== undefined && state.publicPosts.has(source)) return false
    const isOther = extensionOf(file) !== '' && !isPage(file)
    return isOther || source !== undefined || linked.has(file) || state.made.has(file)
  }

  return {
    files,
    written,
    media: [...new Set([...files, ...options.withheld])].filter(
      (file) => !pages.has(file) && !isFetchedByName(file) && isMedia(file),
    ),
    *texts() {
      for (const file of written) {
        const isGone = !existsSync(join(output, file))
        if (NO_TEXT.test(file) || stale.has(file) || isGone) continue
        yield { file, text: readFileSync(join(output, file), 'utf8') }
      }
    },
    sources,
    isLinked: (file) => linked.has(file),
    isCopy: (file) =>
      linked.has(file) || sources.has(file) || existsSync(join(input, file)) || existsSync(file),
    copiesOf(source) {
      const natural = belowInput(posix.normalize(source), input)
      const known = copies.get(posix.normalize(source)) ?? []
      return known.includes(natural) || !files.has(natural) ? known : [...known, natural]
    },
  }
}

function isPrivatePlace(file: string, { privatePlaces }: PublicOutputOptions): boolean {
  return privatePlaces.some((place) => `/${file}`.startsWith(place))
}

/** Sources by their copies; a server of Eleventy's own names folders, and copies nothing. */
function copySources({ copies, posts }: BuildState, written: ReadonlySet<string>) {
  const sources = new Map<string, string>()
  for (const [file, source] of posts.size === 0 ? [] : copies) {
    if (posts.has(source)) continue
    if (written.has(file)) sources.set(file, source)
    else if (statSync(source, { throwIfNoEntry: false })?.isFile()) sources.set(file, source)
    else {
      for (const below of listFiles(source)) {
        sources.set(posix.join(file, below), posix.join(source, below))
      }
    }
  }
  return sources
}

/** Files below a folder, relative to it; none if it is a file or not there. */
export function listFiles(
  folder: string,
  isLeftOut?: (folder: string) => boolean,
): readonly string[] {
  return list(folder, isLeftOut).files
}

/** What lies below a folder, by paths relative to it. */
interface Listing {
  /** Links to files too. */
  readonly files: readonly string[]
  /** Links to folders. */
  readonly links: readonly string[]
}

const NOTHING: Listing = { files: [], links: [] }

function list(folder: string, isLeftOut: (folder: string) => boolean = () => false): Listing {
  const files: string[] = []
  const links: string[] = []
  walk('')
  return { files, links }

  function walk(below: string): void {
    for (const entry of entriesOf(join(folder, below))) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isFile()) files.push(path)
      else if (entry.isDirectory() && !isLeftOut(path)) walk(path)
      else if (entry.isSymbolicLink()) {
        const target = statSync(join(folder, path), { throwIfNoEntry: false })
        if (target?.isFile()) files.push(path)
        if (target?.isDirectory()) links.push(path)
      }
    }
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTDIR' || code === 'ENOENT') return []
    throw error
  }
}

/** Files below a link to a folder, and below the links in it, relative to the folder that the link lies in. */
function filesOfLink(folder: string, link: string, known: readonly string[]): string[] {
  const place = join(folder, link)
  const target = realpathSync(place)
  // A link to a folder above it has no end.
  if (known.includes(target) || `${realpathSync(folder)}/`.startsWith(`${target}/`)) return []
  const { files, links } = list(place)
  const below = links.flatMap((inner) => filesOfLink(place, inner, [...known, target]))
  return [...files, ...below].map((file) => posix.join(link, file))
}
