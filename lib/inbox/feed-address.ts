import { createHash, timingSafeEqual } from 'node:crypto'
import * as v from 'valibot'
import { isCapabilityToken, issueCapabilityToken } from '../capability-url/capability-url.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { readKept, updateKept } from '../store/kept.ts'
import type { Store } from '../store/store.ts'

const KEY = 'inbox/feed'

/** Absent and revoked is the same. The address is sealed, so that the store alone does not open the feed. */
const State = v.nullable(v.object({ hash: v.string(), sealed: v.string(), created: v.string() }))

/** The one address of the owner's feed. Whoever knows it reads the inbox. */
export interface FeedAddress {
  /** Its token, for the owner to copy; `undefined` where there is none. */
  read(): Promise<string | undefined>
  /** Makes one, unless there is one that its owner can still be shown. */
  create(): Promise<void>
  /** From now on nobody reads anything there, for ever. */
  revoke(): Promise<void>
  isCurrent(token: string): Promise<boolean>
}

export function openFeedAddress(
  store: Store,
  secrets: Pick<Secrets, 'seal' | 'unseal'>,
  now: () => Date,
): FeedAddress {
  return { read, create, revoke, isCurrent }

  async function read(): Promise<string | undefined> {
    const state = await current()
    return state ? secrets.unseal(state.sealed) : undefined
  }

  async function create(): Promise<void> {
    const token = issueCapabilityToken()
    const sealed = await secrets.seal(token)
    const shown = await read()
    await updateKept(store, KEY, State, (value) =>
      value && shown !== undefined
        ? undefined
        : { value: { hash: hashOf(token), sealed, created: now().toISOString() } },
    )
  }

  async function revoke(): Promise<void> {
    await updateKept(store, KEY, State, () => ({ value: null }))
  }

  async function isCurrent(token: string): Promise<boolean> {
    if (!isCapabilityToken(token)) return false
    const state = await current()
    return state ? timingSafeEqual(Buffer.from(state.hash), Buffer.from(hashOf(token))) : false
  }

  async function current() {
    return (await readKept(store, KEY, State))?.value ?? null
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
