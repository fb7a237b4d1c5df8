/**
 * Route negotiation: how to come by the object of a user, in the document's order.
 *
 * 1. local cache – {@link createObjectCache}; verified again, because a key may have been withdrawn since
 * 2. parent cache – {@link lookUpAtParent}, where a parent is set up
 * 3. domain – {@link connectionsTo} the exchangers (MX), then the domain itself
 * 4. parent look-up – only "if we cannot connect directly": who says no is taken at their word
 *
 * With the object, contact is made as contact.ts has it: recommended, domain, parent.
 *
 * A user object is used for an hour ({@link FRESH}), for its STATUS a minute ({@link FRESH_STATUS}). One that is
 * dated before one that we have had is an old copy, wherever it comes from; one from a parent may be no older than
 * {@link MAX_COPY_AGE}. Where DNS fails, nothing takes its place: what is not known is asked again later.
 *
 * @see FMTP, "Route negotiation"
 * @module
 */
import { discardBody } from '../web/body.ts'
import { FetchError } from '../web/errors.ts'
import { timeLimit } from '../web/time-limit.ts'
import { formatUserAddress, isSameUser, type UserAddress } from '../web/user-address.ts'
import { createObjectCache, FRESH } from './cache.ts'
import { readAnswer, type Connection, type FmtpClient } from './connection.ts'
import { verifyByDomain } from './domain-key.ts'
import { connectionsTo, failureOf, type DomainState } from './domain-servers.ts'
import { addressOf, MAX_OBJECT_BYTES, parseObjectOf, type UserObject } from './object.ts'
import { lookUpAtParent, parentFor } from './parent.ts'
import { noteIn, type Note, type RouteEntry, type RouteTrace } from './route-trace.ts'
import { isVouchedFor } from './vouched-keys.ts'

/** Milliseconds for all tries together. */
const ROUTE_BUDGET = 30_000
/** Milliseconds. Far longer than any cache keeps it; what is older, a parent has kept for a purpose. */
const MAX_COPY_AGE = 24 * 60 * 60 * 1000
/** Letters. */
const MAX_STATUS = 80

/**
 * What came of the search.
 *
 * - `found`
 * - `unknown`: a server of the domain says that it knows no such user, or does not tell us
 * - `silent`: the domain does not speak FMTP
 * - `unreachable`: nobody could be asked
 */
export type UserSearch = { readonly trace: RouteTrace } & (
  | { readonly outcome: 'found'; readonly user: UserObject; readonly server: URL }
  | { readonly outcome: 'unknown'; readonly server: URL }
  | { readonly outcome: DomainState }
)

type Finding =
  | { readonly outcome: 'found'; readonly user: UserObject; readonly server: URL }
  | { readonly outcome: 'unknown'; readonly server: URL }
  | { readonly outcome: DomainState }
  | undefined

/**
 * Finds the object of a user: "Do you know lost@lenore.org?"
 *
 * @param maxAge Seconds that a copy in our cache may be old.
 */
export async function findUser(
  address: UserAddress,
  client: FmtpClient,
  { maxAge = FRESH }: { readonly maxAge?: number } = {},
): Promise<UserSearch> {
  const limited = withBudget(client)
  const trace: RouteEntry[] = []
  const note = (step: RouteEntry['step']) => noteIn(trace, step)

  const cached = await fromCache(address, maxAge, limited, note('local cache'))
  if (cached) return { ...cached, trace }
  const atParent = await fromParent(address, true, limited, note('parent cache'))
  if (atParent) return { ...atParent, trace }
  const direct = await fromDomain(address, limited, note('domain'))
  if (direct.outcome !== 'unreachable') return { ...direct, trace }
  const byParent = await fromParent(address, false, limited, note('parent look-up'))
  return { ...(byParent ?? direct), trace }
}

/** The same client, with one time limit for everything that it does from now on. */
export function withBudget(client: FmtpClient): FmtpClient {
  return { ...client, signal: timeLimit(client.budget ?? ROUTE_BUDGET, client.signal) }
}

async function fromCache(
  address: UserAddress,
  maxAge: number,
  client: FmtpClient,
  note: Note,
): Promise<Finding> {
  const cached = await createObjectCache(client).find(address, maxAge)
  if (!cached) {
    note({ outcome: 'absent', reason: 'we have not looked it up of late' })
    return undefined
  }
  const fault = await faultOf(cached.user, client)
  if (fault !== undefined) {
    note({ outcome: 'passed over', reason: fault })
    return undefined
  }
  note({ outcome: 'found', reason: `${introductionOf(cached.user)}, as at ${cached.server.host}` })
  return { outcome: 'found', ...cached }
}

async function fromParent(
  address: UserAddress,
  isCached: boolean,
  client: FmtpClient,
  note: Note,
): Promise<Finding> {
  const parent = parentFor(address.domain, client)
  if (parent === undefined) {
    note({ outcome: 'skipped', reason: 'there is no parent to ask' })
    return undefined
  }
  const answer = await lookUpAtParent(address, { parent, isCached }, client, note)
  if (!answer) return undefined
  const { value, keys, server } = answer
  const oldest = client.now().getTime() - MAX_COPY_AGE
  return accept(value, address, { server, oldest, vouched: { parent, value: keys } }, client, note)
}

async function fromDomain(
  address: UserAddress,
  client: FmtpClient,
  note: Note,
): Promise<NonNullable<Finding>> {
  const connections = connectionsTo(address.domain, client, note)
  for (;;) {
    const next = await connections.next()
    if (next.done) return { outcome: next.value }
    const finding = await askServer(next.value, address, client, note)
    if (finding) return finding
  }
}

async function askServer(
  connection: Connection,
  address: UserAddress,
  client: FmtpClient,
  note: Note,
): Promise<Finding> {
  const { server } = connection
  const name = formatUserAddress(address)
  try {
    const response = await connection.request(`objects/${pathOf(name)}`)
    if (response.ok) {
      const value = await readAnswer(response, MAX_OBJECT_BYTES)
      return await accept(value, address, { server }, client, note)
    }
    await discardBody(response)
    if ([403, 404, 410].includes(response.status)) {
      note({ server: server.host, outcome: 'absent', reason: `it does not know ${name}` })
      return { outcome: 'unknown', server }
    }
    note({ server: server.host, outcome: 'failed', reason: `the answer was ${response.status}` })
  } catch (error) {
    note({ server: server.host, ...failureOf(error) })
  }
  return undefined
}

/** Where an object comes from. */
interface Provenance {
  readonly server: URL
  /** Milliseconds: an object of an earlier DATE is passed over. */
  readonly oldest?: number
  /** What our parent says of the keys of its domain. */
  readonly vouched?: Vouched
}

interface Vouched {
  readonly parent: string
  readonly value: unknown
}

/** Takes an object for what it says it is, once everything about it fits. */
async function accept(
  value: unknown,
  address: UserAddress,
  { server, oldest = 0, vouched }: Provenance,
  client: FmtpClient,
  note: Note,
): Promise<Finding> {
  const passOver = (reason: string) => {
    note({ server: server.host, outcome: 'passed over', reason })
    return undefined
  }

  const user = parseObjectOf('user', value)
  if (!user) return passOver('what it gives is no user object')
  if (!isSameUser(addressOf(user.ADDRESS), address)) {
    return passOver('the object that it gives is of somebody else')
  }
  const fault = await faultOf(user, client, vouched)
  if (fault !== undefined) return passOver(fault)
  if (oldest > 0 && !(Date.parse(user.DATE ?? '') >= oldest)) return passOver('its copy is too old')
  const why = await createObjectCache(client).keep(user, server)
  if (why === 'older') return passOver('its copy is older than one that we have had')
  if (why === 'future') return passOver('its object is dated in the future')
  if (why === 'large') return passOver('its object is too large')
  note({ server: server.host, outcome: 'found', reason: introductionOf(user) })
  return { outcome: 'found', user, server }
}

/** What is wrong with the signature of an object, wherever it comes from. */
async function faultOf(
  user: UserObject,
  client: FmtpClient,
  vouched?: Vouched,
): Promise<string | undefined> {
  try {
    const outcome = await verifyByDomain(user, client)
    if (outcome.verified) return undefined
    return `the object is not signed as it is by ${addressOf(user.ADDRESS).domain} (${outcome.reason})`
  } catch (error) {
    const { reason } = failureOf(error)
    return vouched && (await isVouched(user, vouched, client)) ? undefined : reason
  }
}

async function isVouched(user: UserObject, vouched: Vouched, client: FmtpClient): Promise<boolean> {
  try {
    return await isVouchedFor(user, vouched, client)
  } catch (error) {
    if (error instanceof FetchError) return false
    throw error
  }
}

/** "This is lost@lenore.org", and their STATUS. */
function introductionOf(user: UserObject): string {
  const status = statusOf(user)
  return `this is ${user.ADDRESS}${status === undefined ? '' : ` (${status})`}`
}

/** "Online, offline, away, etc", in one short line. */
export function statusOf({ STATUS = '' }: UserObject): string | undefined {
  const line = STATUS.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  return line === '' ? undefined : line.slice(0, MAX_STATUS)
}

/** An address, a domain or an ID as it stands in a path. */
export function pathOf(name: string): string {
  return encodeURIComponent(name).replace('%40', '@')
}
