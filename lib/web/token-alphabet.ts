/** Crockford base32 in lower case: survives hosts and file systems that fold case, and has no look-alikes. */
export const TOKEN_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
/** 26 letters of 5 bits: 130 bits, the first length past the 128 that the wiki asks for. */
export const TOKEN_LENGTH = 26
/** The name of a gated post. It opens nothing; with 60 bits, no two posts of a site share one by accident. */
export const GATE_NAME_LENGTH = 12

const TOKEN = /^[0-9a-hjkmnp-tv-z]{26}$/i
const GATE_NAME = /^[0-9a-hjkmnp-tv-z]{12}$/i

/** Whether a text has the form of a capability token, whatever a host has made of its case. */
export function looksLikeToken(text: string): boolean {
  return TOKEN.test(text)
}

/** Whether a text has the form of the name that a gated post has in its address. */
export function looksLikeGateName(text: string): boolean {
  return GATE_NAME.test(text)
}
