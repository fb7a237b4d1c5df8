import { BLOCK, EDGE } from './words.ts'

/** What stands between words of a source and will not stand between them on the page. */
const NOT_ON_THE_PAGE: readonly (readonly [RegExp, string])[] = [
  // Template syntax becomes something that nobody knows before the build.
  [/\{%[^]*?%\}|\{\{[^]*?\}\}|<%[^]*?%>/g, BLOCK],
  // The names of languages behind a fence.
  [/^([ \t>]*(?:```|~~~)).*$/gm, '$1'],
  // Numbers and boxes of lists.
  [/^([ \t>]*)\d{1,9}[.)][ \t]/gm, '$1'],
  [/^([ \t>]*[-*+][ \t]+)\[[ xX]\]/gm, '$1'],
  // Footnote marks, definitions of links, and their targets.
  [/\[\^[^\]\n]+\]:?/g, ''],
  [/^[ \t]*\[[^\]\n]+\]:[ \t]*\S+.*$/gm, ''],
  [/\]\((?:<[^>\n]*>|<(?![^>\n]*>)|[^()<\n]|\([^()\n]*\))*\)/g, ']'],
  [/\]\[[^\]\n]*\]/g, ']'],
  // Attributes of markdown-it: {.class #id}
  [/\{[.#][^{}\n]*\}/g, ''],
]
const IMAGE = /!\[([^\]\n]*)\](?:\((?:[^()\n]|\([^()\n]*\))*\)|\[[^\]\n]*\])?/g

/** Takes out of a Markdown or template source what will not be text on the page. Keeps the words. */
export function pageText(source: string): string {
  return NOT_ON_THE_PAGE.reduce(
    (text, [pattern, replacement]) => text.replace(pattern, replacement),
    source.replace(IMAGE, EDGE),
  )
}

/** Where a paragraph, a heading, an item or a cell begins in Markdown. */
const BEGINNING = /\n[ \t]*(?=\n)|^[ \t>]*(?:#{1,6}|[-*+])[ \t]|^[ \t]*>|\|/gm

/** Marks what begins in Markdown: text before and behind need not stand together on every page. */
export function markEdges(text: string): string {
  return text.replace(BEGINNING, (found) => `${EDGE}${found}`)
}

/** Texts of images, which stand in attributes, apart from the text around them. */
export function imageTexts(source: string): string[] {
  return Array.from(source.matchAll(IMAGE), ([, alt = '']) => alt)
}

/**
 * Texts that stand by themselves in a source: values of front matter and data, items of lists,
 * headings, cells of tables, texts of links, emphasis, whatever is quoted, and whole lines.
 */
export function* wholeTexts(source: string): Generator<string> {
  for (const line of source.split(/[\n|]/)) {
    const text = line.trim().replace(/^(?:[-*+>#]+\s+|\d+[.)]\s+)+/, '')
    yield text
    const value = /^["'\w.@-]+["']?\s*[:=]\s*(.*)$/.exec(text)?.[1]
    if (value !== undefined) yield value
    const list = value ?? text
    if (list.includes(',') && list.length < 1000) yield* list.split(',')
  }
  for (const [, , quoted = ''] of source.matchAll(/(["'`])((?:(?!\1)[^\\\n]|\\.){1,200})\1/g)) {
    yield quoted
  }
  for (const [, , marked = ''] of source.matchAll(/([*_]{1,3})(?=\S)([^*_\n]{1,200})\1/g)) {
    yield marked
  }
  for (const [, linked = ''] of source.matchAll(/\[([^\]\n]{1,200})\]/g)) yield linked
}
