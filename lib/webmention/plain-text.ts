/**
 * A stranger's words as one line of at most so many characters, without control characters and those
 * that turn the direction of writing. Joiners stay: Persian and emoji are made of them.
 */
export function plainText(text: string, maxLength: number): string {
  const line = text
    .slice(0, maxLength * 20)
    .replace(/(?![\u200c\u200d])\p{C}/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const characters = [...line]
  return characters.length > maxLength
    ? `${characters
        .slice(0, maxLength - 1)
        .join('')
        .trimEnd()}…`
    : line
}
