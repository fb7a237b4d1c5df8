import { canParseUrl } from '../web/parse-url.ts'

/** More than a post of ours needs, and what a cookie has room for beside a pending sign-in. */
const MAX_LENGTH = 200
/** What a browser may take for the beginning of another host, however it is written. */
const HOST_LIKE = /^(?:\/|%2f|\\|%5c){2}/i

/**
 * Where to go after signing in: a path of this site, or its front page. What leads elsewhere, or might
 * be taken to, is not followed.
 *
 * @see [OWASP, Unvalidated Redirects](https://cheatsheetseries.owasp.org/cheatsheets/Unvalidated_Redirects_and_Forwards_Cheat_Sheet.html)
 */
export function nextPath(text: string | null | undefined, site: URL): string {
  const front = site.pathname
  if (!text || text.length > MAX_LENGTH || /[^\x21-\x7e]|\\/.test(text)) return front
  if (!text.startsWith('/') || HOST_LIKE.test(text) || !canParseUrl(text, site.href)) return front
  const { pathname, search } = new URL(text, site)
  // Dot segments are gone by now, and may have left two slashes behind.
  const isOurs = pathname.startsWith(front) && !HOST_LIKE.test(pathname)
  return isOurs ? pathname + search : front
}
