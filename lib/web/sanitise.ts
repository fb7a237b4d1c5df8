import sanitizeHtml from 'sanitize-html'

/** Longer posts are shown as text. */
const MAX_HTML_LENGTH = 40_000
/** What formatting, pictures and scripts may add to that before they are gone. */
const MAX_RAW_LENGTH = 4 * MAX_HTML_LENGTH
/** Deeper than this only those nest who want to know what happens. */
const NESTING = 50

/**
 * HTML of a stranger with nothing but formatting and links left of it: no pictures, so that nobody learns
 * when the owner reads it; no styles, classes or ids.
 *
 * @see [Webmention §4.3](https://www.w3.org/TR/webmention/#cross-site-request-forgery)
 */
export function sanitiseHtml(html: string): string | undefined {
  if (html.length > MAX_RAW_LENGTH) return undefined
  const sanitised = sanitizeHtml(html, {
    allowedTags: [
      ...['p', 'br', 'a', 'em', 'strong', 'b', 'i', 'blockquote', 'code', 'pre'],
      ...['ul', 'ol', 'li', 'del', 'ins', 's', 'sup', 'sub', 'q', 'cite', 'abbr', 'hr'],
    ],
    allowedAttributes: { a: ['href', 'rel'] },
    allowedSchemes: ['http', 'https'],
    allowProtocolRelative: false,
    nestingLimit: NESTING,
    transformTags: {
      a: sanitizeHtml.simpleTransform('a', { rel: 'nofollow ugc noreferrer noopener' }, true),
      ...Object.fromEntries(['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((name) => [name, 'p'])),
    },
  }).trim()
  return sanitised === '' || sanitised.length > MAX_HTML_LENGTH ? undefined : sanitised
}
