import { GATE_NAME_LENGTH } from '../web/token-alphabet.ts'
import type { Ledger, Link, LinkToken, PostRecord } from './ledger.ts'

/** What a token is minted for. The name of a gated post is the beginning of one that is nobody's. */
export interface NewLink {
  /** By default the capability URL of one reader. */
  readonly purpose?: 'invitation' | 'gate'
  readonly postId: string
  readonly path: string
  readonly recipient: string | null
  readonly generation: number
}

/** Makes the token of a new link. Throws when it may not mint one. */
export type Mint = (subject: NewLink) => LinkToken

export type MintLink = (
  subject: Omit<NewLink, 'purpose'>,
  access: PostRecord['access'],
  now: Date,
) => Link

/**
 * Mints links with tokens that the ledger has never seen. A derived token is a function of its subject,
 * and after renames two posts may have had the same name: then the next generation is taken.
 */
export function mintUnused(ledger: Ledger, mint: Mint): MintLink {
  const used = new Set(
    Object.values(ledger.posts).flatMap(({ links }) => links.map(({ token }) => token)),
  )
  return (subject, access, now) => {
    const isInvitation = access === 'gate'
    const last = subject.generation + used.size
    for (let { generation } = subject; generation <= last; generation++) {
      const token = mint({ ...subject, ...(isInvitation && { purpose: 'invitation' }), generation })
      if (used.has(token)) continue
      used.add(token)
      return {
        recipient: subject.recipient,
        token,
        generation,
        ...(isInvitation && { invitation: true }),
        issued: now.toISOString(),
        unbuilt: true,
      }
    }
    throw unsteady()
  }
}

export type MintGate = (postId: string, path: string) => string

/** Mints names of gated posts, each used once. */
export function mintUnusedGate(ledger: Ledger, mint: Mint): MintGate {
  const used = new Set(Object.values(ledger.posts).flatMap(({ gate }) => gate ?? []))
  return (postId, path) => {
    for (let generation = 0; generation <= used.size; generation++) {
      const token = mint({ purpose: 'gate', postId, path, recipient: null, generation })
      const gate = token.slice(0, GATE_NAME_LENGTH)
      if (used.has(gate)) continue
      used.add(gate)
      return gate
    }
    throw unsteady()
  }
}

function unsteady(): TypeError {
  return new TypeError('"mint" must give another token for each generation')
}
