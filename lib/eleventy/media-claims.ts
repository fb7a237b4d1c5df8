import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FileIndex } from '../leak-audit/file-index.ts'
import { createFileSearch } from '../leak-audit/named-files.ts'
import { belowInput } from '../post/natural-path.ts'
import type { BuildState, BuiltPost } from './build-state.ts'
import { claimGroups, type ClaimedGroups } from './group-claims.ts'
import { privateEntries } from './private-data.ts'
import type { PublicOutput } from './output-media.ts'

/** How a private post names a file of the public output. */
export interface Claim {
  /** Its pages show it, or a stylesheet or data file that they load. */
  isShown: boolean
  /** The post itself names it: its text, its data, or its place; not only its layout. */
  isWritten: boolean
}

/** Who names which file: by the file's path below the output folder. */
type Claims = ReadonlyMap<string, ReadonlyMap<BuiltPost, Claim>>

export interface CollectedClaims {
  readonly claims: Claims
  /** Folders and patterns by which private posts name files. */
  readonly groups: ClaimedGroups
}

/** Files that other files are loaded by. */
const LOADING = /\.(?:css|[cm]?js|json|svg|webmanifest|vtt|m3u8?|mpd|x?html?)$/i

export interface ClaimOptions {
  readonly output: string
  readonly input: string
  readonly pathPrefix: string
  /** Sources of the files that go with each post. */
  readonly attached: ReadonlyMap<BuiltPost, readonly string[]>
  /** What posts looked like while they were public, by the paths of their sources. */
  readonly before: ReadonlyMap<string, string>
}

/**
 * Collects which files of the public output private posts name: on their pages as they were rendered, in
 * their text, in their data, by lying beside them, and by what those files load in turn.
 */
export function collectClaims(
  state: BuildState,
  found: PublicOutput,
  { output, input, pathPrefix, attached, before }: ClaimOptions,
): CollectedClaims {
  const { posts, publicData, placeholders } = state
  const media = new Set(found.media)
  const index = new FileIndex(media, pathPrefix)
  const sources = new FileIndex(found.sources.values())
  const searchOutput = createFileSearch(index, { wanted: media, isNameEnough: true })
  const searchSources = createFileSearch(sources, {
    wanted: found.sources.values(),
    isNameEnough: false,
  })
  const claims = new Map<string, Map<BuiltPost, Claim>>()

  for (const built of posts.values()) {
    const folders = foldersOf(built, input)
    for (const { rendered } of built.pages.values()) {
      for (const file of named(rendered, folders)) claim(file, built, { isShown: true })
    }
    const formerly = before.get(built.post.path) ?? ''
    const entries = privateEntries(built.data, publicData)
    for (const text of [built.body, formerly, ...entries.map(({ text }) => text)]) {
      for (const file of named(text, folders)) claim(file, built, { isWritten: true })
    }
    for (const source of attached.get(built) ?? []) {
      for (const file of found.copiesOf(source)) claim(file, built, { isWritten: true })
    }
    const stand = placeholders.page(built.number)
    for (const file of found.media) {
      if (file.includes(stand)) claim(file, built, { isWritten: true })
    }
  }
  const groups = claimGroups(state, found, {
    ...{ input, pathPrefix, claim },
    exact: new Set(claims.keys()),
    foldersOf: (built) => foldersOf(built, input),
  })
  return { claims, groups }

  function claim(file: string, built: BuiltPost, how: Partial<Claim>): void {
    if (!media.has(file)) return
    const byPost = claims.get(file) ?? new Map<BuiltPost, Claim>()
    claims.set(file, byPost)
    const known = byPost.get(built)
    const next = {
      isShown: (known?.isShown ?? false) || how.isShown === true,
      isWritten: (known?.isWritten ?? false) || how.isWritten === true,
    }
    byPost.set(built, next)
    const isNews = known?.isShown !== next.isShown || known.isWritten !== next.isWritten
    if (!isNews || !LOADING.test(file)) return
    for (const loaded of named(readText(output, file), [dirname(file)])) {
      if (loaded !== file) claim(loaded, built, next)
    }
  }

  /** The same picture may have been copied to several places. */
  function copiesOfSame(file: string): readonly string[] {
    const source = found.sources.get(file)
    return source === undefined ? [] : found.copiesOf(source)
  }

  /** Files that a text names, as they are called in the output or in the sources. */
  function* named(text: string, folders: readonly string[]): Generator<string> {
    for (const file of searchOutput(text, folders)) yield* [file, ...copiesOfSame(file)]
    const ofProject = ['', input, ...folders.map((folder) => join(input, folder))]
    for (const source of searchSources(text, ofProject)) yield* found.copiesOf(source)
  }
}

/** Where relative references of a post may begin: beside its source, and at the address that it would have. */
export function foldersOf({ post, naturalPaths }: BuiltPost, input: string): string[] {
  const isFolder = (path: string) => (path.endsWith('/index.html') ? 0 : 1)
  const likely = [...naturalPaths].reverse().sort((one, other) => isFolder(one) - isFolder(other))
  const folders = [...likely, belowInput(post.path, input)].map((path) => dirname(path))
  return [...new Set(folders)]
}

function readText(output: string, file: string): string {
  try {
    return readFileSync(join(output, file), 'utf8')
  } catch {
    // A copy that Eleventy's own server only pretends to have made.
    return ''
  }
}
