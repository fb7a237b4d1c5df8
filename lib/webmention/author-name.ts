import { toLine } from '../web/message-text.ts'
import { parseUrl } from '../web/parse-url.ts'
import { isDomainName, isSameSite } from '../web/same-site.ts'

const MAX_NAME_LENGTH = 100
/** `Bob (bob.example)`, `Bob, via bob.example`: how we say where a name comes from. */
const ORIGIN =
  /(?:^|[\s,;:·|–—-]+)(?:[([{（［<‹][^)\]}）］>›]*?|(?:via|of|from|at|by|on)\s+)((?:[\p{L}\p{N}_-]+\.)+\p{L}[\p{L}\p{N}-]+)\.?(?:\/\S*)?[)\]}）］>›]?\s*$/iu
const MAX_ORIGINS = 5

/**
 * What somebody is called on a page, in one line. A URL is no name; and no name may say that it comes from another
 * site than the page does, which only we may say of it.
 */
export function authorName(text: string, page: URL): string {
  let name = toLine(text, MAX_NAME_LENGTH)
  if (/^[a-z][a-z\d+.-]*:\S*$/i.test(name)) return ''
  for (let count = 0; count < MAX_ORIGINS; count++) {
    const origin = ORIGIN.exec(name)
    if (!origin?.[1] || !isElsewhere(origin[1], page)) break
    name = name.slice(0, origin.index).trim()
  }
  return isElsewhere(name, page) ? '' : name
}

function isElsewhere(host: string, page: URL): boolean {
  const url = isDomainName(host) ? parseUrl(`https://${host}/`) : undefined
  return url !== undefined && !isSameSite(url, page)
}
