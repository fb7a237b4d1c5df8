import { buildAddress } from './build-address.ts'
import { refuseProblems } from './build-error.ts'
import type { BuildState } from './build-state.ts'
import { describeUnreadData, type DataFileRules } from './data-files.ts'
import { judgeDrafts } from './drafts-in-public.ts'
import { inputPathOf, type ContentMap } from './eleventy-config.ts'
import { describeLinked } from './linked-posts.ts'
import { describeOwnPlaces } from './own-places.ts'
import { describePaginated } from './paginated-data.ts'
import type { ResolvedOptions } from './options.ts'

type Urls = ContentMap['inputPathToUrl']

/**
 * Judges the templates together: all are classified and have their addresses now, and none is rendered or written
 * yet.
 *
 * @throws {ConfigurationError} with everything that is wrong with any of them
 */
export function readContentMap(state: BuildState, urls: Urls, rules: DataFileRules): void {
  rememberUrls(state, urls)
  addPlaceholders(state, urls, rules.options)
  judgeDrafts(state, urls)
  state.problems.push(
    ...describeUnreadData(state, rules),
    ...describePaginated(state, rules.options),
    ...describeLinked(state, rules.namesOf),
    ...describeOwnPlaces(state, rules.options),
  )
  refuseProblems(state)
}

function rememberUrls(state: BuildState, urls: Urls): void {
  for (const [inputPath, [url]] of Object.entries(urls)) {
    const path = inputPathOf(inputPath)
    if (!state.posts.has(path)) state.publicPosts.set(path, typeof url === 'string' ? url : '')
  }
}

/** A public page that links to the source of a private one gets a placeholder, which the audit knows. */
function addPlaceholders(state: BuildState, urls: Urls, options: ResolvedOptions): void {
  for (const { inputPath } of state.held ?? []) {
    const built = state.posts.get(inputPathOf(inputPath))
    if (built) urls[inputPath] = [buildAddress(state, built, options)]
  }
}
