/**
 * What somebody is called: a name that says only who, never where it comes from. That is ours to say, beside it:
 * `Nora Relay, via bridge.example`.
 *
 * @module
 */
import { toLine } from './message-text.ts'
import { parseUrl } from './parse-url.ts'
import { isDomainName, isSameSite } from './same-site.ts'

const MAX_NAME_LENGTH = 100
/** Nothing is seen of these, or only a gap: jamo fillers, the empty pattern of Braille, marks that join or select. */
const UNSEEN = /[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0]/gu
/** Joiners mean nothing beside these letters, and break up a host for who looks for one. */
const NEEDLESS_JOINERS = /(?<=[\x21-\x7e])[\u200c\u200d]+|[\u200c\u200d]+(?=[\x21-\x7e])/g
/** No script puts more marks on a letter; a pile of them covers the lines above and below. */
const PILED_MARKS = /(\p{Mn}{4})\p{Mn}+/gu
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u

/** As dots they look, beside those that NFKC makes dots of. */
const OTHER_DOTS = /[\u3002\u0660\u06d4\u06f0\u0701\u0702\ua4f8\ua60e]/g
const HOST = /(?<![\p{L}\p{N}\p{M}_.-])(?:[\p{L}\p{N}\p{M}_-]+\.)+\p{L}[\p{L}\p{N}\p{M}-]+/gu
/** `Bob, via Mastodon`, `Bob (via 127.0.0.1)`: as we say it of a claim. */
const CLAIM = /\s*[,;:·|–—\p{Ps}\p{Pi}-]\s*via\s+\S/iu
/** Letters of several scripts that look alike: no top-level domain is written so, but it looks like one. */
const MIXED =
  /(?=.*\p{Script=Latin})(?=.*[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}])/u
/** What leads to a host, and says nothing without it. */
const LEAD =
  /(?:(?<![\p{L}\p{N}])(?:via|of|from|at|by|on)|https?:\/\/|[\p{Ps}\p{Pi}<][^\p{Pe}\p{Pf}>]*|[\s\p{Pd}\p{Sm}\p{Sk},;:·|/\\*@#&_•'"]+)$/iu

/** The name that a page gives somebody, in one line. A URL is no name. */
export function authorName(text: string, page: URL): string {
  const name = toLine(text, MAX_NAME_LENGTH)
  return /^[a-z][a-z\d+.-]*:\S*$/i.test(name) ? '' : ownName(name, page)
}

/** A name up to where it says that it comes from another site than this page does. */
export function ownName(text: string, page: URL): string {
  const name = text
    .replace(UNSEEN, ' ')
    .replace(NEEDLESS_JOINERS, '')
    .replace(PILED_MARKS, '$1')
    .replace(/\s+/g, ' ')
    .trim()
  const end = originIn(name, page)
  const own = end === undefined ? name : withoutLead(end)
  return VISIBLE.test(own) ? own : ''
}

/** The part of a name before its origin, if it names one. */
function originIn(name: string, page: URL): string | undefined {
  const plain = name.replace(OTHER_DOTS, '.').normalize('NFKC')
  const claim = CLAIM.exec(plain)
  const host = [...plain.matchAll(HOST)].find((one) => isOrigin(one, plain, page))
  const ends = [claim, host].flatMap((one) => (one ? [one.index] : []))
  return ends.length === 0 ? undefined : plain.slice(0, Math.min(...ends))
}

function isOrigin({ 0: host, index }: RegExpExecArray, name: string, page: URL): boolean {
  return isElsewhere(host, page) && !isOfHandle(name.slice(0, index))
}

/** `Bob @bob@toot.example`: whoever has that address, it is no site. */
function isOfHandle(before: string): boolean {
  return /[^\s@]@$/.test(before)
}

function withoutLead(text: string): string {
  let name = text
  for (;;) {
    const shorter = name.replace(LEAD, '')
    if (shorter === name) return name
    name = shorter
  }
}

function isElsewhere(host: string, page: URL): boolean {
  if (!isDomainName(host) && !MIXED.test(host)) return false
  const url = parseUrl(`https://${host}/`)
  return url === undefined || !isSameSite(url, page)
}
