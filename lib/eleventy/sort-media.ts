import { posix } from 'node:path'
import { createExceptionRule } from '../leak-audit/finding.ts'
import type { AttachmentOptions } from './attachments.ts'
import { buildAddress } from './build-address.ts'
import type { BuildState, BuiltPost } from './build-state.ts'
import type { AfterEvent } from './eleventy-config.ts'
import type { PluginEnvironment } from './environment.ts'
import type { StampedPost } from './fill-copy.ts'
import { createPageMarker } from './copied-pages.ts'
import { collectClaims, foldersOf } from './media-claims.ts'
import type { ResolvedOptions } from './options.ts'
import { openPublicOutput } from './output-media.ts'
import { createOwnAssets } from './own-assets.ts'
import { findOwnHosts } from './own-hosts.ts'
import type { PageFilesOptions } from './page-files.ts'
import { writtenAttachments } from './prepare-posts.ts'
import { takePrivateMedia } from './private-media.ts'
import { openSiteAddresses } from './site-addresses.ts'
import type { StalePages } from './stale-pages.ts'
import { countText } from '../web/count-text.ts'

/** What belongs to whom among the files of the output that are no pages. */
export interface SortedMedia {
  /** How the files of one post get to its pages. */
  files(built: BuiltPost): PageFilesOptions
  /** Sources that go with posts by their text, place or pages, without those that public texts show. */
  attached(posts: readonly StampedPost[]): string[]
  /** What the author should know when all pages have their files. */
  warn(): void
}

export interface SortMediaOptions {
  readonly output: string
  readonly input: string
  readonly pathPrefix: string
  readonly bundler: string | undefined
  readonly stale: StalePages
  readonly attaching: AttachmentOptions
}

/**
 * Takes out of the public output what only private posts name, before their copies are written.
 */
export function sortMedia(
  state: BuildState,
  { incremental, runMode }: AfterEvent,
  options: ResolvedOptions,
  { cwd, variables }: PluginEnvironment,
  { output, input, pathPrefix, bundler, stale, attaching }: SortMediaOptions,
): SortedMedia {
  const posts = [...state.posts.values()]
  const attached = new Map(posts.map((built) => [built, writtenAttachments(built, attaching)]))
  const places = [options.prefix, options.gatePrefix]
  const found = openPublicOutput(state, {
    ...{ output, input, privatePlaces: places, pages: stale.known },
    withheld: state.withheld.keys(),
    // An incremental build writes a few pages: all others are as good as they were.
    stale: incremental ? new Set() : stale.left,
  })
  const claims = collectClaims(state, found, {
    ...{ output, input, pathPrefix, attached },
    before: stale.removed,
  })
  const isException = createExceptionRule(options.auditExceptions)
  const hosts = findOwnHosts({
    ...{ me: options.me, variables, addresses: state.siteAddresses, output, pathPrefix },
  })
  const media = takePrivateMedia(found, claims, {
    markPage: createPageMarker(state, { pathPrefix, hosts, options }),
    ...{ output, pathPrefix, withheld: state.withheld, made: state.made },
    isWatching: runMode !== 'build',
    isIncremental: incremental,
    isExcepted: (file, post) => isException(file, { kind: 'media', post }),
  })
  for (const file of media.linked) {
    const [built] = claims.claims.get(file)?.keys() ?? []
    state.problems.push(
      `${built?.post.path}: ${file} is public by a link to a folder, although only private posts name it (media). To do: put a copy in the place of the link, keep the file beside the post, or name it on a public page, if it is meant for everybody.`,
    )
  }
  for (const { built, group } of claims.groups.composed) {
    if (!group.files.some((file) => media.taken.has(file))) continue
    state.problems.push(
      `${built.post.path}: a script of its page makes up names of files of the folder ${group.base}/, which are public although only private posts name them (media). To do: write their addresses in full, keep them beside the post, or name them on a public page, if they are meant for everybody.`,
    )
  }
  const own = createOwnAssets(state, {
    ...{ site: options.me, pathPrefix, bundler, hosts },
    addresses: openSiteAddresses({
      // Eleventy's own server copies no files.
      ...{ cwd, output, files: runMode === 'serve' ? found.files : found.written },
      endpoints: [...Object.values(options.paths), ...places],
    }),
  })
  const isShared = (source: string) =>
    !attaching.isNamedPrivate(source) &&
    found.copiesOf(source).some((file) => media.shared.has(file))
  return {
    files: (built) => ({
      ...{ attaching, media, own, folders: foldersOf(built, input) },
      address: posix.join('/', pathPrefix, buildAddress(state, built, options)),
    }),
    attached(stamped) {
      const shown = stamped.flatMap(({ attachments }) => attachments.map(({ source }) => source))
      return [...[...attached.values()].flat(), ...shown].filter((source) => !isShared(source))
    },
    warn() {
      state.warnings.push(...own.warnings(texts()))
      if (media.copies === 0) return
      state.warnings.push(
        `${countText(media.copies, 'file')} that only private posts name ${media.copies === 1 ? 'is' : 'are'} not in the public output. To keep one there, name it on a public page.`,
      )
    },
  }

  function* texts(): Generator<string> {
    for (const { text } of found.texts()) yield text
  }
}
