import { bareName } from '../web/page-identity.ts'
import { decode } from './escapes.ts'
import { isAmong, lettersOf } from './letter-runs.ts'

/** A path or URL as it stands in a text. */
export interface PathRun {
  /** Its segments without their file extensions, and without the host. */
  readonly segments: readonly string[]
  /** The paths that a host would look up, as {@link addressOf} writes them. */
  readonly addresses: readonly Address[]
  readonly offset: number
}

interface Address {
  readonly address: string
  /** Where the address names one. */
  readonly host?: string
}

/** What every path has in it; a page beside this one, at its end. */
const SIGN_OF_PATH = /\/|%2f|\.x?html?/gi
const TAG_NAME = /^\/?[a-z!?][\w:.-]*/i
const LOOKS_LIKE_PATH = /\/|%2f|\.x?html?$/i
/** No path goes on across these. */
const ENDS = lettersOf(' \t\n\r\f\v"\'<>()[]\\,;{}|`*')
const SPACE = /[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]/
const URL_PATH = /(?:^|[=:])(?:\/\/([^/]*))?(\/[^?#&=]*)/g
const AUTHORITY = /(^|[=:])\/\/[^/]*/g
const EXTENSION = /\.[a-z0-9]{1,5}$/i

/** Finds whatever in a text is a path: in attributes, scripts, sitemaps, redirects, prose. */
export function* pathRuns(text: string): Generator<PathRun> {
  let behind = 0
  for (const { 0: sign, index } of text.matchAll(SIGN_OF_PATH)) {
    if (index < behind) continue
    let from = index
    while (from > behind && !isEnd(text, from - 1)) from--
    let to = index + sign.length
    while (to < text.length && !isEnd(text, to)) to++
    behind = to
    // A tag's name is no path, although `</em` looks like one.
    if (text.charAt(from - 1) === '<') from += TAG_NAME.exec(text.slice(from, to))?.[0].length ?? 0
    const raw = text.slice(from, to)
    if (LOOKS_LIKE_PATH.test(raw)) yield { ...pathRun(raw), offset: from }
  }
}

/** The run around some letters, with the sign before it. */
export function aroundPath(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start > 0 && !isEnd(text, start - 1)) start--
  while (end < text.length && !isEnd(text, end)) end++
  return text.slice(Math.max(0, start - 1), end)
}

/** Whether what stands there goes on as a path before anything ends it. */
export function goesOnAsPath(text: string, at: number): boolean {
  for (let i = at; i < text.length && !isEnd(text, i); i++) {
    if ('/.%'.includes(text.charAt(i))) return true
  }
  return false
}

function isEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return isAmong(ENDS, code) || (code >= 160 && SPACE.test(text.charAt(at)))
}

export function pathRun(raw: string): Omit<PathRun, 'offset'> {
  const run = decode(raw)
  const segments = run.replace(AUTHORITY, '$1').split(/[/?#&=:]/)
  return {
    segments: segments.map(withoutExtension).filter((segment) => segment !== ''),
    addresses: Array.from(run.matchAll(URL_PATH), ([, host, path = '']) => ({
      address: addressOf(path),
      ...(host === undefined ? {} : { host: host.toLowerCase() }),
    })),
  }
}

/**
 * The one form of all spellings of an address: `/private/dinner/`, `/private/dinner/index.html` and
 * `private/dinner.html` are the same, and letter case does not matter: better too much found than too little. The
 * home page is the empty text.
 */
export function addressOf(path: string): string {
  return bareName(path.toLowerCase()).replace(/^\/+/, '')
}

export function withoutExtension(segment: string): string {
  return segment.replace(EXTENSION, '')
}
