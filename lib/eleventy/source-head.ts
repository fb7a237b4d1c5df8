import { closeSync, openSync, readSync } from 'node:fs'
import { posix } from 'node:path'
import { ConfigurationError } from '../web/errors.ts'
import { findUnread, HEAD_LENGTH, type HeadRules } from '../post/raw-head.ts'
import { findUnreadInScript, isScript } from '../post/script-data.ts'
import type { MergedConfig } from './eleventy-config.ts'
import type { FrontMatter } from '../post/visibility.ts'

const BUFFER = Buffer.alloc(HEAD_LENGTH)

/** The first bytes of a source, as text; `undefined` where there is no such file. */
export function readHead(file: string): string | undefined {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch {
    // A virtual template has no file.
    return undefined
  }
  try {
    return BUFFER.toString('utf8', 0, readSync(descriptor, BUFFER, 0, HEAD_LENGTH, 0))
  } finally {
    closeSync(descriptor)
  }
}

/** The source of a template or a layout that the site's configuration adds without a file. */
export function readVirtual(
  { virtualTemplates = {} }: Partial<MergedConfig> = {},
  input: string,
  path: string,
): string | undefined {
  const content = virtualTemplates[posix.relative(posix.join(input, '.'), path)]?.content
  return typeof content === 'string' ? content : undefined
}

/** How the site's configuration wants front matter to be written. */
export function headRulesOf({
  frontMatterParsingOptions = {},
}: Partial<MergedConfig> = {}): HeadRules {
  const { delimiters, delims, language, lang } = frontMatterParsingOptions
  const delimiter = [delims ?? delimiters ?? []].flat()[0]
  const spoken = language ?? lang
  return { ...(delimiter && { delimiter }), ...(spoken && { language: spoken.toLowerCase() }) }
}

/**
 * Compares the head of a source with the data that arrived.
 *
 * @param source The head; of a script, all of it.
 * @throws {ConfigurationError} where the author said who may read, and Eleventy did not read it.
 */
export function refuseUnread(
  path: string,
  source: string | undefined,
  data: FrontMatter,
  rules: HeadRules,
): void {
  const problem = describeUnread(path, source, data, rules)
  if (problem !== undefined) throw new ConfigurationError(problem)
}

/** What is wrong with the head of a source, as one line. */
export function describeUnread(
  path: string,
  source: string | undefined,
  data: FrontMatter,
  rules: HeadRules,
): string | undefined {
  if (source === undefined) return undefined
  if (isScript(path)) {
    const key = findUnreadInScript(source, data)
    if (key === undefined) return undefined
    return `${path}: "${key}" stands in the file, and is not among its data. To do: export it as part of "data", or say in "data" who may read the page: visibility: 'private' or 'public'.`
  }
  const unread = findUnread(source, data, rules)
  if (!unread) return undefined
  const { line, key, why } = unread
  const what =
    key === '' ? why : `"${key}" looks like front matter, and Eleventy does not read it: ${why}`
  return `${path}, line ${line}: ${what}. To do: let the file begin with a line of three hyphens ("---"), the lines "key: value", and another line of three hyphens. If it is an example in a text, put it into a block of code below a front matter of its own.`
}
