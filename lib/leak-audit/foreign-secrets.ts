import { parseUrl } from '../web/parse-url.ts'
import { redactUrl } from '../web/redaction.ts'
import { isSecretUrl, type SecretRules } from '../web/secret-url.ts'
import { TOKEN_ALPHABET, TOKEN_LENGTH } from '../web/token-alphabet.ts'
import { mayBeUrls, parseWritten } from '../web/urls-in-text.ts'
import type { PublicSource } from './audit-input.ts'
import { decode } from './escapes.ts'
import { UNKNOWN_POST } from './finding.ts'
import { letterRuns, lettersOf } from './letter-runs.ts'
import { addressOf } from './path-runs.ts'
import { lineAt } from './words.ts'

/** What has to be known to tell the secrets of others from the site's own addresses. */
export interface ForeignSecretOptions {
  /** Where the site is, by all the names that it has. */
  readonly own: readonly URL[]
  readonly rules: SecretRules
  /** The template that wrote a file of the output, where a build knows it. */
  readonly sourceOf?: (path: string) => string | undefined
}

/** A secret URL of somebody else's in a public file. */
interface ForeignSecret {
  readonly line: number
  /** The address with its secret cut short. */
  readonly seen: string
}

/** Slashes that are written otherwise than as slashes: then the text has to be decoded first. */
const ESCAPED_SLASHES = /%3a%2f%2f|&#(?:0*47|x0*2f);|\\u002f|%255?3a/i
/** A token of this software behind a host without "https://", as people write addresses in plain text. */
const TOKEN_LETTERS = lettersOf(TOKEN_ALPHABET)
const BARE_HOST = /(?<![\w./:@-])(?:[a-z\d-]+\.)+[a-z]{2,}(?::\d+)?\/(?:[\w.~-]+\/)*$/i
const LONGEST_HOST = 300
/** Where several people live on one host, each has a path like this. */
const SHARED = /^\/[~@][^/]*/

/** Secret addresses of others in the public files of an output folder. */
export class ForeignSecrets {
  readonly #options: ForeignSecretOptions | undefined
  readonly #pages: ReadonlySet<string>
  readonly #sources: readonly PublicSource[]
  /** Each address is judged once, however many pages have it: what of it may be shown if it is a secret. */
  readonly #judged = new Map<string, string | undefined>()
  readonly #found: (ForeignSecret & { readonly path: string; readonly raw: string })[] = []

  constructor(
    options: ForeignSecretOptions | undefined,
    outputPaths: readonly string[],
    sources: readonly PublicSource[],
  ) {
    this.#options = options
    this.#pages = new Set(options ? outputPaths.map(addressOf) : [])
    this.#sources = sources
  }

  readOutput(path: string, text: string): void {
    if (!this.#options) return
    const plain = ESCAPED_SLASHES.test(text) ? decode(text) : text
    for (const { raw, offset, parse } of addressesIn(plain)) {
      if (!this.#judged.has(raw)) {
        const url = parse(raw)
        this.#judged.set(raw, url && this.#judge(url, raw, this.#options))
      }
      const seen = this.#judged.get(raw)
      if (seen !== undefined) this.#found.push({ path, line: lineAt(plain, offset), seen, raw })
    }
  }

  /** What was found, by the source that has it: the one where it is written, or else the template of the page. */
  left(): readonly (ForeignSecret & { readonly path: string; readonly post: string })[] {
    const written = writtenIn(new Set(this.#found.map(({ raw }) => raw)), this.#sources)
    return this.#found.map(({ path, line, seen, raw }) => {
      const post = written.get(raw) ?? this.#options?.sourceOf?.(path) ?? UNKNOWN_POST
      return { path, line, seen, post }
    })
  }

  #judge(url: URL, raw: string, { own, rules }: ForeignSecretOptions): string | undefined {
    if (own.some((home) => isBelow(url, home)) || !isSecretUrl(url, rules)) return undefined
    // A site may know itself by another name than its author does.
    const address = addressOf(url.pathname)
    return address !== '' && this.#pages.has(address) ? undefined : redactUrl(url, raw, rules)
  }
}

/** Where each of some texts is written. */
function writtenIn(
  texts: ReadonlySet<string>,
  sources: readonly PublicSource[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const source of sources) {
    if (found.size === texts.size) break
    if (source.path === '') continue
    for (const text of texts) {
      const plain = text.replaceAll('\\/', '/').replaceAll('&amp;', '&')
      const isThere = source.text.includes(text) || source.text.includes(plain)
      if (isThere && !found.has(text)) found.set(text, source.path)
    }
  }
  return found
}

interface Address {
  readonly raw: string
  readonly offset: number
  readonly parse: (raw: string) => URL | undefined
}

function* addressesIn(text: string): Generator<Address> {
  for (const { raw, offset } of mayBeUrls(text)) yield { raw, offset, parse: parseWritten }
  for (const [index, end] of letterRuns(text, TOKEN_LENGTH, TOKEN_LETTERS)) {
    const isWhole = text.charAt(index - 1) === '/' && !/[\w-]/.test(text.charAt(end))
    if (!isWhole || end - index !== TOKEN_LENGTH) continue
    const host = BARE_HOST.exec(text.slice(Math.max(0, index - LONGEST_HOST), index))?.[0]
    if (host === undefined) continue
    yield { raw: host + text.slice(index, end), offset: index - host.length, parse: parseBare }
  }
}

function parseBare(raw: string): URL | undefined {
  return parseUrl(`https://${raw}`)
}

function isBelow(url: URL, home: URL): boolean {
  return (
    url.host === home.host && SHARED.exec(url.pathname)?.[0] === SHARED.exec(home.pathname)?.[0]
  )
}
