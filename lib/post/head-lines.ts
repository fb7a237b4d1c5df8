import { asSeen } from './look-alikes.ts'

/** A line of a file's head, as a person sees it. */
export interface HeadLine {
  /** Counted from 1. */
  readonly number: number
  readonly text: string
}

/** A run of lines that looks like front matter: what its keys say. */
export interface HeadBlock {
  readonly data: Readonly<Record<string, unknown>>
  readonly lineOf: ReadonlyMap<string, number>
  /** How many lines it takes, without the fence below. */
  readonly length: number
  /** Whether a fence stands below it. */
  readonly isClosed: boolean
}

/** `---` as Eleventy wants it, and what phones, word processors and other software make of it. */
const FENCE = /^(?:[-‐‑‒–—―−─━﹘﹣－_*=+;~]\s?){2,}\s*$|^[–—―]\s*$/u
/** A block of code at the very top that is front matter by another fence. */
const CODE_FENCE = /^(?:`{3,}|~{3,})\s*(?:ya?ml|toml|json5?|front-?matter|---)?\s*$/i
/** `key: value`, `key = value`, `"key": value`, also as an item of a list. */
const PAIR =
  /^[\s>|*•-]*["'“”„‘’`]?([\p{L}][\p{L}\p{N} _.-]{0,30}?)["'“”„‘’`]?\s*(?::=|[:=꞉∶])(?![:=/])\s*(.*?)\s*$/u
const ITEM = /^\s*[-*•]\s+(.*?)\s*$/u
const IN_JSON = /^\s*\{(?![{%#])|^\s*"[^"]+"\s*:/
const BETWEEN_PAIRS = /[{}]|,(?=\s*["']?[\w-]+["']?\s*:)/
/** Lines of front matter are shorter, and those of a text need not be read to their ends. */
const MAX_LENGTH = 500
export const LINE_END = /\r\n|\r|\n/
const QUOTES = /^["'“”„‘’`]+|["'“”„‘’`,;]+$/gu

/** The lines of a head, with comment marks and invisible characters taken off. */
export function headLines(lines: readonly string[], above = 0): HeadLine[] {
  return lines.flatMap((line, at) => headLine(line, above + at + 1))
}

/** One line; of JSON, which may hold several pairs in a line, one for each. */
export function headLine(raw: string, number: number): HeadLine[] {
  const text = withoutCommentMarks(asSeen(raw.slice(0, MAX_LENGTH)))
  const parts = IN_JSON.test(text) ? text.split(BETWEEN_PAIRS) : [text]
  return parts.map((part) => ({ number, text: part }))
}

/** Also of another fence than three hyphens; `isTop`: at the very top a block of code may be meant as one. */
export function isFence({ text }: HeadLine, isTop = false): boolean {
  return FENCE.test(text.trim()) || (isTop && CODE_FENCE.test(text.trim()))
}

export function isPair({ text }: HeadLine): boolean {
  return PAIR.test(text)
}

/** Reads lines for as long as they look like front matter. */
export function readBlock(lines: readonly HeadLine[]): HeadBlock {
  const data: Record<string, unknown> = {}
  const lineOf = new Map<string, number>()
  let last: string | undefined
  let length = 0
  for (const line of lines) {
    if (length > 0 && (isFence(line) || CODE_FENCE.test(line.text.trim()))) {
      return { data, lineOf, length, isClosed: true }
    }
    const pair = PAIR.exec(line.text)
    const item = ITEM.exec(line.text)
    if (pair) {
      const [, key = '', value = ''] = pair
      last = key.trim()
      if (!Object.hasOwn(data, last)) {
        data[last] = readValue(value)
        lineOf.set(last, line.number)
      }
    } else if (item && last !== undefined) {
      data[last] = [...asList(data[last]), unquote(item[1] ?? '')]
    } else if (!/^\s*(?:[#{}[\]].*)?$/u.test(line.text)) {
      // An indented line goes on with the value above it.
      if (last === undefined || !/^\s/.test(line.text)) break
    }
    length += 1
  }
  return { data, lineOf, length, isClosed: false }
}

/** `<!--`, `{#`, `{%- comment -%}`, `//-`, `/*` and their ends; `{% set key = value %}` is its pair. */
function withoutCommentMarks(line: string): string {
  return line
    .replace(/\{%-?\s*(?:comment|endcomment|set|assign|raw|endraw)?\s*|\s*-?%\}/g, '')
    .replace(/^\s*(?:<!--+|\{\{!-*|\{#-?|<%#|\/\*+|\/\/[-!]?|-#)/, '')
    .replace(/(?:--+>|-*\}\}|-?#\}|%>|\*+\/)\s*$/, '')
}

function readValue(text: string): unknown {
  const plain = text.replace(/\s+#\s.*$/, '').replace(/[,;]\s*$/, '')
  const list = /^\[(.*)\]?$/.exec(plain.trim())
  if (list) return (list[1] ?? '').replace(/\]$/, '').split(',').map(unquote).filter(Boolean)
  const word = unquote(plain)
  return word === 'true' ? true : word === 'false' ? false : word
}

function unquote(text: string): string {
  return text.trim().replace(QUOTES, '').trim()
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === '' || value === undefined ? [] : [value]
}
