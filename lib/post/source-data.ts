import matter from 'gray-matter'
import { load } from 'js-yaml'
import { isScript, readScript } from './script-data.ts'
import type { FrontMatter } from './visibility.ts'
import { isRecord } from '../web/record.ts'

/** What can be known of a file without running any of its code. */
export interface SourceData {
  /** `undefined`: there is something that cannot be read, so nothing may be assumed. */
  readonly data: FrontMatter | undefined
  /** The text without its front matter. */
  readonly body: string
}

const FENCES = ['---', '+++', ';;;']
/** Reads a template: its front matter, or, for a script, what its text says of it. */
export function readTemplate(path: string, text: string): SourceData {
  if (isScript(path)) return { data: readScript(text), body: text }
  const plain = text.replace(/^\uFEFF/, '')
  const fence = FENCES.find((candidate) => plain.startsWith(candidate))
  if (fence === undefined) return { data: {}, body: plain }
  const language = /^.{3}([^\r\n]*)/.exec(plain)?.[1]?.trim().toLowerCase() ?? ''
  if (fence !== '---' || !['', 'yaml', 'yml', 'json'].includes(language)) {
    const end = plain.indexOf(`\n${fence}`, fence.length)
    if (end === -1) return { data: readScript(plain), body: plain }
    return { data: readScript(plain.slice(0, end)), body: plain.slice(end + fence.length + 1) }
  }
  return readFrontMatter(plain)
}

/** Reads a data file that stands beside templates. */
export function readDataFile(path: string, text: string): FrontMatter | undefined {
  if (isScript(path)) return readScript(text)
  const value = readDataValue(text)
  // fail closed because what the file says of privacy is not known
  return value === undefined ? undefined : asRecord(value)
}

/** JSON, of whatever shape; `undefined` where it cannot be read. */
export function readDataValue(text: string): unknown {
  try {
    return text.trim() === '' ? {} : JSON.parse(text)
  } catch {
    // It is told as absence: the caller decides what may be assumed.
    return undefined
  }
}

function readFrontMatter(text: string): SourceData {
  try {
    const { data, content } = matter(text, { engines: { yaml: parseYaml, json: parseJson } })
    return { data, body: content }
  } catch {
    // fail closed because what the front matter says of privacy is not known
    return { data: undefined, body: text }
  }
}

/** As Eleventy reads it: js-yaml 4, where gray-matter by itself brings version 3. */
function parseYaml(text: string): object {
  return asRecord(load(text))
}

function parseJson(text: string): object {
  return asRecord(JSON.parse(text))
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? Object.fromEntries(Object.entries(value)) : {}
}
