import MarkdownIt from 'markdown-it'
import { sanitiseHtml } from '../web/sanitise.ts'

/** Bare addresses become links up to here: looking for them in four times as much takes sixteen times as long. */
const MAX_LINKIFIED = 8_000

/** Markdown as harmless HTML; `undefined` where nothing is left of it. */
export function renderMarkdown(markdown: string): string | undefined {
  const renderer = new MarkdownIt({ html: false, linkify: markdown.length <= MAX_LINKIFIED })
  return sanitiseHtml(renderer.render(markdown))
}
