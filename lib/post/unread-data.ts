/**
 * Data files that do not reach the templates that they are meant for. Eleventy reads the data of a folder from a
 * file of the folder's name, and passes over everything else without a message: `posts.yaml` in a site without
 * that extension, `post.json` in the folder `posts`, a list in the place of a mapping.
 *
 * 1. {@link mayHoldData} – files that somebody may have taken for a data file
 * 2. `meantTemplates` (data-file-scope.ts) – the templates that such a file is meant for
 * 3. {@link findUnreadData} – those whose word reaches a public template by no way
 *
 * @see [Eleventy, Template and directory data files](https://www.11ty.dev/docs/data-template-dir/)
 * @module
 */
import { posix } from 'node:path'
import { load } from 'js-yaml'
import { meantTemplates, type DataNaming, type DataScope } from './data-file-scope.ts'
import { LINE_END } from './head-lines.ts'
import { foldWord } from './look-alikes.ts'
import { isRecord } from '../web/record.ts'
import { findWish, readLoosely } from './privacy-wish.ts'
import { findUnreadInScript, isScript } from './script-data.ts'
import type { FrontMatter } from './visibility.ts'

/** A template, as far as the data of others matter to it. */
export interface DataReader {
  readonly path: string
  readonly isPublic: boolean
  /** `undefined`: not known, so nothing may be assumed. */
  readonly data: FrontMatter | undefined
}

/** A file that may hold data of templates. */
export interface DataFile {
  readonly path: string
  readonly text: string
  /** Whether Eleventy has read it for some template. */
  readonly isRead: boolean
  /** Whether it has another use: it is copied into the output, or a script of the site names it. */
  isUsed(): boolean
}

/** What a data file says of readers, and no template gets. */
export interface UnreadData {
  readonly path: string
  /** Counted from 1. */
  readonly line: number
  /** One sentence for the author, with the remedy. */
  readonly sentence: string
}

export interface UnreadDataRules {
  /** Names of the groups that the site's options know. */
  readonly groups?: readonly string[]
  readonly naming?: DataNaming
}

interface Fault {
  /** Empty where the file as a whole is no data. */
  readonly key: string
  readonly why: string
}

const DATA =
  /\.(?:json[c5]?|ya?ml|toml)(?:\.txt)?$|\.11tydata(?:\.[^./]+)?$|^[^.]+\.[cm]?[jt]s$|(?:^|\.)(?:json|ya?ml)\.(?:md|markdown|html)$/i
/** Of tools. `package.json` and its like say `"private": true` of something else. */
const OF_TOOLS =
  /^(?:package|package-lock|npm-shrinkwrap|composer|bower|lerna|nx|turbo|deno|jsr|vercel|now|firebase|manifest|renovate|netlify|wrangler|fly|render|docker-compose|pnpm-[\w-]+|[tj]sconfig[\w.-]*)\.[a-z0-9]+$|\.config\.[cm]?[jt]s$|^\.(?!json$|ya?ml$|toml$|11tydata\.)/i
/** Deeper than any data of posts are. */
const DEEPEST = 3
const NOT_READ = 'Eleventy does not read this file'

/** Whether a file of this name may have been taken for a data file. */
export function mayHoldData(path: string): boolean {
  const name = posix.basename(path)
  return DATA.test(name) && !OF_TOOLS.test(name)
}

/**
 * Finds data files that say who may read, where a public template that they are meant for does not hear it.
 *
 * @param files Those for which {@link mayHoldData} holds.
 */
export function findUnreadData(
  files: readonly DataFile[],
  templates: readonly DataReader[],
  { groups = [], naming }: UnreadDataRules = {},
): UnreadData[] {
  return files.flatMap((file) => {
    const scope = meantTemplates(file.path, templates, naming)
    const readers = scope.templates.filter(({ isPublic, data }) => isPublic && !isSaid(data))
    if (readers.length === 0) return []
    const fault = isScript(file.path)
      ? findInScript(file, scope, readers)
      : findInData(file, scope, readers, groups)
    if (!fault) return []
    const line = lineOf(file.text, fault.key)
    return [{ path: file.path, line, sentence: describe(file, line, fault, scope) }]
  })
}

/** Whether the text of a script names the file, and so uses it. */
export function namesFile(text: string, path: string): boolean {
  return ['/', '"', "'", '`'].some((before) => text.includes(before + posix.basename(path)))
}

function findInData(
  file: DataFile,
  { kind, isSure }: DataScope,
  readers: readonly DataReader[],
  groups: readonly string[],
): Fault | undefined {
  const { text, isRead } = file
  const value = parse(text)
  const isMapping = isRecord(value)
  const isLoose = kind === 'loose' && !isRead
  // A list that only lies there is one of other things.
  const records = isLoose && Array.isArray(value) ? [] : (value ?? readLoosely(text))
  const wishes = recordsIn(records, isLoose || (isRead && isMapping) ? 1 : DEEPEST)
    .map((record) => findWish(record, { groups, isLoose }))
    .filter((key) => key !== undefined)
  const key = wishes.find((name) => readers.some((reader) => !hasKey(reader.data, name)))
  // A list of people may say of each whether they are private, and have another use.
  const mayBeOther = !isSure || Array.isArray(value)
  if (key !== undefined && !(mayBeOther && file.isUsed())) {
    return { key, why: isRead ? `the file is ${nameOf(value, text)}` : NOT_READ }
  }
  if (!isRead || isMapping || file.isUsed()) return undefined
  return { key: '', why: `the file is ${nameOf(value, text)}` }
}

/** A script is not run: what its text says of readers must be among the data of those that it is meant for. */
function findInScript(
  file: DataFile,
  { kind }: DataScope,
  readers: readonly DataReader[],
): Fault | undefined {
  const { path, text, isRead } = file
  const isData = isRead || /\.11tydata\./i.test(path)
  if (!isData && kind === 'loose') return undefined
  if (isRead && text.trim() === '') return { key: '', why: 'the file is empty' }
  const [key] = readers.flatMap(({ data }) => findUnreadInScript(text, data ?? {}) ?? [])
  if (key === undefined || (!isData && file.isUsed())) return undefined
  return { key, why: isRead ? 'what the file exports does not have this key' : NOT_READ }
}

function describe(
  { path, isRead }: DataFile,
  line: number,
  { key, why }: Fault,
  { rightName }: DataScope,
): string {
  if (key === '') {
    return `${path}: Eleventy reads this file as data of posts, and finds none: ${why}. To do: write a mapping such as {"visibility": "private"} into it, or delete it.`
  }
  const remedy = isRead ? remedyInside(path) : remedyByName(path, rightName)
  return `${path}, line ${line}: "${key}" looks like data that say who may read, and does not reach the posts: ${why}. To do: ${remedy}. If it is about something else, rename the key or move the file.`
}

/** `{visibility:'private'}` is JSON5; for YAML, it is one key. */
const KEY_WITHOUT_SPACE = /([{,]\s*[\w-]+):(?=\S)/g

/** JSON or YAML; `undefined` for another format, and for one text, which may hold lines of `key: value`. */
function parse(text: string): unknown {
  const plain = text.replace(/^\uFEFF/, '')
  const value = attempt(() => JSON.parse(plain)) ?? attempt(() => load(spaced(plain)))
  return typeof value === 'object' && value !== null ? value : undefined
}

function spaced(text: string): string {
  return /^\s*\{/.test(text) ? text.replace(KEY_WITHOUT_SPACE, '$1: ') : text
}

function remedyInside(path: string): string {
  return isScript(path)
    ? 'export a mapping that has the key: export default { … }, or module.exports = { … }'
    : 'write one mapping, such as {"visibility": "private"}'
}

function remedyByName(path: string, rightName: string | undefined): string {
  if (rightName === undefined) {
    return 'write the key into the front matter of each post, or move the posts to a folder of their own'
  }
  const ending = path.startsWith(rightName) ? path.slice(rightName.length) : ''
  if (/^(?:\.11tydata)?\.json$|^\.11tydata\.[mc]?js$/.test(ending)) {
    return 'write the key into the front matter of the post, which lies elsewhere by a symbolic link'
  }
  if (isScript(path)) {
    const name = rightName.includes('.11tydata') ? rightName : `${rightName}.11tydata`
    return `call it ${name}.${/\.[mc]js$/.exec(path)?.[0].slice(1) ?? 'js'}, and write it as JavaScript`
  }
  const byFormat = /\.json$/i.test(path)
    ? ''
    : '; or teach Eleventy its format with "addDataExtension"'
  return `call it ${rightName}.json, and write it as JSON${byFormat}`
}

function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch {
    // It is in another format.
    return undefined
  }
}

function recordsIn(value: unknown, depth: number): FrontMatter[] {
  if (Array.isArray(value)) return value.flatMap((item) => recordsIn(item, depth))
  if (!isRecord(value)) return []
  const below = depth > 1 ? Object.values(value).flatMap((item) => recordsIn(item, depth - 1)) : []
  return [value, ...below]
}

/** Whether the author has said of this template itself who may read it. */
function isSaid(data: FrontMatter | undefined): boolean {
  return data === undefined || data['visibility'] !== undefined
}

function hasKey(data: FrontMatter = {}, key: string): boolean {
  return Object.keys(data).some((name) => foldWord(name) === foldWord(key))
}

function nameOf(value: unknown, text: string): string {
  if (Array.isArray(value)) return 'a list, and no mapping of keys'
  if (isRecord(value)) return 'read, and no post has the key'
  return text.trim() === '' ? 'empty' : 'one value, and no mapping of keys'
}

function lineOf(text: string, key: string): number {
  if (key === '') return 1
  return text.split(LINE_END).findIndex((line) => line.includes(key)) + 1 || 1
}
