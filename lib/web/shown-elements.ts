/**
 * What of a page is read as words: which elements a browser shows no text of, and the words that stand for a picture,
 * a video, a sound or an embedded page where only words are shown.
 *
 * @module
 */
import { attribute, isElement, type HtmlElement } from './html.ts'
import { toLine } from './message-text.ts'

/** By name alone: in SVG they act as well. */
const UNSHOWN = [
  ...['script', 'style', 'template', 'noscript', 'head', 'title', 'noembed', 'noframes'],
  ...['textarea', 'select', 'button', 'datalist', 'input', 'svg', 'canvas', 'dialog'],
  ...['annotation', 'annotation-xml'],
]
const HIDING = /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)/i
const MAX_WORDS = 300
/** A picture of so many pixels is there to count its readers. */
const TRACKER_SIZE = 1
/** Names that programs give to a picture for which its author had no words. */
const NO_WORDS = /^(?:image|photo|picture|img|bild|\S+\.(?:jpe?g|png|gif|webp|avif|heic|svg))$/i
/** What stands for a sign of a text: "😀", ":wave:". */
const SIGN = /^(?:[^\p{L}\p{N}]{1,16}|:[\w+-]{1,40}:)$/u
const KINDS: ReadonlyMap<string, MediaKind> = new Map([
  ['video', 'video'],
  ['audio', 'audio'],
  ['iframe', 'embedded page'],
  ['embed', 'embedded page'],
  ['object', 'embedded page'],
])
const MEDIA_WORDS = /\[(?:picture|video|audio|embedded page)(?:: ([^\]]*))?\]/g
const SIGN_CLASSES = /(?:^|\s)(?:emoji|wp-smiley|emojione|custom-emoji)(?:\s|$)/i

export type MediaKind = 'picture' | 'video' | 'audio' | 'embedded page'

/** Whether an element is no part of what a reader of its page sees. */
export function isUnshown(element: HtmlElement): boolean {
  if (UNSHOWN.includes(element.tagName.toLowerCase())) return true
  if (attribute(element, 'hidden') !== undefined) return true
  if (HIDING.test(attribute(element, 'style') ?? '')) return true
  return isElement(element, 'img') && isTracker(element)
}

/**
 * The words for an element that shows something else than text, such as `[picture: a cat]`, with room around them; or a
 * sign such as an emoji.
 */
export function mediaWords(element: HtmlElement): string | undefined {
  if (isElement(element, 'img')) return pictureWords(element)
  const kind = KINDS.get(element.tagName)
  return kind !== undefined && isElement(element, element.tagName)
    ? ` ${sayMedia(kind, labelOf(element))} `
    : undefined
}

/** A text without the words that stand for pictures, videos and sounds. */
export function withoutMedia(text: string): string {
  return text.replace(MEDIA_WORDS, '')
}

/** A text in which its own words for a picture stand for it, as the parser of microformats has it. */
export function withLabels(text: string): string {
  return text.replace(MEDIA_WORDS, '$1')
}

/** What stands where a picture, a video or a sound is, in one line. */
export function sayMedia(kind: MediaKind, label: string | undefined): string {
  const words = toLine(label ?? '', MAX_WORDS)
  return words === '' || NO_WORDS.test(words) ? `[${kind}]` : `[${kind}: ${words}]`
}

function pictureWords(element: HtmlElement): string {
  const alt = attribute(element, 'alt')?.trim() ?? ''
  const isSign =
    alt !== '' && (SIGN.test(alt) || SIGN_CLASSES.test(attribute(element, 'class') ?? ''))
  return isSign ? toLine(alt, MAX_WORDS) : ` ${sayMedia('picture', alt || labelOf(element))} `
}

function labelOf(element: HtmlElement): string | undefined {
  return attribute(element, 'aria-label') || attribute(element, 'title')
}

function isTracker(element: HtmlElement): boolean {
  return ['width', 'height'].some((name) => {
    const size = attribute(element, name)?.trim() ?? ''
    return /^\d+(px)?$/.test(size) && Number.parseInt(size, 10) <= TRACKER_SIZE
  })
}
