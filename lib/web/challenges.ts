/** A challenge's parameter, such as `realm="private"`: its name has no space before it, as a scheme's first has. */
const PARAMETER = /^[\w!#$%&'*+.^`|~-]+\s*=(?!=*$)/

/**
 * The challenges of a `WWW-Authenticate` field, each with its parameters. `Headers` joins several fields
 * of this name into one, and both challenges and their parameters are separated by commas.
 *
 * @see [RFC 9110 §11.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1)
 */
export function splitChallenges(field: string): readonly string[] {
  const challenges: string[] = []
  for (const part of field.match(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g) ?? []) {
    const text = part.trim()
    const before = challenges.at(-1)
    if (text === '') continue
    if (before !== undefined && PARAMETER.test(text)) challenges.splice(-1, 1, `${before}, ${text}`)
    else challenges.push(text)
  }
  return challenges
}
