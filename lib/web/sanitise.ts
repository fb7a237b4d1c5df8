import sanitizeHtml from 'sanitize-html'
import type { HtmlElement } from './html.ts'
import { shownHtml } from './shown-html.ts'

/** Longer posts are shown as text. */
const MAX_HTML_LENGTH = 40_000
/** What formatting, pictures and scripts may add to that before they are gone. */
const MAX_RAW_LENGTH = 4 * MAX_HTML_LENGTH
/** Deeper than this only those nest who want to know what happens. */
const NESTING = 50

/** What a stranger's text may be made of where we show it: no picture, no style, nothing that loads. */
const TAGS = [
  ...['p', 'br', 'a', 'em', 'strong', 'b', 'i', 'blockquote', 'code', 'pre', 'small'],
  ...[
    'ul',
    'ol',
    'li',
    'dl',
    'dt',
    'dd',
    'del',
    'ins',
    's',
    'sup',
    'sub',
    'q',
    'cite',
    'abbr',
    'hr',
  ],
  // Without these, the end of one and the beginning of the next stand in one line.
  ...['div', 'section', 'article', 'header', 'footer', 'aside', 'figure', 'figcaption'],
  ...['table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td'],
]
/** What is shown as a plain division: it divides, and says or does nothing else. */
const DIVISIONS = ['main', 'nav', 'address', 'details', 'summary', 'hgroup', 'center', 'form']

/**
 * HTML of a stranger with nothing but formatting and links left of it: no pictures, so that nobody learns
 * when the owner reads it, but what they show in words; no styles, classes or ids.
 *
 * @param options.isLeftOut Elements that are left out with all that is in them.
 * @see [Webmention §4.3](https://www.w3.org/TR/webmention/#cross-site-request-forgery)
 */
export function sanitiseHtml(
  html: string,
  options: { readonly isLeftOut?: (element: HtmlElement) => boolean } = {},
): string | undefined {
  if (html.length > MAX_RAW_LENGTH) return undefined
  const shown = shownHtml(html, options)
  if (shown === undefined) return undefined
  const sanitised = withFormattingOnly(shown, { headings: 'p' }).trim()
  return sanitised === '' || sanitised.length > MAX_HTML_LENGTH ? undefined : sanitised
}

export interface FormattingOptions {
  /** `p`: a heading is a paragraph. `h3`: the largest is as large as that. */
  readonly headings: 'p' | 'h3'
  /** Applied to each text, and to addresses before their scheme is judged. */
  readonly textFilter?: (text: string) => string
}

/** Leaves nothing but formatting and links to the web. Such a link vouches for nobody, and does not tell where it was followed. */
export function withFormattingOnly(
  html: string,
  { headings, textFilter = (text) => text }: FormattingOptions,
): string {
  const names = headings === 'p' ? ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'] : ['h1', 'h2']
  return sanitizeHtml(html, {
    allowedTags: [...TAGS, ...(headings === 'h3' ? ['h3', 'h4', 'h5', 'h6'] : [])],
    allowedAttributes: { a: ['href', 'rel'] },
    allowedSchemes: ['http', 'https'],
    allowProtocolRelative: false,
    textFilter,
    nestingLimit: NESTING,
    transformTags: {
      a: (tagName, { href }) => ({
        tagName,
        attribs:
          href === undefined
            ? {}
            : { href: textFilter(href), rel: 'nofollow ugc noreferrer noopener' },
      }),
      ...Object.fromEntries(names.map((name) => [name, headings])),
      ...Object.fromEntries(DIVISIONS.map((name) => [name, 'div'])),
    },
  })
}
