/** A text as a pattern that fits it alone; not for use within the brackets of a class. */
export function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
