/**
 * In which encoding the text of a response is written.
 *
 * 1. A byte order mark says so.
 * 2. Or else the `charset` of the `Content-Type`.
 * 3. Or else, of HTML, a `<meta>` near its beginning, or an XML declaration.
 * 4. Or else it is UTF-8.
 *
 * @see [HTML, determining the character encoding](https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding)
 * @see [Encoding Standard](https://encoding.spec.whatwg.org/)
 * @module
 */
import { isHtml } from './media-type.ts'

/** How much of a document is looked at for its `<meta>`: browsers begin anew at one that comes after the first 1024. */
export const SNIFFED_BYTES = 16 * 1024

/** What turns the bytes of a text into it, piece by piece. */
export interface TextReader {
  read(bytes: Uint8Array): string
  end(): string
}

/** @param beginning The first {@link SNIFFED_BYTES} of the body, or all of a shorter one. */
export function createTextReader(response: Response, beginning: Uint8Array): TextReader {
  const label =
    byteOrderMark(beginning) ??
    charsetOf(response) ??
    (isHtml(response) ? charsetInMeta(beginning) : undefined)
  const decoder = decoderFor(label ?? 'utf-8')
  return {
    read: (bytes) => repaired(decoder.decode(bytes, { stream: true }), decoder),
    end: () => repaired(decoder.decode(), decoder),
  }
}

function byteOrderMark([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return first === 0xff && second === 0xfe ? 'utf-16le' : undefined
}

function charsetOf(response: Response): string | undefined {
  const label = CHARSET.exec(response.headers.get('content-type') ?? '')?.[1]
  // What is no encoding says nothing of it.
  return label !== undefined && isLabel(label) ? label : undefined
}

const CHARSET = /;\s*charset\s*=\s*"?\s*([\w.:+-]+)/i

/**
 * The encoding that a `<meta charset>` or `<meta http-equiv="content-type">` names.
 *
 * @see [HTML, prescan a byte stream](https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding)
 */
function charsetInMeta(beginning: Uint8Array): string | undefined {
  const text = Buffer.from(beginning).toString('latin1')
  const declared = /^\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([\w.:+-]+)["']/.exec(text)?.[1]
  const markup = text.replace(/<!--[^]*?(?:-->|$)/g, '')
  for (const [, attributes = ''] of markup.matchAll(/<meta[\s/]((?:[^>"']|"[^"]*"|'[^']*')*)>/gi)) {
    const label = charsetInAttributes(attributes)
    if (label !== undefined && isLabel(label)) return readable(label)
  }
  return declared !== undefined && isLabel(declared) ? readable(declared) : undefined
}

/** It was read as ASCII, so it is not written in UTF-16: the standard reads it as UTF-8. */
function readable(label: string): string {
  return /^utf-?16/i.test(label) ? 'utf-8' : label
}

function charsetInAttributes(text: string): string | undefined {
  const attributes = new Map<string, string>()
  for (const [, name = '', double, single, bare] of text.matchAll(ATTRIBUTE)) {
    const value = double ?? single ?? bare ?? ''
    if (!attributes.has(name.toLowerCase())) attributes.set(name.toLowerCase(), value)
  }
  const charset = attributes.get('charset')?.trim()
  if (charset) return charset
  if (attributes.get('http-equiv')?.trim().toLowerCase() !== 'content-type') return undefined
  return /charset\s*=\s*["']?\s*([\w.:+-]+)/i.exec(attributes.get('content') ?? '')?.[1]
}

const ATTRIBUTE = /([^\s=/>"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?/g

function isLabel(label: string): boolean {
  if (label.toLowerCase() === 'x-user-defined') return true
  try {
    return new TextDecoder(label).encoding !== ''
  } catch {
    // The standard knows no such label.
    return false
  }
}

function decoderFor(label: string): InstanceType<typeof TextDecoder> {
  return new TextDecoder(label.toLowerCase() === 'x-user-defined' ? 'windows-1252' : label)
}

/** Where windows-1252 has signs and Latin-1 has controls, from 0x80 on. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

/** @WORKAROUND(node): some releases decode windows-1252 as if it were Latin-1. @see [nodejs/node#56542](https://github.com/nodejs/node/issues/56542) */
function repaired(text: string, { encoding }: { readonly encoding: string }): string {
  if (encoding !== 'windows-1252') return text
  return text.replace(/[\u0080-\u009f]/g, (sign) => WINDOWS_1252[sign.charCodeAt(0) - 0x80] ?? sign)
}
