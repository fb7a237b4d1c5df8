import sanitizeHtml from 'sanitize-html'

/** What a stranger's text may be made of where we show it: no picture, no style, nothing that loads. */
const TAGS = [
  ...['p', 'br', 'blockquote', 'pre', 'code', 'ul', 'ol', 'li', 'h3', 'h4', 'h5', 'h6'],
  ...['a', 'b', 'strong', 'i', 'em', 'del', 's', 'sub', 'sup', 'q', 'cite', 'small'],
]

/**
 * Sanitises HTML at the moment it is shown, whoever has done so before: what is stored may be older than
 * the rules. Its links tell nobody where they were followed from, and vouch for nobody; no sign in it turns
 * text round or hides a part of it.
 */
export function displayedHtml(html: string): string {
  return sanitizeHtml(html, {
    allowedTags: TAGS,
    allowedAttributes: { a: ['href', 'rel'] },
    allowedSchemes: ['http', 'https'],
    allowProtocolRelative: false,
    textFilter: printable,
    transformTags: {
      a: (tagName, { href }) => ({
        tagName,
        attribs:
          href === undefined
            ? {}
            : { href: printable(href), rel: 'nofollow ugc noreferrer noopener' },
      }),
      h1: 'h3',
      h2: 'h3',
    },
    nestingLimit: 50,
  })
}

/** Before a link is judged by its scheme, never after: `java\u202escript:` is none, and must not become one. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, '')
}
