/**
 * Whether another site's page had the browser send this form: then whoever sits there has not decided
 * to, and could find themselves signed in as somebody else.
 *
 * Our pages send no referrer, and so `Origin: null`: `Sec-Fetch-Site` is the one to ask. Browsers before
 * 2023 do not send it; programs never do.
 *
 * @see [Fetch Metadata Request Headers](https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header)
 */
export function isFromElsewhere({ headers, url }: Request, site: URL): boolean {
  const fetchSite = headers.get('sec-fetch-site')
  if (fetchSite !== null) return fetchSite !== 'same-origin' && fetchSite !== 'none'
  const origin = headers.get('origin')
  return origin !== null && ![site.origin, new URL(url).origin, 'null'].includes(origin)
}
