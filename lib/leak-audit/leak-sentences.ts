import { basename } from 'node:path'
import type { PublicSource } from './audit-input.ts'
import type { UnsearchablePost } from './evidence.ts'
import type { Finding, FindingKind } from './finding.ts'
import { addressOf, pathRuns } from './path-runs.ts'
import { countText } from '../web/count-text.ts'

/** What is known of where a leak may come from. */
export interface LeakOrigin {
  readonly published: readonly PublicSource[]
  readonly posts: readonly { readonly post: string; readonly naturalPaths: readonly string[] }[]
}

type Relation = 'links to' | 'quotes' | 'names' | 'holds'

const RELATIONS: Readonly<Record<FindingKind, Relation>> = {
  placeholder: 'links to',
  'natural-path': 'links to',
  'input-path': 'links to',
  slug: 'links to',
  sentence: 'quotes',
  terms: 'quotes',
  title: 'names',
  tag: 'names',
  value: 'names',
  recipient: 'names',
  number: 'names',
  token: 'holds',
  attachment: 'holds',
  media: 'holds',
  'foreign-secret': 'holds',
  'dead-link': 'holds',
  'gate-address': 'holds',
  'deploy-file': 'holds',
  'front-matter': 'holds',
}
/** The strongest first. */
const ORDER: readonly Relation[] = ['links to', 'quotes', 'names', 'holds']
/** What a kind is called where its name would say nothing. */
const IN_WORDS: Readonly<Partial<Record<FindingKind, string>>> = {
  placeholder: 'a link to the private post',
}
/** What is no word of a private post. */
const ALONE: readonly FindingKind[] = ['media', 'front-matter', 'foreign-secret']
/** A template that repeats what others say: a feed, an index, the page of a tag. */
const LISTS = /\bcollections?\b|\bpagination\b/
const MOST_NAMED = 4
/** More pages than this have one cause, which they share: a layout. */
const MOST_SOURCES = 3

/** Findings of one public source, or of files that no template wrote. */
interface Leak {
  readonly source: string | undefined
  readonly findings: Finding[]
}

/**
 * Says what leaks, for people: a line for each public source that tells of a private post, with the
 * places where it does, and never what stands there.
 */
export function describeLeaks(findings: readonly Finding[], origin: LeakOrigin): string[] {
  const ofKind = (kind: FindingKind) => findings.filter((finding) => finding.kind === kind)
  const words = findings.filter(({ kind }) => !ALONE.includes(kind))
  const others = words.filter(({ isLeft }) => !isLeft)
  const left = groupBy(
    words.filter(({ isLeft }) => isLeft),
    ({ post }) => post,
  )
  const addresses = groupBy(ofKind('foreign-secret'), ({ seen }) => seen)
  return [
    ...[...groupBy(others, ({ post }) => post)].flatMap(([post, some]) =>
      describePost(post, some, origin),
    ),
    ...[...left].map(([post, some]) => describeLeft(post, some)),
    ...ofKind('media').map(describeMedia),
    ...ofKind('front-matter').map(describeFrontMatter),
    ...[...addresses.values()].map((some) => describeForeign(some, origin)),
  ]
}

/** Files that no template of this build wrote, such as pages from before the plugin was there. */
function describeLeft(post: string, findings: readonly Finding[]): string {
  const isOne = new Set(findings.map(({ file }) => file)).size === 1
  return `${post}: something private of it is public: ${listOf(placesOf(findings))}. No template of this build wrote ${isOne ? 'that file' : 'those files'}. To do: if ${isOne ? 'it is' : 'they are'} left from an earlier build, delete the output folder and build again; else look at what writes ${isOne ? 'it' : 'them'}.`
}

function describeMedia({ file, post }: Finding): string {
  return `${post}: ${file} is public, although only private posts name what it is (media). To do: keep it in a private folder or beside the post; or name it on a public page, if it is meant for everybody.`
}

function describeFrontMatter({ line, post, kind }: Finding): string {
  return `${post}, line ${line}: Eleventy does not read what stands there as front matter, and publishes all of it (${kind}). To do: let the file begin with a line of three hyphens ("---"), then lines of "key: value", then three hyphens again.`
}

/** One address of somebody else's, which a page has, and feeds and lists repeat. */
function describeForeign(findings: readonly Finding[], { published }: LeakOrigin): string {
  const lists = new Set(published.filter(({ text }) => LISTS.test(text)).map(({ path }) => path))
  const sorted = [...findings].sort(
    (one, other) => Number(lists.has(one.post)) - Number(lists.has(other.post)),
  )
  const { post = '', seen = '' } = sorted[0] ?? {}
  const kind = 'foreign-secret'
  const places = listOf(placesOf(sorted).map((place) => place.replace(` (${kind})`, '')))
  return `${post}: ${seen} is public in ${places}: the address leads to what was not written for everybody (${kind}). To do: write "visibility: private", or remove the address; if everybody may know it, add to "auditExceptions": { post: '${post}', kind: '${kind}', why: '…' }.`
}

function describePost(
  post: string,
  findings: readonly Finding[],
  { published, posts }: LeakOrigin,
): string[] {
  const isLink = ({ kind }: Finding) => RELATIONS[kind] === 'links to'
  const addresses = new Set(
    posts.filter((one) => one.post === post).flatMap((one) => one.naturalPaths.map(addressOf)),
  )
  const writers = findings.some(isLink)
    ? published.filter(({ text }) => linksTo(text, post, addresses)).map(({ path }) => path)
    : []
  const texts = new Map(published.map(({ path, text }) => [path, text]))
  const lists = (source: string | undefined) =>
    source !== undefined && LISTS.test(texts.get(source) ?? 'collections')

  const leaks = new Map<string | undefined, Leak>(
    writers.map((source) => [source, { source, findings: [] }]),
  )
  const repeated: Finding[] = []
  for (const [, ofFile] of groupBy(findings, ({ file }) => file)) {
    const source = ofFile[0]?.source
    if (writers.length > 0 && !writers.includes(source ?? '') && ofFile.every(isLink)) {
      repeated.push(...ofFile)
      continue
    }
    const leak = leaks.get(source) ?? { source, findings: [] }
    leak.findings.push(...ofFile)
    leaks.set(source, leak)
  }
  const own = [...leaks.values()].filter(({ source }) => !lists(source) || isWriter(source))
  const all = own.length > 0 ? own : [...leaks.values()].slice(0, 1)
  const named = all.length > MOST_SOURCES && writers.length === 0 ? all.slice(0, 1) : all
  for (const leak of leaks.values()) if (!named.includes(leak)) repeated.push(...leak.findings)
  return named.map((leak, at) => sentenceOf(post, leak, at === 0 ? repeated : []))

  function isWriter(source: string | undefined): boolean {
    return source !== undefined && writers.includes(source)
  }
}

function sentenceOf(post: string, { source, findings }: Leak, repeated: Finding[]): string {
  const relation = ORDER.find((one) => findings.some(({ kind }) => RELATIONS[kind] === one))
  const what =
    source === undefined || relation === 'holds'
      ? `${post}: something private of it is public`
      : `${source} ${relation ?? 'links to'} ${post}, which is private`
  const shown = placesOf(findings)
  const others = [...new Set(repeated.map(({ file }) => file))]
  const rest = shown.slice(MOST_NAMED).length + others.slice(MOST_NAMED).length
  const also = [
    ...others.slice(0, MOST_NAMED),
    ...(rest > 0 ? [countText(rest, 'more place')] : []),
  ]
  const places = [
    ...shown.slice(0, MOST_NAMED),
    ...(also.length > 0 ? [`${shown.length > 0 ? 'also ' : ''}in ${also.join(', ')}`] : []),
  ]
  return `${what}: ${places.join('; ')}.`
}

/** The first few, and how many more there are. */
function listOf(places: readonly string[]): string {
  const rest = places.length - MOST_NAMED
  const more = rest > 0 ? [countText(rest, 'more place')] : []
  return [...places.slice(0, MOST_NAMED), ...more].join('; ')
}

/** The first place of each kind in each file. */
function placesOf(findings: readonly Finding[]): string[] {
  const first = groupBy(findings, ({ file, kind }) => `${kind} ${file}`)
  return [...first.values()].flatMap(([finding]) => {
    if (finding === undefined) return []
    const { file, line, kind } = finding
    return `${line > 0 ? `${file}, line ${line}` : file} (${IN_WORDS[kind] ?? kind})`
  })
}

/** Says of which posts no leak could be found by their words. */
export function describeUnsearchable(posts: readonly UnsearchablePost[]): string[] {
  return posts.map(({ post, because }) => {
    const reason =
      because === 'short'
        ? 'its text and its title are too short to be told from other words'
        : 'public sources say all of it too'
    return `${post}: nothing of it can be looked for, because ${reason}.`
  })
}

/** Whether the author wrote a link to the post, by its address or by the name of its file. */
function linksTo(text: string, post: string, addresses: ReadonlySet<string>): boolean {
  if (text.includes(basename(post))) return true
  for (const run of pathRuns(text)) {
    if (run.addresses.some(({ address }) => addresses.has(address))) return true
  }
  return false
}

function groupBy<Value, Key>(
  values: Iterable<Value>,
  keyOf: (value: Value) => Key,
): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group) group.push(value)
    else groups.set(key, [value])
  }
  return groups
}
