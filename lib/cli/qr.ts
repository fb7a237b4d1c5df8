import { renderUnicodeCompact } from 'uqr'

/** `M` still reads with 15 % of it lost: a screen photographed at an angle. */
const OPTIONS = { ecc: 'M', border: 2 } as const
/** The blocks are the light modules. White on black, whatever colours the terminal has. */
const WHITE_ON_BLACK = '\u001B[40;97m'
const RESET = '\u001B[0m'

/** Draws a URL as a QR code, two modules to a character. */
export function drawQrCode(url: URL, { inColour }: { inColour: boolean }): string {
  const lines = renderUnicodeCompact(url.href, OPTIONS).split('\n')
  return lines.map((line) => (inColour ? `${WHITE_ON_BLACK}${line}${RESET}` : line)).join('\n')
}
