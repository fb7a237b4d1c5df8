import { isRecord } from '../web/record.ts'
import { isPlain } from './private-values.ts'

/** What a build knows of the data of its templates. */
export interface ArrivedData {
  /** Keys of global data, from files and from the configuration. */
  readonly keys: ReadonlySet<string>
  /** A template's data, global data included. */
  readonly dataOf: (path: string) => Readonly<Record<string, unknown>> | undefined
  /** Data that are public whether or not a template names them. */
  readonly named: readonly string[]
}

/** Keys that Eleventy gives every template. */
const ELEVENTYS_KEYS = ['page', 'eleventy', 'pkg', 'collections', 'pagination', 'eleventyComputed']
/** Far more than anybody writes into data by hand. */
const MOST_VALUES = 2_000
const DEEPEST = 8

/** The values of a file's data that published templates name; all of its text, if it is no JSON. */
export function textOfData(
  path: string,
  text: string,
  key: string,
  names: ReadonlySet<string>,
): string {
  if (text === '' || !path.endsWith('.json')) return text
  try {
    const data: unknown = JSON.parse(text)
    return [...names]
      .flatMap((name) => {
        if (isWithin(key, name)) return textsOf(data)
        return isWithin(name, key) ? textsOf(valueAt(data, restOf(name, key))) : []
      })
      .join('\n')
  } catch {
    // What cannot be parsed brings nothing into a page.
    return ''
  }
}

/** Texts of the data that arrived in published templates. */
export interface TextsOfData {
  /** Global data that templates name, and own data whose key some template names. */
  readonly named: string
  /** Other data of each template: only its own page may print them. */
  readonly own: ReadonlyMap<string, string>
  /** What programs that read files gave to each template. */
  readonly copied: ReadonlyMap<string, string>
}

/** Which data of templates are whose. */
export interface KeysOfData {
  readonly isGlobal: (key: string) => boolean
  readonly isNamed: (key: string) => boolean
  /** Whether a program that reads files gave it. */
  readonly isCopied: (path: string, key: string, value: unknown) => boolean
}

/** What the data of templates say: front matter, data of folders, computed data. */
export function textsOfTemplates(
  dataOf: (path: string) => Readonly<Record<string, unknown>> | undefined,
  templates: readonly string[],
  { isGlobal, isNamed, isCopied }: KeysOfData,
): TextsOfData {
  const named = new Set<string>()
  const own = new Map<string, string>()
  const copied = new Map<string, string>()
  for (const path of templates) {
    const unnamed = new Set<string>()
    const read: string[] = []
    for (const [key, value] of Object.entries(dataOf(path) ?? {})) {
      if (isGlobal(key)) continue
      if (isCopied(path, key, value)) read.push(...textsOf(value))
      else for (const text of textsOf(value)) (isNamed(key) ? named : unnamed).add(text)
    }
    if (read.length > 0) copied.set(path, read.join('\n'))
    if (unnamed.size > 0) own.set(path, [...unnamed].join('\n'))
  }
  return { named: [...named].join('\n'), own, copied }
}

/** What global data say under the names that templates use. */
export function textOfGlobal(
  { dataOf }: ArrivedData,
  templates: readonly string[],
  names: readonly string[],
): string {
  const global = templates.map((path) => dataOf(path)).find((data) => data !== undefined)
  const texts = names.flatMap((name) => textsOf(valueAt(global, name.split('.'))))
  return [...new Set(texts)].join('\n')
}

/** Whether a key is one that all templates have: of global data, or of Eleventy's own. */
export function isGlobalKey(key: string, keys: ReadonlySet<string>): boolean {
  return keys.has(key) || ELEVENTYS_KEYS.includes(key)
}

/** The value under a path of names, or the last one on the way that is no mapping. */
function valueAt(data: unknown, path: readonly string[]): unknown {
  let value = data
  for (const name of path) {
    if (!isRecord(value)) return value
    if (!Object.hasOwn(value, name)) return undefined
    value = value[name]
  }
  return value
}

/** All texts within a value. Objects of a program, such as pages of a collection, are none of the author's. */
function textsOf(value: unknown): string[] {
  const texts: string[] = []
  const walk = (part: unknown, depth: number): void => {
    if (texts.length >= MOST_VALUES || depth > DEEPEST) return
    if (typeof part === 'string' || typeof part === 'number') texts.push(String(part))
    else if (Array.isArray(part)) part.forEach((item) => walk(item, depth + 1))
    else if (isPlain(part)) {
      for (const [key, item] of Object.entries(part)) {
        if (typeof item === 'object' && item !== null) texts.push(key)
        walk(item, depth + 1)
      }
    }
  }
  walk(value, 0)
  return texts
}

/** Whether a dotted path of names leads to `key` or below. */
export function isWithin(name: string, key: string): boolean {
  return name === key || name.startsWith(`${key}.`)
}

/** The names behind `key`. */
function restOf(name: string, key: string): string[] {
  return name
    .slice(key.length + 1)
    .split('.')
    .filter(Boolean)
}
