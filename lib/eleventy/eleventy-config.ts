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
  addTransform(name: string, callback: Transform): void
  addFilter(name: string, callback: (value: unknown) => unknown): void
  addGlobalData(name: string, value: () => unknown): void
  addWatchTarget(target: string): void
  getFilter(name: string): ((value: string) => string) | undefined
  getCollections(): Readonly<Record<string, unknown>>
  setEventEmitterMode(mode: 'sequential'): void
  on(event: string, listener: (argument: never) => unknown): void
  readonly events: {
    prependListener(event: string, listener: (argument: never) => unknown): void
    removeListener(event: string, listener: (argument: never) => unknown): void
  }
  readonly watchIgnores: { add(path: string): void }
  readonly ignores: { add(path: string): void }
  readonly logger?: EleventyLogger
}

/** `eleventy.config`: holds what Eleventy made of its own, the site's and all plugins' settings. */
export interface TemplateConfig {
  getConfig(): MergedConfig
}

export interface MergedConfig {
  /** They run in the order of the keys. */
  readonly transforms: Record<string, unknown>
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
  }
  collections?: Record<string, unknown>
}

type Transform = (
  this: { readonly page: { readonly inputPath: string; readonly url: string | false } },
  content: unknown,
) => unknown

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
}

/** `eleventy.contentMap`: where each template's pages are published. */
export interface ContentMap {
  readonly inputPathToUrl: Readonly<Record<string, readonly (string | false)[]>>
}

/** `eleventy.passthrough`: sources of what is copied as it is, by their addresses. */
export interface PassthroughMap {
  readonly map: Readonly<Record<string, string>>
}

/** Input path as users know it. */
export function inputPathOf(path: string): string {
  return path.replace(/^(\.\/)+/, '')
}
