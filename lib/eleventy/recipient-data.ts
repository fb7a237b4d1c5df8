import type { Recipient } from '../post/audience.ts'
import type { PrivatePost } from '../post/post.ts'
import type { Placeholders } from './placeholder.ts'

/** A person as a layout sees one. Printed whole, it is the name. */
export interface RecipientView {
  readonly name: string
  /** Profile URL or `mailto:`; empty for a mere name, and for an address, which no browser follows. */
  readonly url: string
  toString(): string
}

/**
 * What a layout learns of the people: the recipient of the copy it renders, as a placeholder, and of
 * the audience just that one, or everybody if the author shows the audience.
 */
export function recipientData(
  placeholders: Placeholders,
  number: number,
  post: PrivatePost,
): {
  readonly recipient: RecipientView | undefined
  readonly audience: readonly RecipientView[]
  /** The same: what the author wrote under this key names all readers to each of them. */
  readonly recipients: readonly RecipientView[]
} {
  if (post.visibility === 'unlisted') return { recipient: undefined, audience: [], recipients: [] }
  const recipient = view(placeholders.field('name', number), placeholders.field('url', number))
  const audience = post.showAudience ? post.recipients.map(viewOf) : [recipient]
  return { recipient, audience, recipients: audience }
}

export function viewOf({ name, url }: Recipient): RecipientView {
  return view(name, url?.href ?? '')
}

function view(name: string, url: string): RecipientView {
  return { name, url, toString: () => name }
}
