import { isGateName, secretParts, type SecretRules } from './secret-url.ts'
import { GATE_NAME_LENGTH, TOKEN_ALPHABET, TOKEN_LENGTH } from './token-alphabet.ts'
import { urlsInText } from './urls-in-text.ts'
import { escapePattern } from './escape-pattern.ts'

/** A token wherever it stands, glued to other letters too; hosts may have folded its case on the way back. */
const TOKENS = new RegExp(`[${TOKEN_ALPHABET}]{${TOKEN_LENGTH},}`, 'gi')
/** What may be the name of a gated post, in an address without a host too. */
const GATE_NAMES = new RegExp(`(?<=/private/)[${TOKEN_ALPHABET}]{${GATE_NAME_LENGTH}}(?!\\w)`, 'gi')
const SHOWN = 4

/**
 * For logs, errors and reports: cuts every secret URL short, whosever it is, and tokens of ours without one.
 * Enough is left to tell two apart, too little to open either.
 */
export function redactSecrets(text: string): string {
  let redacted = ''
  let from = 0
  for (const { url, raw, offset } of urlsInText(text)) {
    const parts = offset < from ? [] : secretParts(url)
    if (parts.length === 0) continue
    redacted += text.slice(from, offset) + redactParts(raw, parts)
    from = offset + raw.length
  }
  return redactTokens(redacted + text.slice(from)).replace(GATE_NAMES, (name) =>
    isGateName(name) ? cut(name) : name,
  )
}

/** The same for tokens of ours alone: in what a post says to its readers, other links may be meant for them. */
export function redactTokens(text: string): string {
  return text.replace(TOKENS, cut)
}

/** A URL as it is written somewhere, cut short by what is known of it. */
export function redactUrl(url: URL, raw: string, rules: SecretRules): string {
  return redactParts(raw, secretParts(url, rules))
}

function redactParts(raw: string, parts: readonly string[]): string {
  const patterns = parts.map((part) => new RegExp(escapePattern(part), 'gi'))
  // A host may be written in capitals.
  const isFound = patterns.every((pattern) => raw.search(pattern) !== -1)
  if (isFound) return patterns.reduce((text, pattern) => text.replace(pattern, cut), raw)
  // Written otherwise than URLs are: where the secret stands in it is not known.
  return `${/^[^?#]*?\/\/[^/?#]*/.exec(raw)?.[0] ?? ''}/…`
}

function cut(secret: string): string {
  return `${secret.slice(0, SHOWN)}…`
}
