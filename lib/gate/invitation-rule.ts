import { createHash } from 'node:crypto'
import type { KnownAsker } from './asker.ts'
import { findPost } from './reader.ts'
import type { GateReader, GateRegister } from './register.ts'

/** How long an invitation works: once, or for so many days. */
export type InvitationRule = 'once' | number

const DAY = 24 * 60 * 60 * 1000

/** An invitation that the register knows. */
export interface Invitation {
  /** Of the post that it opens. */
  readonly segment: string
  readonly reader: GateReader
  /** What the register knows of its token. */
  readonly hash: string
}

interface Rule {
  readonly invitations: InvitationRule
  readonly now: () => Date
}

/** What the register keeps of an invitation's token: with it nobody can follow the invitation. */
export function invitationHash(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** Finds an invitation that has not run out, to a post that is still there. Whether it was spent is the store's to say. */
export function findInvitation(
  register: GateRegister,
  hash: string,
  { invitations, now }: Rule,
): Invitation | undefined {
  for (const segment of Object.keys(register.posts)) {
    const post = findPost(register, segment, now())
    const reader = post?.readers.find(({ invitation }) => invitation === hash)
    if (reader && isInTime(reader, { invitations, now })) return { segment, reader, hash }
  }
  return undefined
}

/**
 * Whether what let the asker in still holds. Of those who were invited: the invitation stands in the
 * register for the same reader, and its days are not over. Everybody else needs none.
 */
export function isStillInvited(register: GateRegister, asker: KnownAsker, rule: Rule): boolean {
  const { id, invitation } = asker
  if (invitation === undefined) return true
  const readers = Object.values(register.posts).flatMap((post) => post.readers)
  return readers.some(
    (reader) => reader.invitation === invitation && reader.id === id && isInTime(reader, rule),
  )
}

/** Days are counted from when it was issued. If nobody knows when, they are over. */
function isInTime({ invited }: GateReader, { invitations, now }: Rule): boolean {
  if (invitations === 'once') return true
  return Date.parse(invited ?? '') + invitations * DAY > now().getTime()
}
