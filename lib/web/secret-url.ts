/**
 * Whether a URL is somebody's secret: whoever has it may read what is there, or learns of something that is
 * not for them. The one answer for whoever writes (a reply to such a URL is private), whoever receives (a
 * mention from one is held back), the leak audit (no public page names one), and logs (they cut it short).
 *
 * It goes by what can be seen: a name of the host, a segment of the path, a value of the query or the
 * fragment, a user that `looksRandom` (random-text.ts), the address of a gated post, a value that is called a
 * token, a password. Places where such addresses are public are data (public-places.ts).
 *
 * @see [W3C TAG, Good Practices for Capability URLs](https://www.w3.org/TR/capability-urls/)
 * @module
 */
import { canParseUrl, parseUrl } from './parse-url.ts'
import { isPublicPlace, secretOfPlace } from './public-places.ts'
import { looksRandom, oddness } from './random-text.ts'
import { looksLikeGateName, looksLikeToken } from './token-alphabet.ts'

/** What a site knows beyond the look of a URL. */
export interface SecretRules {
  /** Where gated posts lie. `/private/`, as this software has it by default, counts everywhere. */
  readonly gatePrefixes?: readonly string[]
  /** Whether it is known to be private: an inbox holds it, or it asked who is there. */
  readonly isKnown?: (url: URL) => boolean
  /** Whether the author says that everybody may know it. */
  readonly isPublic?: (url: URL) => boolean
}

const DEFAULT_GATE = '/private/'
const SCHEME = /^(?:https?|webcals?|feed):$/
/** What a URL must have to be anything: the shortest secret without a name has twelve letters. */
const LONG_ENOUGH = /[\w%.~-]{12}|[?&#;][\w-]*(?:token|secret|passw|pwd|key)\w*=/i

/** Files that a page loads. A hash in their address names their content; only a folder of ours would be a secret. */
const ASSET =
  /\.(?:css|m?js|map|wasm|jpe?g|png|gif|webp|avif|svg|ico|heic|bmp|mp[34]|m4[av]|webm|ogg|wav|flac|mov|woff2?|ttf|otf|eot)$/i
/** Behind these names stands the hash of what is there, or a number that everybody may know. */
const HASHED =
  /^(?:commits?|tree|blame|compare|rev|revision|changeset|ipfs|ipns|tx|address|block|avatar|avatars|badges?|by-fingerprint)$/i
/** Video sites of the Fediverse, posts of GoToSocial, and objects that servers give out to those who may see them. */
const FEDIVERSE =
  /^\/(?:@[\w.-]+\/statuses\/[0-7][\dA-HJKMNP-TV-Z]{25}|w\/[1-9A-HJ-NP-Za-km-z]{22}|(?:w|videos\/(?:watch|embed)|objects|activities)\/[\da-f]{8}-[\da-f-]{27})\/?$/
/** Files and folders of a commit. */
const GIT_OBJECT = /^(?:blob|raw|src|archive|browse|plain|log|diff|patch)$/
const GIT_HASH = /^[\da-f]{40}$/
/** Anchors in documentation made by Doxygen. */
const DOXYGEN = /^g?a[\da-f]{32}$/
/** A cited post within a cited post: as deep as data are that people write. */
/** `bob.example/1`, as browsers show it. */
const NO_SCHEME = /^[\w-]+(?:\.[\w-]+)+\/\S+$/
const URL_IN_TEXT = /https?:\/\/[^\s<>()[\]"'“”„«»]+/gi
const DEEPEST = 8
const LONGEST_TOKEN = 200
const GIT_HOST = /^(?:c?git[\w-]*|gitea|forgejo|hg|svn|code)\./
/** Names that say what they are: decentralised identifiers, hashes, keys, addresses of mail and messages. */
const PUBLIC_NAME =
  /^(?:0x(?:[\da-f]{40}|[\da-f]{64})$|did:|swh:|urn:|(?:sha\d+|md5)[:-]|(?:npub|nprofile|nevent|note|naddr)1[0-9a-z]+$|Qm[1-9A-HJ-NP-Za-km-z]{44}|baf[kyz][a-z2-7]{40,})|.@[\w-]+(?:\.[\w-]+)+$/i
/** Keys that their owners put into pages: of maps, of payments. */
const PUBLISHABLE = /^(?:AIza|pk[._])/

/** Parameters that advertisers and players add. */
const TRACKING =
  /^(?:utm_\w+|\w*clid|wbraid|gbraid|mc_[ce]id|igsh(?:id)?|si|_hs\w+|mkt_tok|epik|ref\w*|trk\w*|usg|ved|ei|sxsrf|ixid|fingerprint|integrity|v|ver|version)$/i
/** Parameters that are called a secret need not be as long as one. */
const SECRET_NAME =
  /^(?:.*[_-])?(?:k|token|key|secret|sig|signature|password|passwd|pwd|pass|auth|authkey|apikey|rlkey|hmac|jwt|credential|access|invite|share)$/i

const NAMED_LENGTH = 12
/** These are called nothing else. */
const SURE_NAME = /^(?:.*[_-])?(?:token|secret|password|passwd|pwd|rlkey)$/i
const SURE_LENGTH = 8
const ASSET_LENGTH = 16
/** A token, a share, or the time of a film, a search. */
const SHORT_NAME = /^[ts]$/
const SHORT_NAME_LENGTH = 16
/** A user or a password that stands in a manual. */
const EXAMPLE_PASSWORD =
  /^(?:my[-_]?)?(?:pass|passwd|password|pw|pwd|user|admin|test|secret|token)[-_\w]{0,4}$/i
/** A name of a host with fewer letters is no secret. */
const SHORTEST_HOST = 26

/** Whether whoever has the URL has a permission with it. */
export function isSecretUrl(url: URL, rules: SecretRules = {}): boolean {
  return secretParts(url, rules).length > 0
}

/** The parts of `url.href` that are the secret; none if there is none. */
export function secretParts(url: URL, rules: SecretRules = {}): readonly string[] {
  if (!SCHEME.test(url.protocol) || rules.isPublic?.(url) === true) return []
  const segments = url.pathname.split('/')
  if (rules.isKnown?.(url) === true) return [lastOf(segments) ?? url.hostname]
  const isShort = !LONG_ENOUGH.test(url.href.slice(url.origin.length))
  if (isShort && url.username === '' && url.hostname.length < SHORTEST_HOST) return []

  const place = secretOfPlace(url)
  const named = [
    ...(place === undefined ? [] : [place]),
    ...gateNames(url, rules),
    ...secretValues(url),
    ...passwordOf(url),
  ]
  const random = [
    ...segments.filter((_, at) => isSecretSegment(url, segments, at)),
    ...randomValues(url),
    ...randomHosts(url),
    ...(looksRandom(url.username) ? [url.username] : []),
  ]
  return random.length === 0 || isPublicPlace(url) ? named : [...new Set([...named, ...random])]
}

/** Whether a value of data, or one within it, is such a URL. */
export function quotesSecretUrl(value: unknown, rules: SecretRules = {}): boolean {
  return secretUrlsIn(value, rules).length > 0
}

/** The secret URLs among the values of data: a text, a list, or what microformats make of a cited post. */
export function secretUrlsIn(value: unknown, rules: SecretRules = {}, depth = 0): readonly URL[] {
  if (value instanceof URL) return isSecretUrl(value, rules) ? [value] : []
  if (typeof value === 'string') {
    return pastedUrls(value.trim()).filter((url) => isSecretUrl(url, rules))
  }
  const isDeeper = typeof value === 'object' && value !== null && depth < DEEPEST
  return isDeeper ? Object.values(value).flatMap((one) => secretUrlsIn(one, rules, depth + 1)) : []
}

/** URLs as people paste them: in angle brackets, as a link of Markdown, without `https://`. */
function pastedUrls(text: string): URL[] {
  const whole = parseUrl(NO_SCHEME.test(text) ? `https://${text}` : text)
  if (whole && SCHEME.test(whole.protocol)) return [whole]
  return [...text.matchAll(URL_IN_TEXT)].flatMap(([url]) => parseUrl(url) ?? [])
}

function isSecretSegment(
  { pathname, hostname }: URL,
  segments: readonly string[],
  at: number,
): boolean {
  const raw = segments[at] ?? ''
  if (raw.length < 20) return false
  const text = decode(raw)
  if (isWebUrl(text)) return isSecretUrl(new URL(text))
  if (ASSET.test(pathname)) return looksLikeToken(text) && text === text.toLowerCase()
  if (FEDIVERSE.test(pathname)) return false
  if (looksLikeToken(text)) return true
  const before = segments[at - 1] ?? ''
  if (isPublicName(text) || HASHED.test(before)) return false
  const name = text.replace(/\.[a-z\d]{1,5}$/i, '')
  const isOfGit = GIT_HOST.test(hostname) || (GIT_OBJECT.test(before) && at < segments.length - 1)
  return looksRandom(name) && !(isOfGit && GIT_HASH.test(name))
}

/** The names of gated posts: `/private/<name>/`. A word of twelve letters behind it is none. */
function gateNames({ pathname }: URL, { gatePrefixes = [] }: SecretRules): string[] {
  return [DEFAULT_GATE, ...gatePrefixes].flatMap((prefix) => {
    const at = pathname.indexOf(prefix)
    const name = at === -1 ? '' : (pathname.slice(at + prefix.length).split('/')[0] ?? '')
    return isGateName(name) ? [name] : []
  })
}

/** Whether a text is what a gated post is called, and no word or number of twelve letters. */
export function isGateName(name: string): boolean {
  return looksLikeGateName(name) && !/^\d+$/.test(name) && oddness([name]) > 0.2
}

/** Values that are called a secret, and addresses that are one. */
function secretValues(url: URL): string[] {
  return valuesOf(url).flatMap(({ name, raw, text, isFragment }) => {
    if (isWebUrl(text)) return isSecretUrl(new URL(text)) ? [raw] : []
    if (PUBLISHABLE.test(text) || isPublicName(text)) return []
    if (SHORT_NAME.test(name)) return looksIssued(text, SHORT_NAME_LENGTH) ? [raw] : []
    if (!SECRET_NAME.test(name)) return []
    // What no server is sent is there for the browser to open something with.
    const isSure = isFragment || SURE_NAME.test(name)
    // A badge has a token, too: it opens the badge.
    const length = ASSET.test(url.pathname) ? ASSET_LENGTH : isSure ? SURE_LENGTH : NAMED_LENGTH
    return looksIssued(text, length) ? [raw] : []
  })
}

/** A password that is more than an example in a manual. */
function passwordOf({ password }: URL): string[] {
  const text = decode(password)
  const isMixed = /\d/.test(text) && /[a-z]/i.test(text) && text.length > 5
  return (isMixed && !EXAMPLE_PASSWORD.test(text)) || looksRandom(text) ? [password] : []
}

/** Names within a host that no person chose. Hosts of the darknet are public keys. */
function randomHosts({ hostname, pathname }: URL): string[] {
  if (ASSET.test(pathname) || /\.(?:onion|i2p)$/.test(hostname)) return []
  const names = hostname.split('.').slice(0, -1)
  return names.filter((name) => /\d/.test(name) && !isPublicName(name) && looksRandom(name))
}

/** Values of the query and the fragment that no person chose. */
function randomValues(url: URL): string[] {
  if (ASSET.test(url.pathname)) return []
  return valuesOf(url).flatMap(({ raw, text }) => {
    if (isWebUrl(text) || isPublicName(text) || DOXYGEN.test(text)) return []
    // The longest tokens are those of RFC 7519; what is longer than others is a document.
    if (text.length > LONGEST_TOKEN && !text.startsWith('eyJ')) return []
    const isOfGit = GIT_HOST.test(url.hostname) && GIT_HASH.test(text)
    return looksRandom(text) && !isOfGit ? [raw] : []
  })
}

interface Value {
  readonly name: string
  /** As it stands in the URL. */
  readonly raw: string
  readonly text: string
  readonly isFragment: boolean
}

/** `name=value&…` of the query and the fragment, and texts that have no name; without what trackers add. */
function valuesOf({ search, hash }: URL): Value[] {
  const texts = [search.slice(1), hash.startsWith('#:~:') ? '' : hash.slice(1)]
  return texts.flatMap((text, at) =>
    text.split(/[&;?/]/).flatMap((pair) => {
      const [first = '', ...rest] = pair.split('=')
      const raw = rest.length === 0 ? first : rest.join('=')
      const name = rest.length === 0 ? '' : decode(first).replace(/^amp;/, '')
      const isAny = raw.length >= SURE_LENGTH && !TRACKING.test(name)
      const value = { raw, text: decode(raw.replaceAll('+', ' ')), isFragment: at === 1 }
      return isAny ? [{ ...value, name: name.replace(/([a-z])([A-Z])/g, '$1_$2') }] : []
    }),
  )
}

/** A value that no person chose: long enough, no words, and not one letter again and again. */
function looksIssued(text: string, length: number): boolean {
  return (
    text.length >= length &&
    new Set(text).size > 4 &&
    text.split(/[^A-Za-z\d]+/).some((chunk) => chunk.length >= 8 && oddness([chunk]) > 0.2)
  )
}

function isPublicName(text: string): boolean {
  return PUBLIC_NAME.test(text)
}

function isWebUrl(text: string): boolean {
  return /^(?:https?|feed):\/\//i.test(text) && canParseUrl(text)
}

function lastOf(segments: readonly string[]): string | undefined {
  return segments.findLast((segment) => segment !== '')
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Not UTF-8 behind the percent signs: the rest can be judged.
    return text.replace(/%[\da-f]{2}/gi, ' ')
  }
}
