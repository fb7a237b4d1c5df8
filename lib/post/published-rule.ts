import { posix } from 'node:path'
import { slugify } from './natural-path.ts'
import type { PublicTemplate } from './sources.ts'
import { escapePattern } from '../web/escape-pattern.ts'

/** Template syntax in a permalink: what it becomes, only a build knows. */
const EXPRESSION = /\{\{[^]*?\}\}|\{%[^]*?%\}|<%[^]*?%>|\$\{[^{}]*\}/g

export interface BuiltOutput {
  /** All files of the output. */
  readonly files: readonly string[]
  /** Files that a private post would have without the plugin: they are nobody else's. */
  readonly privatePaths: readonly string[]
  /** Where a template's page may lie besides. */
  readonly guess?: (path: string) => readonly string[]
}

/**
 * Makes the rule that tells, without running Eleventy, which templates have a page in the output: the
 * page lies where the template's name or its permalink says. A copy of the source itself is none.
 *
 * @returns The pages of a template, empty if there are none.
 */
export function createPageFinder(output: BuiltOutput): (template: PublicTemplate) => string[] {
  const privates = new Set(output.privatePaths)
  const files = new Set(output.files.filter((path) => !privates.has(path)))
  return ({ path, naturalPaths, data }) => {
    const permalink = permalinkOf(data)
    const copied = new Set([path, posix.basename(path)])
    const places = [...naturalPaths, ...(output.guess?.(path) ?? [])].filter(
      (place) => !copied.has(place) && posix.extname(place) !== '' && !isCopy(place, path),
    )
    const pages = places.filter((place) => files.has(place))
    if (pages.length > 0 || permalink === false || data?.['draft'] === true) return pages
    const pattern = patternOf(permalink, slugsOf(path, data), data?.['pagination'] !== undefined)
    return pattern === undefined ? [] : [...files].filter((file) => pattern.test(file)).slice(0, 1)
  }
}

/** The other way round: the pages of each source, by their sources. */
export function filesBySource(
  pages: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly string[]> {
  const files = new Map<string, string[]>()
  for (const [file, source] of pages) {
    const same = files.get(source)
    if (same) same.push(file)
    else files.set(source, [file])
  }
  return files
}

/** `notes/a.md` at `notes/a.md` was copied and not built; `a.html` may be either. */
function isCopy(place: string, path: string): boolean {
  const extension = posix.extname(path)
  return extension !== '.html' && extension !== '.htm' && posix.extname(place) === extension
}

function permalinkOf(data: PublicTemplate['data']): unknown {
  const computed = data?.['eleventyComputed']
  const permalink =
    typeof computed === 'object' && computed !== null && 'permalink' in computed
      ? computed.permalink
      : data?.['permalink']
  return permalink
}

/** A permalink with template syntax, as a pattern. A page that is the only one of its source has to name it. */
function patternOf(
  permalink: unknown,
  slugs: readonly [string, string?],
  isPaginated: boolean,
): RegExp | undefined {
  if (typeof permalink !== 'string') return undefined
  const [fileSlug] = slugs
  const named = permalink.replace(/\{\{-?\s*page\.fileSlug\s*-?\}\}/g, '\u0000').replace(/^\/+/, '')
  if (!/[{<$\u0000]/.test(named)) return undefined
  const fixed = named.replace(EXPRESSION, '\u0001')
  const parts = fixed.split(/([\u0000\u0001])/).map((part) => {
    if (part === '\u0000') return escapePattern(fileSlug)
    return part === '\u0001' ? '[^/]*(?:/[^/]*)*?' : escapePattern(part)
  })
  const end = fixed.endsWith('/') || !/\.\w+$/.test(fixed) ? '(?:/?index\\.html|\\.html)?' : ''
  const isNamed = fixed.includes('\u0000') || isPaginated
  const names = isNamed ? '' : `(?=${slugs.flatMap((slug) => segmentWith(slug)).join('|')})`
  return new RegExp(`^${names}${parts.join('')}${end}$`, 'i')
}

/** A short name has to be a whole segment of the path; a long one may have a date or a number beside it. */
function segmentWith(slug: string | undefined): string[] {
  if (slug === undefined) return []
  const edge = slug.length > 5 ? '[/_.-]' : '[/.]'
  return [`(?:.*${edge})?${escapePattern(slug)}(?:${edge}|$)`]
}

/** What the source is called in an address: by its file, and by its title. */
function slugsOf(path: string, data: PublicTemplate['data']): readonly [string, string?] {
  const name = posix.basename(path).replace(/(?:\.11ty)?\.[^.]+$/, '')
  const slug = name === 'index' ? posix.basename(posix.dirname(path)) : name
  const undated = slug.replace(/^\d{4}-\d{2}-\d{2}-/, '')
  const title = data?.['title']
  return typeof title === 'string' && slugify(title) !== '' ? [undated, slugify(title)] : [undated]
}
