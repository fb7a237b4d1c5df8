import { readMarkup } from '../web/markup-readings.ts'
import type { PageReading } from '../web/page-parser.ts'
import type { Letter } from './shelf.ts'

/** Letters of the longest kind that are read in a second. */
const AT_ONCE = 50

/** Each of them as `displayedHtml()` of `displayed-html.ts` leaves it. */
export const DISPLAYED_HTML: PageReading<readonly string[], readonly string[], 'displayed'> = {
  name: 'displayed',
}

/**
 * The markup of letters, made fit to be shown at this moment. A letter without an entry here is shown as text: it
 * has no markup, or such as takes too long to read.
 *
 * @throws {RequestError} `temporarily_unavailable`, 503, where too much is waiting to be read
 */
export async function displayedMarkup(
  letters: readonly Letter[],
): Promise<ReadonlyMap<Letter, string>> {
  const marked = letters.flatMap((letter) =>
    letter.content.html === undefined ? [] : [{ letter, html: letter.content.html }],
  )
  const shown = new Map<Letter, string>()
  for (let start = 0; start < marked.length; start += AT_ONCE) {
    const some = marked.slice(start, start + AT_ONCE)
    const read = await readMarkup(
      DISPLAYED_HTML,
      some.map(({ html }) => html),
    )
    some.forEach(({ letter }, index) => {
      const html = read?.[index]
      if (html !== undefined) shown.set(letter, html)
    })
  }
  return shown
}
