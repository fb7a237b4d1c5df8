import type { AddressedLetter } from './message-name.ts'

/** A message as it travels. @see [JF2](https://jf2.spec.indieweb.org/) */
export interface Jf2Entry {
  readonly type: 'entry'
  /** The name that it was announced by. */
  readonly uid: string
  readonly author: { readonly type: 'card'; readonly name: string; readonly url: string }
  readonly audience: readonly string[]
  readonly published?: string
  readonly name?: string
  readonly url: string
  readonly content: { readonly text: string; readonly html?: string }
  readonly 'in-reply-to'?: string
}

export interface Jf2EntryOptions {
  readonly uid: string
  readonly me: URL
  readonly name?: string
}

/** Writes a letter as the message of step 6. Who else gets it is told only where the author shows it. */
export function buildEntry(
  { letter, recipient, to }: AddressedLetter,
  { uid, me, name = me.host }: Jf2EntryOptions,
): Jf2Entry {
  const { title, text, html, published, inReplyTo, url } = letter
  const others = letter.audience.filter((id) => id !== recipient && id !== to.href)
  return {
    type: 'entry',
    uid,
    author: { type: 'card', name, url: me.href },
    audience: [to.href, ...others],
    ...(published !== undefined && { published }),
    ...(title !== undefined && { name: title }),
    url,
    content: { text, ...(html !== undefined && { html }) },
    ...(inReplyTo !== undefined && { 'in-reply-to': inReplyTo }),
  }
}
