import { BLOCK } from './words.ts'

/** A text in markup, taken apart. All three keep every line break, and so the numbers of the lines. */
export interface MarkupParts {
  /** What a reader sees: the text without its tags. A tag parts words. */
  readonly plain: string
  /**
   * The same, where a tag within a line parts none: `<b>D</b>inner` is one word there. Only if there
   * is such a place. `<i>May</i>Dinner` is one too, and two words in {@link plain}: either may be meant.
   */
  readonly joined: string | undefined
  /** What stands in tags and comments: attributes, mostly. */
  readonly inside: string
  /** Texts that are the whole content of an element. */
  readonly leaves: readonly Leaf[]
}

export interface Leaf {
  readonly text: string
  /** Where it, or its quotation mark, stands in the original. */
  readonly offset: number
}

/** Elements within a line of text: a phrase may go on across their tags. In a drawing, each word may be one. */
const INLINE =
  /^<\/?(?:a|abbr|b|bdi|bdo|br|cite|code|data|del|dfn|em|font|g|i|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup|text|textPath|time|tspan|tt|u|var|wbr)(?![\w:-])/i
const LETTER = /[\p{L}\p{N}]/u
const TAG = /^<(\/?)([a-z][\w:.-]*)/i
/** What opens a part that is read like the rest of the text. */
const MARKERS = ['<![CDATA[', '<!--']
const CLOSE = 62
const QUOTE = 34
const APOSTROPHE = 39
/** Where a tag has not ended by then, a quotation mark in it was never closed. */
const LONGEST_TAG = 20_000

/**
 * Takes the tags out of HTML, XML, or any text that holds some. Not a parser: it has to read
 * whatever lies in an output folder, and keep the numbers of its lines.
 */
export function splitMarkup(text: string): MarkupParts {
  let plain = ''
  let joined = ''
  let inside = ''
  let isJoined = false
  const leaves: Leaf[] = []
  let opened: { readonly name: string; readonly offset: number } | undefined
  let isWithinWord = false
  let isBehindEnd = false
  let from = 0

  const takeText = (to: number) => {
    const part = text.slice(from, to)
    if (part !== '') {
      isJoined ||= isWithinWord && LETTER.test(part.charAt(0))
      isWithinWord = LETTER.test(part.charAt(part.length - 1))
      isBehindEnd = false
    }
    plain += part
    joined += part
    inside += lineBreaks(part)
  }

  for (const [at, end] of tags(text)) {
    takeText(at)
    from = end
    const tag = text.slice(at, end)
    if (MARKERS.includes(tag)) continue

    const breaks = lineBreaks(tag)
    const [, slash = '', name] = TAG.exec(tag) ?? []
    const isInline = INLINE.test(tag)
    // `</a><a>`: one ends and another begins, and so do their words.
    const isNeighbour = slash === '' && isBehindEnd
    isWithinWord &&= isInline && !isNeighbour
    isBehindEnd ||= slash !== ''
    plain += (isInline ? ' ' : BLOCK) + breaks
    joined += (isInline ? (isNeighbour ? ' ' : '') : BLOCK) + breaks
    inside += slash === '' ? BLOCK + tag.slice(1 + (name ?? '').length) : breaks
    if (name === undefined) continue
    if (slash !== '' && opened?.name === name) {
      leaves.push({ text: contentOf(text.slice(opened.offset, at)), offset: opened.offset })
    }
    const isOpening = slash === '' && !tag.endsWith('/>')
    opened = isOpening ? { name, offset: end } : undefined
  }
  takeText(text.length)
  return { plain, joined: isJoined ? joined : undefined, inside, leaves }
}

/** Where tags and declarations begin and end. */
function* tags(text: string): Generator<readonly [at: number, end: number]> {
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at)) {
    const end = endOfTag(text, at)
    if (end !== undefined) yield [at, end]
    at = end ?? at + 1
  }
}

/** The offset behind the tag, comment or declaration that begins at `at`, if one does. */
export function endOfTag(text: string, at: number): number | undefined {
  const marker = markerAt(text, at)
  if (marker !== undefined) return at + marker.length
  if (!/[a-z/!?]/i.test(text.charAt(at + 1))) return undefined

  const limit = Math.min(text.length, at + LONGEST_TAG)
  let quote = 0
  for (let i = at + 1; i < limit; i++) {
    const code = text.charCodeAt(i)
    if (quote !== 0) {
      if (code === quote) quote = 0
    } else if (code === CLOSE) return i + 1
    else if ((code === QUOTE || code === APOSTROPHE) && /[=\s\\"']/.test(text.charAt(i - 1))) {
      quote = code
    }
  }
  const end = text.indexOf('>', at)
  return end === -1 ? undefined : end + 1
}

/** What stands there instead of a tag, and opens a part that is read like the rest. */
export function markerAt(text: string, at: number): string | undefined {
  return MARKERS.find((marker) => text.startsWith(marker, at))
}

/** Whether the text behind some tags and markers goes on with the word before them. */
export function joinsWords(text: string): boolean {
  let isBehindEnd = false
  for (const [at, end] of tags(text)) {
    const tag = text.slice(at, end)
    if (MARKERS.includes(tag)) continue
    const isEnd = /^<\/[a-z]/i.test(tag)
    if (!INLINE.test(tag) || (!isEnd && isBehindEnd)) return false
    isBehindEnd ||= isEnd
  }
  return true
}

/** The text between the tags, without the marks of a CDATA section. */
function contentOf(element: string): string {
  return element.replace(/<!\[CDATA\[|\]\]>/g, '')
}

function lineBreaks(text: string): string {
  return text.includes('\n') ? text.replace(/[^\n]+/g, '') : ''
}
