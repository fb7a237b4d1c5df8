import { withFormattingOnly } from '../web/sanitise.ts'

/**
 * Sanitises HTML at the moment it is shown, whoever has done so before: what is stored may be older than
 * the rules. Its links tell nobody where they were followed from, and vouch for nobody; no sign in it turns
 * text round or hides a part of it.
 */
export function displayedHtml(html: string): string {
  return withFormattingOnly(html, { headings: 'h3', textFilter: printable })
}

/** Before a link is judged by its scheme, never after: `java\u202escript:` is none, and must not become one. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, '')
}
