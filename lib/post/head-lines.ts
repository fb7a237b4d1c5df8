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
  /** Keys that stand below others. */
  readonly nested: ReadonlySet<string>
  /** How many lines it takes, without the fence below. */
  readonly length: number
  /** Whether a fence stands below it. */
  readonly isClosed: boolean
}

/** `---` as Eleventy wants it, and what phones, word processors and other software make of it. */
const FENCE = /^(?:\\?[-‐‑‒–—―−─━﹘﹣－_*=+;~]\s?){2,}\s*$|^[–—―]\s*$/u
/** A block of code at the very top that is front matter by another fence. */
const CODE_FENCE = /^(?:`{3,}|~{3,})\s*(?:ya?ml|toml|json5?|front-?matter|---)?\s*$/i
/** `key: value`, `key = value`, `"key": value`, `:key: value`, `#+KEY: value`, `key:: value`, `| key | value |`. */
const PAIR =
  /^(?:[\s>|*•:@%;.([_-]|#\+?(?=\p{L}))*["'“”„‘’`]?([\p{L}][\p{L}\p{N} _.-]{0,30}?)["'“”„‘’`]?[*_]*\s*(?::=|::|=>|[:=꞉∶|→])(?![:=/])[*_]*\s*(.*?)\s*$/u
/** `visibility private`, `visibility - private` */
const BARE_PAIR = /^\W*(vis\w{5,10}|privacy)\s+(?:[^\p{L}\s]+\s*)?(\p{L}[\p{L} -]{1,16}?)\W*$/iu
const LOOSE_KEY = /vis\p{L}{5,10}|sichtbarkeit|zichtbaarheid/iu
const LOOSE =
  /^(.*?)(?<!\p{L})(vis\p{L}{5,10}|sichtbarkeit|zichtbaarheid)(?!\p{L})[^\p{L}\p{N}]{1,20}(?:str\s+)?(\p{L}[\p{L}-]{1,18})(.*)$/iu
/** Nothing, an opening sign, another pair, a tag, or a word of a program. */
const BEFORE =
  /^[^\p{L}]*$|^[^\p{L}]*(?:export|const|let|var|set|local|post|\w+\s*=)[\w\s=]*[^\p{L}]*$|^[^\p{L}]*[\w-]+["']?\s*[:=].{0,60}$|^[^\p{L}]*<?[\w-]*[^\p{L}.!?]*[({<"'[]\W*$|^\W*<[^>]*$|^\W*(?:\[comment|\[x\]|\w+[-_])\W*$/u
/** The same; and words in brackets, or behind a sign for comments. */
const AFTER = /^[^\p{L}]*$|^[^\p{L}]*[,;]\s*["']?[\w-]+["']?\s*[:=]|^\W*[(#<>/]/u
/** "You may write one of these:" has a colon, and is text. */
const SENTENCE = /^\s*(?:\S+\s+){3,}\S+:\s*$/
const ITEM = /^\s*[-*•]\s+(.*?)\s*$/u
const IN_JSON = /^\s*\{(?![{%#])|^\s*"[^"]+"\s*:/
const BETWEEN_PAIRS = /[{}]|,(?=\s*["']?[\w-]+["']?\s*:)/
/** Lines of front matter are shorter, and those of a text need not be read to their ends. */
const MAX_LENGTH = 500
export const LINE_END = /\r\n|\r|\n/
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*\|[\s:|-]*$/
const ENTITY =
  /&(?:#x([\da-f]{1,6})|#(\d{1,7})|(mdash|ndash|minus|horbar|hyphen|dash|nbsp|colon|lowbar|equals|quot|apos|lt|gt|shy|zwnj|lbrack|rbrack));?/gi
const NAMED: Readonly<Record<string, string>> = {
  ...{ mdash: '—', ndash: '–', minus: '−', horbar: '―', hyphen: '‐', dash: '‐', nbsp: ' ' },
  ...{ colon: ':', lowbar: '_', equals: '=', quot: '"', apos: "'", lt: '<', gt: '>' },
  ...{ shy: '', zwnj: '', lbrack: '[', rbrack: ']' },
}
const META =
  /<meta\b(?=[^>]*\b(?:name|property)=["']?([\w:-]+))(?=[^>]*\bcontent=["']?([^"'>]*))[^>]*>/gi
/** Elements that end a line on the screen, and those that do not. */
const BLOCKS =
  /<\/?(?:p|div|br|li|ul|ol|dl|dt|tr|tbody|thead|table|section|article|main|header|blockquote|center|html|head|body)\b[^>]*>|<!doctype[^>]*>|<\/(?:dd|h[1-6])>/gi
const INLINES =
  /<\/?(?:b|i|u|a|em|strong|span|font|small|big|mark|label|tt|kbd|h[1-6]|td|th|dd)\b[^>]*>/gi
const QUOTES = /^["'“”„‘’`[*_]+|["'“”„‘’`,;\]*_]+$/gu

/** The lines of a head, with comment marks and invisible characters taken off, as far as they are asked for. */
export function* headLines(lines: readonly string[], above = 0): Generator<HeadLine> {
  for (const [at, line] of lines.entries()) {
    yield* tableRow(lines, at, above) ?? headLine(line, above + at + 1)
  }
}

/** One line; of JSON and HTML, which may hold several pairs in a line, one for each. */
export function headLine(raw: string, number: number): HeadLine[] {
  const text = withoutCommentMarks(asSeen(withoutEntities(raw.slice(0, MAX_LENGTH))))
  return withoutElements(text)
    .flatMap((part) => (IN_JSON.test(part) ? part.split(BETWEEN_PAIRS) : [part]))
    .map((part) => ({
      number,
      text: BARE_PAIR.test(part) ? part.replace(BARE_PAIR, '$1: $2') : part,
    }))
}

/**
 * `visibility` and its value wherever a short line has them, whatever signs and pairs stand around them; or the key in
 * one line and the value in the next. A heading and a sentence are none.
 */
export function looseLine(lines: readonly string[], at: number, above = 0): HeadLine[] {
  const text = asSeen(withoutEntities((lines[at] ?? '').slice(0, MAX_LENGTH)))
  if (!LOOSE_KEY.test(text) || /^\s*#{1,6}\s/.test(text)) return []
  const isAlone = /^\P{L}*\p{L}+\P{L}*$/u.test(withoutElements(text).join(' '))
  const below = text.includes('<')
    ? lines.slice(at + 1).filter((line) => line.trim() !== '')
    : lines.slice(at + 1)
  const next = isAlone && !/<h\d/i.test(text) ? below[0] : undefined
  const whole =
    next === undefined
      ? text
      : `${withoutElements(text).join(' ')} ${withoutElements(next).join(' ')}`
  const [, before = '', key = '', value = '', after = ''] = LOOSE.exec(whole) ?? []
  const isPlain = BEFORE.test(before) && AFTER.test(after)
  return key !== '' && isPlain ? [{ number: above + at + 1, text: `${key}: ${value}` }] : []
}

/** A row of a table whose first row has the keys: a pair for each cell. */
export function tableRow(lines: readonly string[], at: number, above = 0): HeadLine[] | undefined {
  if (!TABLE_RULE.test(lines[at - 1] ?? '') || !lines[at]?.includes('|')) return undefined
  const [keys, values] = [cellsOf(lines[at - 2] ?? ''), cellsOf(lines[at] ?? '')]
  // Of two columns, the first has the keys.
  const isAcross = keys.length > 2 || /^\W*visi|^\W*priva/i.test(keys[0] ?? '')
  // Several rows below one another describe the values that there are.
  const isLast = !lines[at + 1]?.includes('|')
  if (!isAcross || !isLast || keys.length !== values.length) return undefined
  return keys.flatMap((key, cell) => headLine(`${key}: ${values[cell] ?? ''}`, above + at + 1))
}

function cellsOf(row: string): string[] {
  return row
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim())
}

/** Also of another fence than three hyphens; `isTop`: at the very top a block of code may be meant as one. */
export function isFence({ text }: HeadLine, isTop = false): boolean {
  const fence = text.trim().replace(/^(?:>\s?)+/, '')
  return FENCE.test(fence) || (isTop && CODE_FENCE.test(fence))
}

export function isPair({ text }: HeadLine): boolean {
  return PAIR.test(text) && !SENTENCE.test(text)
}

/** Reads lines for as long as they look like front matter. */
export function readBlock(lines: Iterable<HeadLine>): HeadBlock {
  const data: Record<string, unknown> = {}
  const lineOf = new Map<string, number>()
  const nested = new Set<string>()
  let last: string | undefined
  let length = 0
  for (const line of lines) {
    if (length > 0 && (isFence(line) || CODE_FENCE.test(line.text.trim()))) {
      return { data, lineOf, nested, length, isClosed: true }
    }
    const pair = isPair(line) ? PAIR.exec(line.text) : null
    const item = ITEM.exec(line.text)
    if (pair) {
      const [, key = '', value = ''] = pair
      last = key.trim()
      if (!Object.hasOwn(data, last)) {
        data[last] = readValue(value)
        lineOf.set(last, line.number)
        if (/^\s/.test(line.text)) nested.add(last)
      }
    } else if (item && last !== undefined) {
      data[last] = [...asList(data[last]), unquote(item[1] ?? '')]
    } else if (!/^\s*(?:[#{}[\]].*)?$/u.test(line.text) && /[\p{L}\p{N}]/u.test(line.text)) {
      // An indented line goes on with the value above it.
      if (last === undefined || !/^\s/.test(line.text)) break
    }
    length += 1
  }
  return { data, lineOf, nested, length, isClosed: false }
}

/** `<!--`, `{#`, `{%- comment -%}`, `//-`, `/*` and their ends; `{% set key = value %}` is its pair. */
function withoutCommentMarks(line: string): string {
  return line
    .replace(/\{%-?\s*(?:comment|endcomment|set|assign|raw|endraw)?\s*|\s*-?%\}/g, '')
    .replace(/^\s*(?:<%[-_]?|-)?\s*(?:const|let|var)\s+/, '')
    .replace(/^\s*(?:<!--+|\{\{!-*|\{#-?|<%#|\/\*+|\/\/[-!]?|-#)/, '')
    .replace(/(?:--+>|-*\}\}|-?#\}|%>|\*+\/)\s*$/, '')
}

function withoutEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(ENTITY, (_, hex?: string, decimal?: string, name = '') => {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    if (name !== '') return NAMED[String(name).toLowerCase()] ?? ''
    return code <= 0x10ffff ? String.fromCodePoint(code) : ''
  })
}

/** The lines that a line of HTML is on the screen, as text. */
function withoutElements(text: string): string[] {
  if (!text.includes('<')) return [text]
  return text
    .replace(META, '\n$1: $2\n')
    .replace(/<hr\b[^>]*>/gi, '\n---\n')
    .replace(/<\/(?:dt|td|th)>\s*<(?:dd|td|th)\b[^>]*>/gi, ' | ')
    .replace(BLOCKS, '\n')
    .replace(INLINES, '')
    .split('\n')
}

function readValue(text: string): unknown {
  const plain = text.replace(/\s+#\s.*$/, '').replace(/[\s,;|*_)}]+$/, '')
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
