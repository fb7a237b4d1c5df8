/**
 * STATUS: who is there. A user object tells it of its owner; whoever writes, or asks for the route, reads it
 * (route.ts, explain-route.ts). Here ours is sent on when it changes.
 *
 * @see FMTP, "Messages": "The client may also send its user object to each online buddy when the online/busy
 *   status changes"
 * @module
 */
import { updateEntry } from '../store/store.ts'
import type { SweepOptions } from '../store/sweep-queue.ts'
import { canonicalAddress, parseUserAddress, type UserAddress } from '../web/user-address.ts'
import { addressOfRecipient } from './access.ts'
import { handOver } from './contact.ts'
import type { FmtpOptions } from './fmtp.ts'
import { findUser, statusOf } from './route.ts'
import { createSigner, signObject } from './signature.ts'
import { buildUserObject } from './user-object.ts'

/** Nobody greets a hundred people at once. */
const MAX_BUDDIES = 50
/** Milliseconds for one of them: whoever is not told asks. */
const BUDGET = 8_000
const TOLD = 'fmtp-status/told'

/**
 * Sends our user object to each buddy who is not offline, once for each change of STATUS. Whoever cannot be
 * reached then is not tried again: they ask, when they want to know.
 */
export async function announceStatus(
  options: FmtpOptions,
  { budgetMs = Infinity, signal }: Pick<SweepOptions, 'budgetMs' | 'signal'> = {},
): Promise<void> {
  const { settings, secrets, address, store, now } = options
  const end = now().getTime() + budgetMs
  const { status = '' } = settings.fmtp
  if (((await store.get(TOLD))?.value ?? '') === status) return
  // First, so that a change that kills us is not announced for ever.
  await updateEntry(store, TOLD, () => ({ value: status }))

  const user = signObject(
    await buildUserObject(options),
    await createSigner(secrets, address.domain),
  )
  for (const buddy of buddiesOf(options)) {
    if (signal?.aborted || now().getTime() >= end) return
    const client = { ...options, fmtp: settings.fmtp, budget: BUDGET }
    const search = await findUser(buddy, client)
    if (search.outcome !== 'found' || /^offline$/i.test(statusOf(search.user) ?? '')) continue
    await handOver(search.user, [user], client)
  }
}

/** Whom the author names: in `recipients`, or in the whitelist as one person. */
function buddiesOf({ settings, address }: FmtpOptions): readonly UserAddress[] {
  const { recipients, policy } = settings
  const people = [
    ...Object.keys(recipients).map((id) => addressOfRecipient(id, settings)),
    ...policy.allow.filter((pattern) => !pattern.includes('*')).map(parseUserAddress),
  ]
  const buddies = new Map<string, UserAddress>()
  for (const person of people) {
    if (person && person.domain !== address.domain) buddies.set(canonicalAddress(person), person)
  }
  return [...buddies.values()].slice(0, MAX_BUDDIES)
}
