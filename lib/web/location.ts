import { canParseUrl } from './parse-url.ts'

/**
 * Resolves a `Location`, or `undefined` if there is none, or none that is a URL.
 *
 * A header arrives as Latin-1; what is not ASCII in a URL was meant as UTF-8.
 */
export function resolveLocation(
  { headers }: Pick<Response, 'headers'>,
  base: URL,
): URL | undefined {
  const location = headers.get('location')
  if (location === null) return undefined
  const reference = Buffer.from(location, 'latin1').toString('utf8')
  return canParseUrl(reference, base.href) ? new URL(reference, base) : undefined
}
