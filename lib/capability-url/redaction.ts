/** A token wherever it stands, glued to other letters too; hosts may have folded its case on the way back. */
const TOKENS = /[0-9a-hjkmnp-tv-z]{26,}/gi

/** For logs and errors: enough to tell two capability URLs apart, too little to open either. */
export function redactTokens(text: string): string {
  return text.replace(TOKENS, (token) => `${token.slice(0, 4)}…`)
}
