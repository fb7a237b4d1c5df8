/** How a recipient would stand in a text. */
export interface RecipientSpelling {
  readonly text: string
  /** A name in words, and no address. */
  readonly isName: boolean
}

/**
 * What would betray that somebody may read a post: a mail address, the place of a profile, a name of two
 * words. "Mum" is a word like any other.
 *
 * @param recipient As the ledger calls it.
 */
export function recipientSpelling(recipient: string): RecipientSpelling | undefined {
  if (/^mailto:/i.test(recipient)) {
    const [address = ''] = recipient.slice('mailto:'.length).split('?')
    return { text: address.trim(), isName: false }
  }
  if (/^https?:\/\//i.test(recipient)) {
    const place = recipient.replace(/^https?:\/\//i, '').replace(/^www\./i, '')
    return { text: place.replace(/[/?#]+$/, ''), isName: false }
  }
  if (recipient.includes('@')) return { text: recipient.trim(), isName: false }
  const names = recipient.split(/[\s-]+/).filter((name) => /\p{L}{2}/u.test(name))
  return names.length < 2 ? undefined : { text: recipient, isName: true }
}
