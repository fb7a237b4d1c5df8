import { ConfigurationError } from '../web/errors.ts'

/** An error in one post: where it stands, what stands there, what is wrong with it, what to do. */
export function postError(
  path: string,
  key: string,
  value: unknown,
  { problem, remedy }: { readonly problem: string; readonly remedy: string },
): ConfigurationError {
  return new ConfigurationError(`${path}: ${key}: ${show(value)}: ${problem}. To do: ${remedy}.`)
}

function show(value: unknown): string {
  const text = value instanceof Date ? String(value) : JSON.stringify(value)
  return text === undefined ? '(nothing)' : text
}
