import type { PrivatePost } from '../post/post.ts'
import { createPlaceholders, type Placeholders } from './placeholder.ts'
import type { BuildEvent, CascadeData, MapEntry } from './eleventy-config.ts'
import type { MarkedPage } from './mark-page.ts'

/** A private post in the course of one build. */
export interface BuiltPost {
  readonly number: number
  readonly post: PrivatePost
  /** Its source without the front matter. */
  readonly body: string
  /** The data that Eleventy has merged for it. */
  readonly data: Readonly<Record<string, unknown>>
  /** Output paths that it would have if it were public. */
  readonly naturalPaths: Set<string>
  /** What its front matter and data say of it besides: a place, guests. */
  readonly values: readonly string[]
  /** What it was rendered to, by the path below its capability URL: '' is the page itself. */
  readonly pages: Map<string, MarkedPage>
  /** Files that other plugins put beside the page, by the path below its capability URL. */
  readonly files: Map<string, Buffer>
}

/** What is known of the build under way. Made anew for each one. */
export interface BuildState {
  readonly event: BuildEvent
  readonly placeholders: Placeholders
  /** By input path. */
  readonly posts: Map<string, BuiltPost>
  /** Input paths by the numbers of the posts. */
  readonly paths: Map<number, string>
  /** Public templates by input path, with the URL path of their first page, `''` if they have none. */
  readonly publicPosts: Map<string, string>
  /** What the data of the site's home page call the address of the site. */
  readonly siteAddresses: Set<string>
  /** Data of a public template: what it has in common with a private one is the site's. */
  publicData: Readonly<Record<string, unknown>> | undefined
  /** Sources of passthrough copies, by their path below the output folder. */
  readonly copies: ReadonlyMap<string, string>
  /** Files that plugins made and that were taken out of the output, as long as this process lives. */
  readonly withheld: Map<string, Buffer | undefined>
  /** Files that were written while private pages were built, by their path below the output folder. */
  readonly made: Set<string>
  /** Input paths of private posts that have no page, because their author wants none. */
  readonly drafts: Set<string>
  /** Public templates by input path that call themselves drafts, or not published. */
  readonly publicDrafts: Map<string, 'draft' | 'unpublished'>
  /** Keys of the data of the whole site, once somebody asks. */
  globalKeys?: ReadonlySet<string>
  /** Data of templates that could be judged when they were looked at. */
  readonly lookedAt: WeakSet<CascadeData>
  /** Data of public templates by input path. When the build is done, what was computed is among them. */
  readonly templateData: Map<string, CascadeData>
  /** Everything that stops the build, collected so that the author sees it all at once. */
  readonly problems: string[]
  /** What the author should know; the build goes on. */
  readonly warnings: string[]
  /** Private templates as Eleventy knows them, left out of what it builds; `undefined` until they are. */
  held: readonly MapEntry[] | undefined
  /** The templates that it does build. */
  built: readonly MapEntry[]
  /** Whether Eleventy is done with the public pages: private ones come after them. */
  isPublicSiteBuilt: boolean
  /** Whether this build writes to disk: a dry run and one to JSON do not. */
  isWritten: boolean
}

/** @param kept What one build leaves to the next one of the same process. */
export function createBuildState(
  event: BuildEvent,
  kept: Pick<BuildState, 'copies' | 'withheld'>,
): BuildState {
  return {
    event,
    placeholders: createPlaceholders(),
    posts: new Map(),
    paths: new Map(),
    publicPosts: new Map(),
    publicDrafts: new Map(),
    siteAddresses: new Set(),
    publicData: undefined,
    ...kept,
    made: new Set(),
    drafts: new Set(),
    lookedAt: new WeakSet(),
    templateData: new Map(),
    problems: [],
    warnings: [],
    held: undefined,
    built: [],
    isPublicSiteBuilt: false,
    isWritten: event.outputMode === 'fs',
  }
}
