import type { BundleManager } from './bundle-pages.ts'
import type { FrontMatter } from '../post/visibility.ts'

/**
 * The part of Eleventy's configuration that the plugin uses. Eleventy 3.1 ships no declarations, and
 * this list is also what has to be looked at when a new version of it comes.
 */
export interface EleventyConfig {
  versionCheck(range: string): void
  addPreprocessor(
    name: string,
    extensions: string,
    callback: (data: CascadeData, content: unknown) => unknown,
  ): void
  /** Those that were added so far, by name. */
  readonly preprocessors?: Readonly<Record<string, unknown>>
  addFilter(
    name: string,
    callback: (this: unknown, value: unknown, ...more: readonly unknown[]) => unknown,
  ): void
  addGlobalData(name: string, value: () => unknown): void
  addWatchTarget(target: string): void
  getFilter(name: string): ((value: unknown, ...more: readonly unknown[]) => unknown) | undefined
  getCollections(): Readonly<Record<string, unknown>>
  /** Of eleventy-plugin-bundle, where a site uses it. */
  getBundleManagers?(): Readonly<Record<string, BundleManager>>
  setEventEmitterMode(mode: 'sequential'): void
  on(event: string, listener: (argument: never) => unknown): void
  readonly events: EventListeners
  readonly watchIgnores: { add(path: string): void }
  readonly ignores: Iterable<string> & { add(path: string): void }
  readonly logger?: EleventyLogger
}

/** `eleventy.config`: holds what Eleventy made of its own, the site's and all plugins' settings. */
export interface TemplateConfig {
  getConfig(): MergedConfig
  readonly uses: DependencyGraph
}

export interface MergedConfig {
  /** They run in the order of the keys. */
  preprocessors: Record<string, Preprocessor>
  readonly keys: { readonly layout: string; readonly dataSchema: string }
  readonly globalData?: Readonly<Record<string, unknown>>
  /** What `addTemplate` added, by the path below the input folder. */
  readonly virtualTemplates?: Readonly<Record<string, { readonly content?: unknown }>>
  /** By what is copied as it is: a file, a folder or a glob. */
  readonly passthroughCopies?: Readonly<Record<string, unknown>>
  readonly templateFormats?: readonly string[]
  readonly dataFileSuffixes?: readonly string[]
  readonly dataFileDirBaseNameOverride?: string | false
  readonly frontMatterParsingOptions?: FrontMatterOptions
}

/** As gray-matter takes them. */
interface FrontMatterOptions {
  readonly delimiters?: string | readonly string[]
  readonly delims?: string | readonly string[]
  readonly language?: string
  readonly lang?: string
}

interface Preprocessor {
  readonly filter: string | readonly string[]
  readonly callback: (data: CascadeData, content: unknown) => unknown
}

type AddRelation = (path: string, ...rest: unknown[]) => void

/** Which template uses which file, and which comes after which: the same object in every build. */
export interface DependencyGraph {
  getTemplateOrder(): string[]
  setCollectionApiNames(names: readonly string[]): void
  initializeUserConfigurationApiCollections?(): void
  addNewNodeRelationships?: AddRelation
  addDependencyConsumesCollection?: AddRelation
  addDependencyPublishesToCollection?: AddRelation
  addDependency?: AddRelation
}

/** A template of a build, with what Eleventy has merged for it. */
export interface MapEntry {
  readonly inputPath: string
  readonly data: CascadeData
  readonly template: Template
  /** Its pages, once their addresses are known. */
  readonly _pages?: readonly { readonly url?: string | false; readonly data: CascadeData }[]
}

export interface Template {
  readonly isDryRun: boolean
  /** Set when an incremental build decided on `isDryRun`. */
  readonly isIncremental?: boolean
  /** Whether this build renders it: an incremental build leaves out what has not changed. */
  isRenderable(): boolean
  getTemplates(data: CascadeData): Promise<readonly PageEntry[]>
  resolveRemainingComputedData(data: CascadeData): Promise<void>
  renderPageEntryWithoutLayout(page: PageEntry): Promise<unknown>
  renderPageEntry(page: PageEntry): Promise<unknown>
  getLayout(key: unknown): { getLayoutChain(): Promise<readonly string[]> }
  getTemplateRender(): Promise<unknown>
  /** Where the template's page is to be written. */
  _getLink(data: LinkData): Promise<PageLink>
}

/** The data that a permalink is rendered with. */
export interface LinkData {
  readonly page?: { readonly inputPath?: string }
  readonly pagination?: unknown
}

/** A rendered `permalink`. */
export interface PageLink {
  toOutputPath(): string | false
}

/** One page of a template; a template that paginates has several. */
export interface PageEntry {
  readonly template: Template
  readonly data: CascadeData
  templateContent: unknown
}

export interface EleventyLogger {
  overrideLogger(logger: ConsoleLike | undefined): void
  readonly logger: ConsoleLike
}

type ConsoleLike = Record<'log' | 'warn' | 'error' | 'info', (...parts: unknown[]) => void>

/** A template's data as a preprocessor gets it: writable, everything merged, nothing computed. */
export type CascadeData = FrontMatter & {
  [key: string | symbol]: unknown
  readonly page: {
    readonly inputPath: string
    readonly fileSlug?: string
    /** Path below the input folder without the extension, with a leading slash. */
    readonly filePathStem?: string
    readonly url?: string | false
  }
  collections?: Record<string, unknown>
}

/** What `eleventy.before` and `eleventy.after` tell. */
export interface BuildEvent {
  readonly directories: {
    readonly input: string
    readonly output: string
    readonly includes?: string
    readonly data?: string
  }
  readonly outputMode: 'fs' | 'json' | 'ndjson'
  readonly runMode: 'build' | 'watch' | 'serve'
  readonly incremental: boolean
}

export interface AfterEvent extends BuildEvent {
  readonly results: BuildResult[]
}

/** One page that Eleventy wrote. */
export interface BuildResult {
  readonly inputPath: string
  readonly outputPath: string | false
  readonly url: string | false
  /** What Eleventy wrote. */
  readonly content?: unknown
  /** The source without its front matter. */
  readonly rawInput?: unknown
}

/** `eleventy.contentMap`: where each template's pages are published. */
export interface ContentMap {
  readonly inputPathToUrl: Record<string, readonly (string | false)[]>
}

type Listener = (argument: never) => unknown

export interface EventListeners {
  listeners(event: string): Listener[]
  on(event: string, listener: Listener): void
  prependListener(event: string, listener: Listener): void
  removeListener(event: string, listener: Listener): void
}

/** `eleventy.passthrough`: sources of what is copied as it is, by their addresses. */
export interface PassthroughMap {
  readonly map: Readonly<Record<string, string>>
}

/** Input path as users know it. */
export function inputPathOf(path: string): string {
  return path.replace(/^(\.\/)+/, '')
}

/** The path of the site on its host, as Eleventy's own filter says it. */
export function pathPrefixOf(eleventyConfig: EleventyConfig): string {
  return String(eleventyConfig.getFilter('url')?.('/') ?? '/')
}
