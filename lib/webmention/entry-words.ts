import { attribute, parseHtml, type HtmlElement } from '../web/html.ts'
import { shownText } from '../web/html-text.ts'
import { html } from '../web/markup.ts'
import { toLine, toParagraphs } from '../web/message-text.ts'
import { parseUrl } from '../web/parse-url.ts'
import { sanitiseHtml } from '../web/sanitise.ts'
import { sayMedia, withLabels, withoutMedia, type MediaKind } from '../web/shown-elements.ts'
import { detailsOf } from './entry-details.ts'
import { textOfValue, valuesOf, type Item, type ItemValue } from './microformats.ts'
import { ALL_TEXT, captionOf, OTHER_TEXT, type MarkupOfWords } from './word-marks.ts'

export const MAX_TEXT_LENGTH = 2_000
export const MAX_TITLE_LENGTH = 200
/** Misnested formatting makes more of them. */
const MAX_ELEMENTS = 20_000
const MAX_MEDIA = 10
/** Where a post says at length what it says, the first first. */
const PROPERTIES = ['content', 'description', 'summary', ALL_TEXT]
/** What a post can have beside its words, and how that is called. */
const MEDIA: Readonly<Record<string, MediaKind>> = {
  photo: 'picture',
  video: 'video',
  audio: 'audio',
}
/** Responses that a post received and shows; those that it gives have other names, such as `like-of`. */
const RECEIVED = /(?:^|\s)[pu]-(?:like|repost|bookmark|rsvp|mention|reaction|reply)(?:\s|$)/
/** It is no response that a post gives, so it may be a link alone. */
const COMMENT = /(?:^|\s)[pu]-comment(?:\s|$)/
const ROOT = /(?:^|\s)h-[a-z]/

const BESIDE_WORDS =
  /(?:^|\s)(?:[pu]-(?:author|syndication|category)|dt-(?:published|updated))(?:\s|$)/

/** What an entry says. All of it is plain text, but `html`, which is sanitised. */
export interface EntryWords {
  readonly title?: string
  readonly text: string
  readonly html?: string
}

/**
 * What an entry says, without the responses of others that it shows.
 *
 * @param markup Of the properties that are text alone in the entry.
 */
export function wordsOf(entry: Item, markup: MarkupOfWords = new Map()): EntryWords {
  // Of all text, the parser makes a name.
  const title = markup.has(ALL_TEXT) ? '' : titleOf(entry, markup)
  const [said] = PROPERTIES.flatMap((property) => saidBy(entry, markup, property) ?? [])
  const media = mediaBeside(entry, said?.source ?? '', markup)
  const details = [media, ...detailsOf(entry)].filter(Boolean).map((text) => ({ text }))
  // Of a recipe, after what goes in.
  const instructions = saidBy(entry, markup, 'instructions')
  const parts: EntryWords[] = [
    ...(said ? [said] : []),
    ...details,
    ...(instructions ? [instructions] : []),
  ]
  const hasMarkup = parts.some((part) => part.html !== undefined)
  return {
    // A note has no name of its own: its author, or the parser, takes one from its text.
    ...(title && !isBeginning(title, parts[0]?.text ?? '') && { title }),
    text: toParagraphs(parts.map(({ text }) => text).join('\n\n'), MAX_TEXT_LENGTH),
    ...(hasMarkup && { html: parts.map((part) => part.html ?? paragraphs(part.text)).join('') }),
  }
}

/** What an entry says that marks up no words: not who wrote it and when, nor what it quotes. */
export function otherText(markup: MarkupOfWords = new Map()): string {
  const isLeftOut = (element: HtmlElement) => {
    const names = attribute(element, 'class') ?? ''
    return ROOT.test(names) || BESIDE_WORDS.test(names) || isReceivedResponse(element)
  }
  // The comma between a name and a date is left over.
  return readText(markup.get(OTHER_TEXT) ?? '', isLeftOut).replace(/^(?:[\p{P}|]+\n+)+/u, '')
}

function titleOf(entry: Item, markup: MarkupOfWords): string {
  const lines = markup.get('name')
  const name = lines === undefined ? textOfValue(valuesOf(entry, 'name')[0]) : readText(lines)
  return toLine(withLabels(name ?? ''), MAX_TITLE_LENGTH)
}

/** Whether an element is a response that somebody else gave to the post around it. */
function isReceivedResponse(element: HtmlElement): boolean {
  const names = attribute(element, 'class') ?? ''
  return COMMENT.test(names) || (ROOT.test(names) && RECEIVED.test(names))
}

interface Said extends EntryWords {
  /** As the page has it, where that is known. */
  readonly source?: string | undefined
}

function saidBy(entry: Item, marked: MarkupOfWords, name: string): Said | undefined {
  const [value] = valuesOf(entry, name)
  const markup = markupOf(value)
  const lines = markup ?? marked.get(name)
  const text =
    lines === undefined ? toLine(textOfValue(value) ?? '', MAX_TEXT_LENGTH) : readText(lines)
  if (text === '') return undefined
  const shown =
    markup === undefined ? undefined : sanitiseHtml(markup, { isLeftOut: isReceivedResponse })
  return { text, ...(shown !== undefined && { html: shown }), source: lines }
}

function readText(markup: string, isLeftOut = isReceivedResponse): string {
  const document = parseHtml(markup, { maxElements: MAX_ELEMENTS })
  return shownText(document, { maxLength: MAX_TEXT_LENGTH, isLeftOut })
}

function markupOf(value: ItemValue | undefined): string | undefined {
  if (typeof value !== 'object' || !('html' in value)) return undefined
  if (typeof value.html !== 'string') return undefined
  // Rows of a table are none without it.
  return /^\s*<(?:tbody|thead|tr|td|th|caption)[\s>]/i.test(value.html)
    ? `<table>${value.html}</table>`
    : value.html
}

/** What a post shows beside its words, with captions: what is within them is said there. */
function mediaBeside(entry: Item, words: string, markup: MarkupOfWords): string {
  const lines = Object.entries(MEDIA).flatMap(([property, kind]) =>
    onceEach(valuesOf(entry, property).slice(0, MAX_MEDIA))
      .filter((value) => !words.includes(fileOf(value)))
      .map((value) => {
        const caption = readText(markup.get(captionOf(fileOf(value))) ?? '')
        return [sayMedia(kind, altOf(value)), caption].filter(Boolean).join('\n')
      }),
  )
  return lines.join('\n')
}

/** Of a picture and the link to it, the one that has words. */
function onceEach(values: readonly ItemValue[]): ItemValue[] {
  const byFile = new Map<string, ItemValue>()
  for (const value of values) {
    const known = byFile.get(fileOf(value))
    if (!known || altOf(known) === undefined) byFile.set(fileOf(value), value)
  }
  return [...byFile.values()]
}

/** The last part of an address, which is the same in a relative one. */
function fileOf(value: ItemValue): string {
  const url = parseUrl(textOfValue(value) ?? '')
  return url?.pathname.split('/').findLast(Boolean) ?? textOfValue(value) ?? ''
}

function altOf(value: ItemValue): string | undefined {
  return typeof value === 'object' && 'alt' in value && typeof value.alt === 'string'
    ? value.alt
    : undefined
}

function paragraphs(text: string): string {
  const parts = text.split('\n\n').map((part) => {
    const lines = part.split('\n').map((line, at) => html`${at > 0 && html`<br />`}${line}`)
    return html`<p>${lines}</p>`.markup
  })
  return parts.join('')
}

/**
 * Whether a name is the beginning of the text, however it was cut off: "…", "...", in the middle of a word, without the
 * marks, signs and addresses of the text.
 */
export function isBeginning(name: string, text: string): boolean {
  const beginning = lettersOf(name)
  if (beginning === '') return text !== ''
  return [withoutMedia, withLabels].some((plain) => lettersOf(plain(text)).startsWith(beginning))
}

function lettersOf(text: string): string {
  return text
    .replace(/https?:\/\/\S*/gi, '')
    .replace(/[^\p{L}\p{N}]+/gu, '')
    .toLowerCase()
}
