import { isRecord } from '../web/record.ts'
import { posix } from 'node:path'

/** What a source says of its own address. */
export interface AddressData {
  readonly permalink?: unknown
  readonly title?: string
}

const TEMPLATE_EXTENSION = /(?:\.11ty)?\.[a-z0-9]+$/i
const DATE = /\d{4}-\d{2}-\d{2}-(.*)/
const EXPRESSION = /\{\{-?\s*([^{}]*?)\s*-?\}\}/g
const INDEX = 'index.html'

/**
 * Output paths that a source has when no plugin gives it another: what Eleventy would choose from the
 * file's name, with and without its date; the file itself, had it been copied; and a `permalink`
 * that can be read without running anything.
 *
 * @see [Eleventy, Permalinks](https://www.11ty.dev/docs/permalinks/)
 */
export function naturalPaths(path: string, input: string, data: AddressData = {}): string[] {
  const below = belowInput(path, input)
  const { dir, base } = posix.parse(below)
  const name = base.replace(TEMPLATE_EXTENSION, '')
  const paths = [below, ...[name, stripDate(name)].flatMap((slug) => pathsOf(dir, slug))]
  const permalink = permalinkPath(data, dir, stripDate(name))
  return [...new Set(permalink === undefined ? paths : [...paths, permalink])]
}

/** The path below the input folder, as Eleventy counts it. */
export function belowInput(path: string, input: string): string {
  const folder = posix.normalize(`${input}/`).replace(/^\.\//, '')
  return path.startsWith(folder) ? path.slice(folder.length) : path
}

function pathsOf(dir: string, slug: string): string[] {
  if (slug === 'index') return [posix.join(dir, INDEX)]
  const paths = [posix.join(dir, slug, INDEX), posix.join(dir, `${slug}.html`)]
  // Eleventy writes `dinner/dinner.md` to `dinner/index.html`.
  return posix.basename(dir) === slug ? [...paths, posix.join(dir, INDEX)] : paths
}

function permalinkPath({ permalink, title }: AddressData, dir: string, slug: string) {
  const link = isRecord(permalink) ? permalink['build'] : permalink
  if (typeof link !== 'string' || link.trim() === '') return undefined
  const fileSlug = slug === 'index' ? stripDate(posix.basename(dir)) : slug
  const path = link.trim().replace(EXPRESSION, (whole, expression: string) => {
    const [variable = '', ...filters] = expression.split('|').map((part) => part.trim())
    if (filters.length === 0 && variable === 'page.fileSlug') return fileSlug
    if (filters.length === 0 && variable === 'page.filePathStem') return `/${posix.join(dir, slug)}`
    const isSlugged = filters.length === 1 && /^slug(ify)?$/.test(filters[0] ?? '')
    return variable === 'title' && isSlugged && title !== undefined ? slugify(title) : whole
  })
  if (/\{[{%]|<%|\$\{/.test(path)) return undefined
  return posix.join(path.endsWith('/') ? `${path}${INDEX}` : path).replace(/^(\.?\/)+/, '')
}

/** A title as Eleventy's `slugify` writes it. */
export function slugify(text: string): string {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return plain.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '')
}

function stripDate(name: string): string {
  return DATE.exec(name)?.[1] ?? name
}
