import type { ParseArgsConfig } from 'node:util'
import { redactSecrets } from '../web/redaction.ts'
import { ConfigurationError, StoreError } from '../web/errors.ts'
import { canParseUrl } from '../web/parse-url.ts'

/**
 * What the process tells its caller.
 *
 * - 0 done · 1 our own fault, or something refused to be private · 2 wrong usage
 * - 3 some deliveries failed, or stay pending
 */
export type ExitCode = 0 | 1 | 2 | 3

/** Where a command writes. Standard output carries the result, standard error everything else. */
export interface Terminal {
  out(text: string): void
  error(text: string): void
  readonly isInteractive: boolean
}

/** Everything that a command may know of the world. */
export interface CommandContext {
  readonly cwd: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly terminal: Terminal
  readonly now: () => Date
  /** Asks for a line that nobody else may see: not shown while it is typed, or piped in. */
  readonly readSecret: (prompt: string) => Promise<string>
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal
}

export type Options = NonNullable<ParseArgsConfig['options']>

/** The values of the options that a command declares, all of them optional. */
export type OptionValues = Readonly<Record<string, string | boolean | string[] | undefined>>

export interface Command {
  readonly name: string
  /** One line for the overview. */
  readonly summary: string
  /** What stands behind the name in the usage line. */
  readonly parameters: string
  /** One line for each option, without the common ones. */
  readonly help: readonly string[]
  readonly options: Options
  run(
    input: { readonly positionals: readonly string[]; readonly values: OptionValues },
    context: CommandContext,
  ): Promise<ExitCode>
}

/** The user called the command wrongly. Ends the process with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** One option as text. */
export function textOption(values: OptionValues, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

/** One option as a URL with a trailing slash, so that paths can be resolved below it. */
export function urlOption(values: OptionValues, name: string): URL | undefined {
  const text = textOption(values, name)
  if (text === undefined) return undefined
  const isWeb = /^https?:\/\//i.test(text) && canParseUrl(text)
  if (!isWeb)
    throw new UsageError(
      `--${name}: "${redactSecrets(text)}" is not a URL such as https://alice.example`,
    )
  const url = new URL(text)
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

/** Errors whose message is meant for the user; everything else is a fault of ours. */
export function isExpected(error: unknown): error is Error {
  return (
    error instanceof ConfigurationError ||
    error instanceof UsageError ||
    error instanceof StoreError
  )
}
