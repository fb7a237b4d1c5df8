import { createHash } from 'node:crypto'
import type { Markup } from './markup.ts'
import { html, trustedMarkup } from './markup.ts'
import { PAGE_STYLE } from './page-style.ts'

export interface PageOptions {
  readonly title: string
  readonly body: Markup
  /** More of the head: links for software. */
  readonly head?: Markup
  readonly status?: number
  /** BCP 47; English by default. */
  readonly lang?: string
  /** For what reads better with more room than a letter, such as an inbox. */
  readonly wide?: boolean
  /** Rules of this page, after the common ones. */
  readonly style?: string
  readonly headers?: Headers | Readonly<Record<string, string>>
}

/**
 * A page that a function makes for a person: no script, nothing from elsewhere, no referrer, in no
 * cache, index or frame.
 */
export function pageResponse({
  title,
  body,
  head,
  status = 200,
  lang = 'en',
  wide = false,
  style = '',
  headers,
}: PageOptions): Response {
  const styles = PAGE_STYLE + style
  const page = html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<meta name="robots" content="noindex, nofollow, noarchive">
<meta name="referrer" content="no-referrer">
<style>${trustedMarkup(styles)}</style>${head}
</head>
<body>
<main${wide && html` class="wide"`}>
${body}
</main>
</body>
</html>
`
  const all = new Headers(headers)
  for (const [name, value] of Object.entries(pageHeaders(styles))) {
    if (!all.has(name)) all.set(name, value)
  }
  return new Response(page.markup, { status, headers: all })
}

/** `form-action` has to allow every site: browsers apply it to the redirects behind a form, too. */
function pageHeaders(styles: string): Record<string, string> {
  const hash = createHash('sha256').update(styles).digest('base64')
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${hash}'; img-src 'self' data:; form-action 'self' https: http:; base-uri 'none'; frame-ancestors 'none'`,
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow, noarchive, nosnippet',
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
  }
}
