import { parseUrl } from '../web/parse-url.ts'
import { parseUserAddress, type UserAddress } from '../web/user-address.ts'

/** What an inbox calls a message that stands nowhere on the web. */
export interface MessageReference {
  readonly url: URL
  /** Who wrote it, where the name of the message says so. */
  readonly author?: UserAddress
}

const SCHEME = /^(fmtp|intertalk|pm):/i
/** Longer ones no inbox shows. */
const MAX_LENGTH = 600

/** Whether a value of the front matter, or one in its list, is meant as the name of a message. */
export function namesMessage(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(namesMessage)
  return typeof value === 'string' && SCHEME.test(value.trim())
}

/**
 * Reads `fmtp:<nonce.user@domain>`, `intertalk:<user@domain>/<id>` or `pm:<uid>`. `undefined` for what is
 * none of them.
 */
export function parseMessageReference(text: string): MessageReference | undefined {
  const trimmed = text.trim()
  const scheme = SCHEME.exec(trimmed)?.[1]?.toLowerCase()
  const url = parseUrl(trimmed)
  if (!scheme || !url || trimmed.length > MAX_LENGTH || /\s/.test(trimmed)) return undefined
  const name = trimmed.slice(scheme.length + 1)
  if (scheme === 'pm') return name === '' ? undefined : { url }

  const [, written = ''] = (scheme === 'fmtp' ? FMTP_ID : INTERTALK_ID).exec(name) ?? []
  const author = parseUserAddress(written)
  return author && { url, author }
}

/** The nonce has no dot in it, the user's name may have. */
const FMTP_ID = /^[^.@]+\.(.+)$/
const INTERTALK_ID = /^([^/]+)\/.+$/

/** The name of the message as the inbox wrote it: a URL spells letters outside of ASCII otherwise. */
export function formatMessageReference({ href }: URL): string {
  return href.replace(/(%[89a-f][0-9a-f])+/gi, (escapes) => decode(escapes) ?? escapes)
}

function decode(escapes: string): string | undefined {
  try {
    return decodeURIComponent(escapes)
  } catch {
    // Not UTF-8: then these are no letters, and stay what they are.
    return undefined
  }
}
