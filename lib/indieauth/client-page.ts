import {
  attribute,
  baseUrl,
  elements,
  hasToken,
  isElement,
  MAX_ELEMENTS,
  parseHtml,
  textOf,
  type HtmlElement,
  type HtmlNode,
} from '../web/html.ts'
import { parseUrl } from '../web/parse-url.ts'
import type { ClientPage, ClientPageApp } from './client-information.ts'

/**
 * Reads the page of a client: its `redirect_uri` links, and the `h-app`, or `h-x-app` as it was called,
 * that clients described themselves with before.
 */
export function appInHtml({ html, clientId }: ClientPage): ClientPageApp {
  const document = parseHtml(html, { scripting: false, maxElements: MAX_ELEMENTS })
  const base = baseUrl(document, new URL(clientId))
  const resolve = (reference: string) => parseUrl(reference, base)?.href ?? ''
  const redirectUris: string[] = []
  for (const element of elements(document)) {
    const href = isElement(element, 'link') ? attribute(element, 'href') : undefined
    if (href === undefined || !hasToken(attribute(element, 'rel'), 'redirect_uri')) continue
    redirectUris.push(resolve(href))
  }
  const app = firstWithClass(document, 'h-app') ?? firstWithClass(document, 'h-x-app')
  if (!app) return { redirectUris }
  const link = firstWithClass(app, 'u-url') ?? app
  return {
    name: textOf(firstWithClass(app, 'p-name') ?? app),
    uri: resolve(attribute(link, 'href') ?? ''),
    redirectUris,
  }
}

function firstWithClass(node: HtmlNode, name: string): HtmlElement | undefined {
  for (const element of elements(node)) {
    if (hasToken(attribute(element, 'class'), name)) return element
  }
  return undefined
}
