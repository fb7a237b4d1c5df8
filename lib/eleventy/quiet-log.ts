import { styleText } from 'node:util'
import { redactSecrets } from '../web/redaction.ts'
import type { BuildState } from './build-state.ts'
import { isNamedPrivate } from './named-private.ts'
import { inputPathOf, type EleventyLogger } from './eleventy-config.ts'
import type { PluginEnvironment } from './environment.ts'
import type { ResolvedOptions } from './options.ts'

const METHODS = ['log', 'info', 'warn', 'error'] as const

/**
 * Keeps lines about private posts off the console: their file names tell what they are about, and
 * build logs are read by others. Eleventy's own line for each written page is replaced by a count.
 */
export function quietLog(
  logger: EleventyLogger,
  state: () => BuildState | undefined,
  { posts: globs, prefix }: Pick<ResolvedOptions, 'posts' | 'prefix'>,
): void {
  const console = logger.logger
  const isPrivate = (parts: readonly unknown[]) => {
    const build = state()
    return build !== undefined && parts.some((part) => mentions(String(part), build, globs))
  }
  const quiet = Object.fromEntries(
    METHODS.map((method) => [
      method,
      (...parts: unknown[]) => {
        if ((method === 'log' || method === 'info') && isPrivate(parts)) return
        console[method](...parts.map((part) => withoutTokens(part, prefix)))
      },
    ]),
  ) as Record<(typeof METHODS)[number], (...parts: unknown[]) => void>
  logger.overrideLogger(quiet)
}

/** An older output folder that is read as a source has tokens in the names of its files. */
function withoutTokens(part: unknown, prefix: string): unknown {
  if (typeof part !== 'string' || !part.includes(prefix)) return part
  const [first = '', ...rest] = part.split(prefix)
  return [first, ...rest.map(redactSecrets)].join(prefix)
}

/** One line of the plugin's own. */
export function ownLine(text: string, style: 'green' | 'yellow' = 'green'): string {
  return styleText(style, `[private-posts] ${text}`)
}

/** A line about a private page names its placeholder; one about a file beside it, that file. */
function mentions(line: string, build: BuildState, globs: readonly string[]): boolean {
  if (line.includes(build.placeholders.nonce)) return true
  const { input } = build.event.directories
  const paths = line.split(/[\s"'`]+/).filter((word) => word.includes('/'))
  return paths
    .map(inputPathOf)
    .some((path) => build.posts.has(path) || isNamedPrivate(path, input, globs))
}

/** Says what the author should know, each line once. */
export function printWarnings(
  warnings: readonly string[],
  { print }: Pick<PluginEnvironment, 'print'>,
): void {
  for (const warning of new Set(warnings)) print(ownLine(warning, 'yellow'))
}
