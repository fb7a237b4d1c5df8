import { redactSecrets } from '../web/redaction.ts'
import { PostError } from '../post/post-error.ts'
import { ConfigurationError } from '../web/errors.ts'

/** One error for everything that is wrong, so that the author has to build only once more. */
export function buildError(problems: readonly string[]): ConfigurationError {
  return new ConfigurationError([...new Set(problems)].join('\n'))
}

interface ProblemView {
  readonly readSource: (path: string) => string | undefined
  /** Whether the author wants to see values of private posts. */
  readonly isShown: boolean
}

/** What is wrong with one template waits for the others, so that the author sees it all at once. */
export function collectProblem(
  { problems }: { readonly problems: string[] },
  { readSource, isShown }: ProblemView,
  classify: () => false | undefined,
): false | undefined {
  try {
    return classify()
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const source = error instanceof PostError ? readSource(error.path) : undefined
    problems.push(
      error instanceof PostError && source !== undefined
        ? error.messageFor(source, isShown)
        : error.message,
    )
    return false
  }
}

/** @throws {ConfigurationError} with everything that was collected */
export function refuseProblems({ problems }: { readonly problems: readonly string[] }): void {
  if (problems.length > 0) throw buildError(problems)
}

/** An error of the file system names the file, and with it a capability URL: build logs are read by others. */
export function withoutTokens(error: unknown): unknown {
  if (!(error instanceof Error) || redactSecrets(error.message) === error.message) return error
  return buildError([
    `${redactSecrets(error.message)}. To do: see that the output folder may be written to, or delete it and build again.`,
  ])
}
