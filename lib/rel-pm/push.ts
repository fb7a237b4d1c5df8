import * as v from 'valibot'
import type { Message } from '../delivery/message.ts'
import { needRoom } from '../delivery/room.ts'
import { ifWritable, keepAside, reportBroken } from '../store/kept.ts'
import { storeKey } from '../store/store.ts'
import { RequestError } from '../web/errors.ts'
import { parseWebUrl } from '../web/parse-url.ts'
import { inboxKey, inboxMessage } from './inbox-message.ts'
import { isSamePerson } from './profile.ts'
import { readEntry } from './received-entry.ts'
import type { PmOptions } from './rel-pm.ts'
import { revokeStanding } from './standing-tokens.ts'

const PUSHES = 'pm-push/'
const MINUTE = 60_000
/** Milliseconds that a message is kept for an inbox that does not take it. */
const PATIENCE = 7 * 24 * 60 * MINUTE

/** A message that was taken, until the inbox has it. */
const Pushed = v.object({
  key: v.string(),
  message: v.custom<Message>((value) => typeof value === 'object' && value !== null),
  /** ISO 8601: until when the mark is of use, once the inbox has the message. */
  spentUntil: v.string(),
})
type Pushed = v.InferOutput<typeof Pushed>

/** A message with its token, unread: for whom the token is not, nothing is read. */
interface Push {
  readonly token: string | undefined
  /** Its body as jf2, from whom it is known to be; and by which name, with a token for one message. */
  read(from: URL, announced?: string): Promise<unknown>
}

/** Whose message a token brings. */
interface Grant {
  readonly from: URL
  /** Of a token for one message: its name, and under which key that it is spent is written down. */
  readonly single?: { readonly message: string; readonly mark: string; readonly expires: Date }
}

/**
 * Step 6, the recipient's side: takes a message from whoever has a token for it.
 *
 * A token for one message is spent by the same step that writes the message down, so that neither a replay
 * nor the end of the process comes in between.
 *
 * @throws {RequestError} `invalid_token`, 401, for any token that is not good, or without one;
 *   `access_denied`, 403, for a message that it is not good for; `invalid_request` for what is no message
 */
export async function receivePush({ token, read }: Push, options: PmOptions): Promise<Response> {
  const { now, isDenied } = options
  const grant = await openGrant(token, options)
  if (!grant) throw unauthorized()

  const { from, single } = grant
  const announced = single?.message
  const entry = await readEntry(await read(from, announced), { from, now: now(), announced })
  // An address is where the message stands, unless it was announced by that.
  const name = entry.uid !== undefined && parseWebUrl(entry.uid) ? announced : entry.uid
  const uid = single ? (name ?? single.message) : entry.uid
  if (uid === undefined) {
    throw new RequestError('invalid_request', '"uid" (or "message_id", "id") is missing')
  }
  if (single && uid !== single.message) {
    const message = 'this token is for another message'
    throw new RequestError('access_denied', message, { status: 403 })
  }

  const isUnwanted = await isDenied(from.href)
  const key = inboxKey(from, uid)
  const message = await inboxMessage({ ...entry, uid }, from, options)
  if (!isUnwanted) await needRoom(options.sink, { key, host: message.host, sender: from.href })
  if (single) await takeOnce(single, isUnwanted ? undefined : { key, message }, options)
  else if (!isUnwanted) await options.sink.accept(key, message)
  // Whoever was blocked since they earned it is told so by nothing that they send; but it ends.
  else await revokeStanding(from, options)
  return new Response(null, { status: 201, headers: { 'cache-control': 'no-store' } })
}

/** Hands over what was taken when a process died. What fails is tried again next time. */
export async function sweepPushes({
  store,
  sink,
  now,
}: Pick<PmOptions, 'store' | 'sink' | 'now'>): Promise<number> {
  const troubles: unknown[] = []
  let taken = 0
  for (const { key, value, version } of await store.list(PUSHES)) {
    if (value === true) continue
    const result = v.safeParse(Pushed, value)
    if (!result.success) {
      // Whatever it held, that it is there says that a token is spent.
      reportBroken(store, key)
      await ifWritable(async () => {
        await keepAside(store, [key, version], value)
        const expires = new Date(now().getTime() + PATIENCE)
        await store.replaceIf(key, true, version, { expires })
      })
      continue
    }
    await handOn(key, result.output, { store, sink }).catch((error) => troubles.push(error))
    taken += 1
  }
  if (troubles.length > 0) throw troubles[0]
  return taken
}

/** Whether a token is one of those that bring messages here. */
export async function isOwnToken(token: string, options: PmOptions): Promise<boolean> {
  return (await openGrant(token, options)) !== undefined
}

async function openGrant(
  token: string | undefined,
  { secrets, me }: PmOptions,
): Promise<Grant | undefined> {
  if (token === undefined) return undefined
  const once = await secrets.open('pm-token', token)
  if (once.valid) {
    const { message, from, to } = once.claims
    const single = { message, mark: storeKey('pm-push', once.id), expires: once.expires }
    return isSamePerson(new URL(to), me) ? { from: new URL(from), single } : undefined
  }
  const standing = await secrets.open('pm-standing-token', token)
  if (!standing.valid || !isSamePerson(new URL(standing.claims.to), me)) return undefined
  return { from: new URL(standing.claims.from) }
}

/** @throws {RequestError} `invalid_token`, 401, where the token is spent */
async function takeOnce(
  { mark, expires }: NonNullable<Grant['single']>,
  wanted: Omit<Pushed, 'spentUntil'> | undefined,
  { store, sink, now }: PmOptions,
): Promise<void> {
  // A mark lives a little longer than what it marks, whatever the clocks of two servers say.
  const end = new Date(expires.getTime() + MINUTE)
  const pushed = wanted && { ...wanted, spentUntil: end.toISOString() }
  const until = pushed ? new Date(now().getTime() + PATIENCE) : end
  if (!(await store.createIfAbsent(mark, pushed ?? true, { expires: until }))) throw unauthorized()
  if (pushed) await handOn(mark, pushed, { store, sink })
}

/** Gives it to the inbox, which takes the same message twice for what it is, and only then lets go of it. */
async function handOn(
  mark: string,
  { key, message, spentUntil }: Pushed,
  { store, sink }: Pick<PmOptions, 'store' | 'sink'>,
): Promise<void> {
  await sink.accept(key, message)
  const stored = await store.get(mark)
  const expires = new Date(spentUntil)
  if (stored) await store.replaceIf(mark, true, stored.version, { expires })
}

/** The same for every token, and for none: what is wrong with it is nobody's business. */
function unauthorized(): RequestError {
  return new RequestError('invalid_token', 'this takes a token that is good for it', {
    status: 401,
  })
}
