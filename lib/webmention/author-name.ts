import { toLine } from '../web/message-text.ts'
import { parseUrl } from '../web/parse-url.ts'
import { isDomainName, isSameSite } from '../web/same-site.ts'

const MAX_NAME_LENGTH = 100
/** `Bob (bob.example)`, `Bob, via bob.example`, `Bob – bob.example`: how a reader is told where a name comes from. */
const ORIGIN =
  /(?:^|[\s([{（［<‹]+)(?:[([{（［<‹][^)\]}）］>›]*?|[\s,;:·|–—@-]*(?:(?:via|of|from|at|by|on)\s+)?)((?:[\p{L}\p{N}_-]+\.)+\p{L}[\p{L}\p{N}-]+)\.?(?:\/\S*)?[)\]}）］>›]*$/iu
const DANGLING = /[\s,;:·|–—([{（［<‹-]+$/u
/** As dots they look, and as dots they count in a host. */
const OTHER_DOTS = /[．。｡]/g
/** Joiners mean nothing beside these letters, and break up a host for who looks for one. */
const NEEDLESS_JOINERS = /(?<=[\x21-\x7e])[\u200c\u200d]+|[\u200c\u200d]+(?=[\x21-\x7e])/g
const MAX_ORIGINS = 5

/**
 * What somebody is called on a page, in one line. A URL is no name; and no name may say that it comes from another
 * site than the page does, which only we may say of it.
 */
export function authorName(text: string, page: URL): string {
  let name = toLine(text, MAX_NAME_LENGTH).replace(NEEDLESS_JOINERS, '')
  if (/^[a-z][a-z\d+.-]*:\S*$/i.test(name)) return ''
  for (let count = 0; count < MAX_ORIGINS; count++) {
    const origin = ORIGIN.exec(name.replace(OTHER_DOTS, '.'))
    if (!origin?.[1] || !isElsewhere(origin[1], page)) break
    name = name.slice(0, origin.index).replace(DANGLING, '')
  }
  return name
}

function isElsewhere(host: string, page: URL): boolean {
  const url = isDomainName(host) ? parseUrl(`https://${host}/`) : undefined
  return url !== undefined && !isSameSite(url, page)
}
