import matter from 'gray-matter'
import { load } from 'js-yaml'
import type { FrontMatter } from './visibility.ts'
import { isRecord } from '../web/record.ts'

/** What can be known of a file without running any of its code. */
export interface SourceData {
  /** `undefined`: there is something that cannot be read, so nothing may be assumed. */
  readonly data: FrontMatter | undefined
  /** The text without its front matter. */
  readonly body: string
}

const SCRIPT = /\.[cm]?[jt]sx?$/
const FENCES = ['---', '+++', ';;;']
const NAMING = ['audience', 'recipients']
const ADDRESSES = /\[?\s*["'`](?:https?:|mailto:|[^\s"'`@]+@)/
const COMMENTS = /\/\*[^]*?\*\/|(?<=^|\s)(?:\/\/|#).*$/gm

/** Reads a template: its front matter, or, for a script, what its text says of it. */
export function readTemplate(path: string, text: string): SourceData {
  if (SCRIPT.test(path)) return { data: readScript(text), body: text }
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

export function isScript(path: string): boolean {
  return SCRIPT.test(path)
}

/** A key that decides who may read, in the text of a script whose data do not have it. */
export function findUnreadInScript(text: string, data: FrontMatter): string | undefined {
  const said = readScript(text)
  const key = ['visibility', 'private'].find((name) => Object.hasOwn(said, name))
  if (key !== undefined) return isSaid(data) ? undefined : key
  const people = NAMING.find(
    (name) => valueOf(text.replace(COMMENTS, ''), name, ADDRESSES, 0) !== undefined,
  )
  return isSaid(data) ? undefined : people
}

/** Reads a data file that stands beside templates. */
export function readDataFile(path: string, text: string): FrontMatter | undefined {
  if (SCRIPT.test(path)) return readScript(text)
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

function isSaid(data: FrontMatter): boolean {
  return ['visibility', 'private', 'audience', 'recipients'].some((key) => Object.hasOwn(data, key))
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

/**
 * What the text of a script, or of front matter in a language that we do not speak, says of itself.
 * No code is run. It fails closed: a line that may make the post private does.
 */
function readScript(source: string): FrontMatter {
  const text = source.replace(COMMENTS, '')
  const visibility = valueOf(text, 'visibility', /.*\b(private|unlisted)\b/i)
  const title = valueOf(text, 'title', /(["'`])((?:[^\\\n]|\\.)*?)\1/, 2)
  const permalink = valueOf(text, 'permalink', /(["'`])((?:[^\\\n]|\\.)*?)\1/, 2)
  const tags = valueOf(text, 'tags', /(\[[^\]]*\]|["'][^"'\n]*["'])/)
  return {
    ...(visibility === undefined ? {} : { visibility: visibility.toLowerCase() }),
    ...(valueOf(text, 'private', /(true|!0)\b/) === undefined ? {} : { private: true }),
    ...(NAMING.every((key) => valueOf(text, key, /(?!["'`]public["'`])(\S)/) === undefined)
      ? {}
      : { audience: '(not read)' }),
    ...(valueOf(text, 'access', /["'`]?(gate)\b/) === undefined ? {} : { access: 'gate' }),
    ...(title === undefined ? {} : { title }),
    ...(permalink === undefined ? unreadPermalink(text) : { permalink }),
    ...(tags === undefined
      ? {}
      : { tags: [...tags.matchAll(/["'`]([^"'`]+)["'`]/g)].map(([, tag = '']) => tag) }),
  }
}

/** A permalink that a program makes is like one in template syntax: what it becomes, only a build knows. */
function unreadPermalink(text: string): FrontMatter {
  return /\bpermalink["'`]?\s*(?::|\(|=(?![=>]))/.test(text)
    ? { permalink: '{{ (not read) }}' }
    : {}
}

/** `key: value`, `key = value`, `"key": value`, `exports.key = value`; a comparison (`===`) is none. */
function valueOf(text: string, key: string, value: RegExp, group = 1): string | undefined {
  const assignment = `(?<![\\w-])(?<!(?<!\\bexports)\\.)["'\`]?${key}["'\`]?\\s*(?::|=(?![=>]))[^\\S\\n]*${value.source}`
  return new RegExp(assignment, value.flags).exec(text)?.[group]
}
