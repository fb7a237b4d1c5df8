/**
 * A `mailto:` URL that opens a ready letter with the private link in it, or `undefined` if the
 * recipient has no mail address.
 *
 * @see [RFC 6068 §2](https://www.rfc-editor.org/rfc/rfc6068#section-2)
 */
export function mailLink(
  recipient: string | null,
  title: string | undefined,
  url: URL,
  { isOnce = false }: { readonly isOnce?: boolean } = {},
): string | undefined {
  const address = recipient?.startsWith('mailto:') ? recipient.slice('mailto:'.length) : undefined
  if (address === undefined) return undefined
  const body = [
    'Hello,',
    '',
    'I have written something that is not for everybody. This is your own link to it:',
    '',
    url.href,
    '',
    isOnce
      ? 'It works once, for whoever opens it first, so please open it where you want to read.'
      : 'Whoever has the link can read it, so please keep it to yourself.',
  ].join('\r\n')
  const to = encode(address).replace(/%40/g, '@')
  return `mailto:${to}?subject=${encode(title ?? 'A private post')}&body=${encode(body)}`
}

/** Also what `encodeURIComponent` leaves: a terminal or a chat program may end a link there. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
