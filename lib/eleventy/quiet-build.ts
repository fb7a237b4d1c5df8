/**
 * Keeps what posts say out of the logs of a build, which others may read.
 *
 * 1. {@link quietLog} – Eleventy's own lines about private files
 * 2. {@link quietErrors} – errors, which template languages fill with the text that they stumbled over
 * 3. {@link quietDebug} – what Eleventy prints when `DEBUG` is set
 * 4. {@link quietLogFilter} – the filter `log`
 *
 * What the site's own code writes to the console, nobody can tell apart.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { mayHoldWish } from '../post/privacy-wish.ts'
import { findUnread, HEAD_LENGTH } from '../post/raw-head.ts'
import { findUnreadInScript, isScript } from '../post/script-data.ts'
import type { BuildState } from './build-state.ts'
import { isNamedPrivate } from './named-private.ts'
import { inputPathOf, type EleventyConfig } from './eleventy-config.ts'
import { showsErrors, type PluginEnvironment } from './environment.ts'
import type { ResolvedOptions } from './options.ts'
import type { ErrorContext } from './private-error.ts'
import { quietDebug } from './quiet-debug.ts'
import { quietErrors } from './quiet-errors.ts'
import { ownLine, quietLog } from './quiet-log.ts'

/**
 * Sets it all up. On the author's own machine `PRIVATE_POSTS_SHOW_ERRORS` switches it off, but for the names
 * of files.
 *
 * @returns What is to be done when a build begins.
 */
export function keepQuiet(
  eleventyConfig: EleventyConfig,
  options: ResolvedOptions,
  environment: PluginEnvironment,
  state: () => BuildState | undefined,
): () => Promise<void> {
  const { logger } = eleventyConfig
  if (logger) quietLog(logger, state, options)
  const { DEBUG: debug } = environment.variables
  // Our own errors are printed once, whatever the author wants to see.
  if (showsErrors(environment)) return async () => void (logger && (await quietErrors(logger)))

  const print = (line: string) => environment.print(ownLine(line, 'yellow'))
  if (debug) quietDebug(print)
  quietLogFilter(eleventyConfig, state, print)
  return async () => {
    const context = () => errorContext(state(), options, environment)
    if (!logger || (await quietErrors(logger, context))) return
    print(
      'The site has another copy of Eleventy than this plugin: errors in private posts will quote their text. To do: install both into the same project (npm dedupe).',
    )
  }
}

/** The filter shows a value of the page that it is used on, or in whose layout. */
function quietLogFilter(
  eleventyConfig: EleventyConfig,
  state: () => BuildState | undefined,
  print: (line: string) => void,
): void {
  const log = eleventyConfig.getFilter('log')
  if (!log || log.constructor.name === 'AsyncFunction') return
  eleventyConfig.addFilter('log', function (this: unknown, value, ...more) {
    const path = pathOfPage(this)
    if (path === undefined || !state()?.posts.has(path)) return log.call(this, value, ...more)
    print(`${path}: what the filter "log" was to print is not shown, because the post is private.`)
    return value
  })
}

function pathOfPage(filter: unknown): string | undefined {
  const { page } = Object(filter) as { page?: { inputPath?: unknown } }
  return typeof page?.inputPath === 'string' ? inputPathOf(page.inputPath) : undefined
}

function errorContext(
  state: BuildState | undefined,
  options: ResolvedOptions,
  { cwd }: PluginEnvironment,
): ErrorContext | undefined {
  if (!state) return undefined
  const { input } = state.event.directories
  const readSource = (path: string) => {
    const file = join(cwd, path)
    return existsSync(file) && extname(file) !== '' ? readFileSync(file, 'utf8') : undefined
  }
  const isPrivate = (path: string) =>
    state.posts.has(path) ||
    isNamedPrivate(path, input, options.posts) ||
    (!state.publicPosts.has(path) && hasPrivacyWord(path, readSource(path) ?? ''))
  return {
    cwd,
    privatePaths: [...state.posts.keys()],
    readSource,
    mayBePrivate: (path) => isPrivate(path) || (isDataFile(path) && hasPrivateFile(dirname(path))),
  }

  /** Data of a folder are data of the posts in it. */
  function hasPrivateFile(folder: string): boolean {
    if (!existsSync(join(cwd, folder))) return false
    return readdirSync(join(cwd, folder), { withFileTypes: true }).some((entry) =>
      entry.isFile() ? isPrivate(join(folder, entry.name)) : false,
    )
  }
}

function isDataFile(path: string): boolean {
  return /\.11tydata\.\w+$|\.(?:json|ya?ml|toml)$/.test(path)
}

/** Fails closed: front matter that cannot be read decides nothing, and may have said that the post is private. */
function hasPrivacyWord(path: string, source: string): boolean {
  const text = source.slice(0, HEAD_LENGTH)
  if (isScript(path)) return findUnreadInScript(source, {}) !== undefined || mayHoldWish(text)
  const [head = ''] = isDataFile(path) ? [text] : (/^\s*---[^]*?(?:\n---|$)/.exec(text) ?? [])
  return mayHoldWish(head) || findUnread(text, {}) !== undefined
}
