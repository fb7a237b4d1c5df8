import { existsSync, readFileSync } from 'node:fs'
import { posix, relative } from 'node:path'
import { buildAddress } from './build-address.ts'
import type { BuildState } from './build-state.ts'
import { inputPathOf, type EventListeners } from './eleventy-config.ts'
import type { ResolvedOptions } from './options.ts'
import { listFiles } from './output-media.ts'

/** A file that a page refers to, which Eleventy would copy beside the page. */
interface CopyRequest {
  readonly source: string
  readonly target: string
}

const COPY = 'eleventy#copy'

/**
 * Builds the private pages, and notes what was written meanwhile: the public site is complete by then, so
 * whatever a plugin adds is of these pages. What Eleventy itself would copy beside them goes with them.
 *
 * @see [Eleventy, Passthrough by HTML reference](https://www.11ty.dev/docs/copy/#mode-html-relative)
 */
export async function notePrivateWrites(
  state: BuildState,
  events: EventListeners,
  options: ResolvedOptions,
  build: () => Promise<void>,
): Promise<void> {
  if (!state.held?.length) return build()
  const output = inputPathOf(state.event.directories.output)
  const before = new Set(listFiles(output))
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
  for (const file of listFiles(output)) if (!before.has(file)) state.made.add(file)
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
