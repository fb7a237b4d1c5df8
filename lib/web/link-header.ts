/**
 * `Link` header fields, by the parsing algorithm of RFC 8288 appendix B.
 *
 * Ours instead of a package: http-link-header 1.1.4 throws the good links away when one is malformed,
 * and loses the link after `rel="x" ,`.
 *
 * @see [RFC 8288 appendix B](https://www.rfc-editor.org/rfc/rfc8288#appendix-B)
 * @module
 */

/** One link of a `Link` header. Nothing in it is resolved yet. */
export interface Link {
  readonly uri: string
  /** Relation types of the first `rel` parameter, in lower case (§3.3). */
  readonly rel: readonly string[]
  /** The link's context, where it is not the document that carries the header (§3.2). */
  readonly anchor?: string
  /** Every parameter by its lower-case name; of a repeated one, the first. */
  readonly params: ReadonlyMap<string, string>
}

/**
 * Parses the value of `Link`, of several header lines joined by commas as well.
 *
 * What is malformed is skipped up to the next comma; it never takes the links beside it along.
 */
export function parseLinkHeader(value: string): Link[] {
  const links: Link[] = []
  const scanner = new Scanner(value)
  while (!scanner.done) {
    scanner.skip(/[\s,]*/y)
    if (scanner.match(/(<)/y) !== undefined) {
      const uri = scanner.match(/([^>]*)>/y)
      // Without a closing bracket ahead there is no other link either.
      if (uri === undefined) return links
      links.push(linkOf(uri, parseParameters(scanner)))
    }
    // Whatever stands here before the next comma belongs to no link.
    scanner.skip(/[^,]*/y)
  }
  return links
}

/** Appendix B.3, with one repair: a quotation mark that is never closed is an ordinary character. */
function parseParameters(scanner: Scanner): Map<string, string> {
  const params = new Map<string, string>()
  while (scanner.match(/(\s*;\s*)/y) !== undefined) {
    const name = scanner.match(/([^\s=;,]*)/y)?.toLowerCase() ?? ''
    const value = scanner.match(/(\s*=\s*)/y) === undefined ? '' : parseValue(scanner)
    if (name !== '' && !params.has(name)) params.set(name, value)
  }
  return params
}

function parseValue(scanner: Scanner): string {
  const quoted = scanner.match(/"((?:[^"\\]|\\.)*)"/sy)
  if (quoted !== undefined) return quoted.replace(/\\(.)/gs, '$1')
  return scanner.match(/([^;,]*)/y)?.trim() ?? ''
}

function linkOf(uri: string, params: Map<string, string>): Link {
  const rel = (params.get('rel') ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const anchor = params.get('anchor')
  return { uri: uri.trim(), rel, params, ...(anchor !== undefined && { anchor }) }
}

/** A position in a text that moves on by sticky patterns. */
class Scanner {
  readonly #text: string
  #position = 0

  constructor(text: string) {
    this.#text = text
  }

  get done(): boolean {
    return this.#position >= this.#text.length
  }

  /** The first group of `pattern` if that matches right here. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position
    const match = pattern.exec(this.#text)
    if (match === null) return undefined
    this.#position = pattern.lastIndex
    return match[1] ?? ''
  }

  skip(pattern: RegExp): void {
    this.match(pattern)
  }
}
