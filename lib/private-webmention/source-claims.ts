import { createHash } from 'node:crypto'
import { storeKey, updateEntry, type Store } from '../store/store.ts'

/** Milliseconds: longer than a conversation about one post lasts, as a rule. */
const MEMORY = 365 * 24 * 60 * 60 * 1000
const CONTESTED = 'contested'

/** A sender's realm (`''` where it named none), or that we have proven who we are. */
type Claimant = { readonly realm: string } | 'ourselves'

export interface SourceClaimsOptions {
  readonly store: Store
  readonly now: () => Date
}

export interface SourceClaims {
  /** Remembers the claim, and answers whether it is the only one. */
  claim(page: string, claimant: Claimant): Promise<boolean>
  /** Whether a claim would be the only one. Nothing is remembered, so that a guess contests nothing. */
  isOpenTo(page: string, claimant: Claimant): Promise<boolean>
}

/**
 * Remembers as whom we read a source, and answers whether this is still the same.
 *
 * Another reader of the same post could send us a code of theirs: we would read their copy, find no link to
 * us, and take our mention back. So where two claim a source, no code is trusted for it any more, only what
 * proves that we are we. A sender that names no realm cannot be protected from that.
 */
export function createSourceClaims({ store, now }: SourceClaimsOptions): SourceClaims {
  return { claim, isOpenTo }

  async function claim(page: string, claimant: Claimant): Promise<boolean> {
    const name = nameOf(claimant)
    const expires = new Date(now().getTime() + MEMORY)
    const value = await updateEntry(store, keyOf(page), (before) => {
      return before === name || before === CONTESTED
        ? undefined
        : { value: before === undefined ? name : CONTESTED, expires }
    })
    return value === name
  }

  async function isOpenTo(page: string, claimant: Claimant): Promise<boolean> {
    const value = (await store.get(keyOf(page)))?.value
    return value === undefined || value === nameOf(claimant)
  }
}

function keyOf(page: string): string {
  return storeKey('source-claim', page)
}

function nameOf(claimant: Claimant): string {
  return claimant === 'ourselves' ? claimant : hash(claimant.realm)
}

function hash(realm: string): string {
  return createHash('sha256').update(realm).digest('hex')
}
