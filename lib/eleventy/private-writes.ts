import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, type Stats } from 'node:fs'
import { join, posix, relative } from 'node:path'
import { isCapabilityToken } from '../capability-url/capability-url.ts'
import { buildAddress } from './build-address.ts'
import type { BuildState } from './build-state.ts'
import { inputPathOf, type BuildResult, type EventListeners } from './eleventy-config.ts'
import type { ResolvedOptions } from './options.ts'
import { listFiles } from './output-media.ts'

/** A file that a page refers to, which Eleventy would copy beside the page. */
interface CopyRequest {
  readonly source: string
  readonly target: string
}

const COPY = 'eleventy#copy'
/** What another process may write into the output meanwhile: the audit reads it. */
const OF_OTHERS = /\.(?:css|[cm]?js|map)$/i

/** A file as it was before private pages were built. */
interface Written {
  readonly stamp: string | undefined
  /** Hash of its bytes; `undefined` for a copy, whose source has them, and for a page that Eleventy has in memory. */
  readonly hash: string | undefined
  readonly content: string | undefined
}

export interface PrivateWritesOptions {
  readonly options: ResolvedOptions
  /** What Eleventy has just written. */
  readonly results: readonly BuildResult[]
}

/**
 * Builds the private pages, and notes what was written meanwhile: the public site is complete by then, so
 * whatever a plugin adds is of these pages, and what it changes would be another public site. What Eleventy itself
 * would copy beside them goes with them.
 *
 * @see [Eleventy, Passthrough by HTML reference](https://www.11ty.dev/docs/copy/#mode-html-relative)
 */
export async function notePrivateWrites(
  state: BuildState,
  events: EventListeners,
  { options, results }: PrivateWritesOptions,
  build: () => Promise<void>,
): Promise<void> {
  if (!state.held?.length) return build()
  const output = inputPathOf(state.event.directories.output)
  const contents = contentsOf(results, output)
  // Copies of the last build: each is written again or removed when this one is done.
  const isCopyFolder = (folder: string) =>
    posix.dirname(`/${folder}`) === posix.dirname(`${options.prefix}x`) &&
    isCapabilityToken(posix.basename(folder).toLowerCase())
  const list = () => listFiles(output, isCopyFolder)
  const before = new Map(
    list().flatMap((file) => {
      const written = writtenNow(state, output, file, contents.get(file))
      // Some image plugins are still writing what public pages show.
      return written.stamp?.startsWith('0,') ? [] : [[file, written] as const]
    }),
  )
  // Eleventy is done with copying, and would not wait for these.
  const theirs = events.listeners(COPY)
  theirs.forEach((listener) => events.removeListener(COPY, listener))
  const ours = (request: CopyRequest) => keepCopy(state, request, output, options)
  events.on(COPY, ours)
  try {
    await build()
  } finally {
    events.removeListener(COPY, ours)
    theirs.forEach((listener) => events.on(COPY, listener))
  }
  for (const file of list()) if (!before.has(file)) state.made.add(file)
  for (const [file, written] of before) {
    if (OF_OTHERS.test(file) || isSame(state, output, file, written)) continue
    state.problems.push(
      `While private pages were built, something wrote over ${file} or removed it, which the public site has as well (media). To do: let the shortcode, filter or plugin that makes it name it after the page, for example by {{ page.fileSlug }}, or leave private pages out with the filter "isPrivate".`,
    )
  }
}

/** The pages that Eleventy wrote, by their files below the output folder. */
function contentsOf(results: readonly BuildResult[], output: string): Map<string, string> {
  return new Map(
    results.flatMap(({ outputPath, content }) =>
      outputPath === false || typeof content !== 'string'
        ? []
        : [[posix.relative(output, inputPathOf(outputPath)), content] as const],
    ),
  )
}

function writtenNow(
  { copies }: BuildState,
  output: string,
  file: string,
  content: string | undefined,
): Written {
  const path = join(output, file)
  const stat = statSync(path, { throwIfNoEntry: false })
  const isKnown = content !== undefined && stat?.size === Buffer.byteLength(content)
  const isHashed = !isKnown && !copies.has(file) && !OF_OTHERS.test(file)
  return {
    stamp: stampOf(stat),
    hash: isHashed ? hashOf(path) : undefined,
    content: isKnown ? content : undefined,
  }
}

function isSame(
  { copies }: BuildState,
  output: string,
  file: string,
  { stamp, hash, content }: Written,
): boolean {
  const path = join(output, file)
  const now = stampOf(statSync(path, { throwIfNoEntry: false }))
  if (now === undefined || now === stamp) return now === stamp
  if (content !== undefined) return readFileSync(path, 'utf8') === content
  return hashOf(path) === (hash ?? hashOf(copies.get(file) ?? ''))
}

function stampOf(stat: Stats | undefined): string | undefined {
  return stat && [stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino].join()
}

function hashOf(path: string): string | undefined {
  return existsSync(path)
    ? createHash('sha256').update(readFileSync(path)).digest('base64')
    : undefined
}

function keepCopy(
  state: BuildState,
  { source, target }: CopyRequest,
  output: string,
  options: ResolvedOptions,
): void {
  const place = `/${posix.relative(output, inputPathOf(target))}`
  for (const built of state.posts.values()) {
    const address = buildAddress(state, built, options)
    if (!place.startsWith(address) || !existsSync(source)) continue
    built.files.set(relative(address, place), readFileSync(source))
  }
}
