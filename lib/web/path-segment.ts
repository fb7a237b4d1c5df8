/**
 * What a segment of a URL's path stands for, or `undefined` if it can name no file: separators and NUL
 * inside a segment can only be meant to fool us.
 */
export function decodeSegment(encoded: string): string | undefined {
  try {
    const segment = decodeURIComponent(encoded)
    return /[/\\\0]/.test(segment) ? undefined : segment
  } catch {
    // Not UTF-8 behind the percent signs: no file of ours has such a name.
    return undefined
  }
}
