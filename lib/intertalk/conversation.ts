import { createHash } from 'node:crypto'
import { canonicalAddress, parseUserAddress } from '../web/user-address.ts'
import type { IntertalkMessage } from './message.ts'

type Participants = Pick<IntertalkMessage, 'to'>

/** Names a conversation by who is in it: the SHA-256 of its members, whatever their order. 64 hex digits. */
export function conversationId({ to }: Participants): string {
  const members = to.map((text) => {
    const address = parseUserAddress(text)
    return address ? canonicalAddress(address) : text
  })
  return createHash('sha256')
    .update([...new Set(members)].sort().join('\n'))
    .digest('hex')
}

/**
 * The providers that have somebody in the conversation, each of them once.
 *
 * @see intertalk, "Sending messages between providers"
 */
export function providersOf({ to }: Participants): readonly string[] {
  return [...new Set(to.flatMap((text) => parseUserAddress(text)?.domain ?? []))]
}
