import { isRecord } from './natural-path.ts'
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

export function textOfArrived(
  { dataOf }: ArrivedData,
  templates: readonly string[],
  keys: ReadonlySet<string>,
  names: ReadonlySet<string>,
): string {
  const texts = new Set<string>()
  const isGlobal = (key: string) => keys.has(key) || ELEVENTYS_KEYS.includes(key)
  let global: Readonly<Record<string, unknown>> | undefined
  for (const path of templates) {
    const data = dataOf(path)
    if (!data) continue
    global ??= data
    for (const [key, value] of Object.entries(data)) {
      if (!isGlobal(key)) for (const text of textsOf(value)) texts.add(text)
    }
  }
  for (const name of names) {
    for (const text of textsOf(valueAt(global, name.split('.')))) texts.add(text)
  }
  return [...texts].join('\n')
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
