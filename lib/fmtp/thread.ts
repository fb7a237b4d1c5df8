/**
 * Threads: a reply names the message that it answers (PARENT) and the first message of the thread (TOP).
 *
 * @see FMTP, "Threads, or object relation": "Perhaps both a parent and a top attribute would be handy?"
 * @module
 */
import * as v from 'valibot'
import { readKept } from '../store/kept.ts'
import { storeKey, updateEntry, type Store } from '../store/store.ts'
import { discardBody } from '../web/body.ts'
import { FetchError } from '../web/errors.ts'
import { canonicalAddress } from '../web/user-address.ts'
import { readAnswer, type FmtpClient } from './connection.ts'
import { contactsOf } from './contact.ts'
import { verifyByDomain } from './domain-key.ts'
import {
  MAX_OBJECT_BYTES,
  parseObjectId,
  parseObjectOf,
  type MessageObject,
  type UserObject,
} from './object.ts'
import { pathOf, withBudget } from './route.ts'

/** Seconds, as for the message itself. */
const MEMORY = 400 * 24 * 60 * 60

type Keeper = Pick<FmtpClient, 'store' | 'now'>

/** One spelling for an ID. The nonce is compared as it is: counters of both cases are usual. */
export function canonicalId(id: string): string {
  const parsed = parseObjectId(id)
  return parsed ? `${parsed.nonce}.${canonicalAddress(parsed.address)}` : id
}

/** Remembers the first message of the thread that a message stands in: `fmtp-top/…`. */
export async function rememberTop(id: string, top: string, { store, now }: Keeper): Promise<void> {
  const expires = new Date(now().getTime() + MEMORY * 1000)
  await updateEntry(store, keyOf(id), () => ({ value: top, expires }))
}

/** The first message of a thread, as one of its messages tells it, and as we know the message that it answers. */
export async function topOf(
  { ID, PARENT, TOP }: Pick<MessageObject, 'ID' | 'PARENT' | 'TOP'>,
  keeper: { readonly store: Store },
): Promise<string> {
  if (TOP !== undefined || PARENT === undefined) return TOP ?? ID
  return (await rememberedTop(PARENT, keeper)) ?? PARENT
}

/** What was remembered of the thread of a message. */
export async function rememberedTop(
  id: string,
  { store }: { readonly store: Store },
): Promise<string | undefined> {
  return (await readKept(store, keyOf(id), v.string()))?.value
}

/**
 * Finds the first message of the thread that a message stands in: what we remember, or else what the server of the
 * user says whose message it is, or who has it.
 *
 * @returns `undefined` where no server gives us the message
 */
export async function findTop(
  id: string,
  user: UserObject,
  client: FmtpClient,
): Promise<string | undefined> {
  const known = await rememberedTop(id, client)
  if (known !== undefined) return known
  const limited = withBudget(client)
  for await (const { connection } of contactsOf(user, limited, [])) {
    const top = await askForTop(id, (path) => connection.request(path), limited)
    if (top === undefined) continue
    await rememberTop(id, top, client)
    return top
  }
  return undefined
}

async function askForTop(
  id: string,
  request: (path: string) => Promise<Response>,
  client: FmtpClient,
): Promise<string | undefined> {
  try {
    const response = await request(`objects/${pathOf(id)}`)
    if (!response.ok) {
      await discardBody(response)
      return undefined
    }
    const message = parseObjectOf('message', await readAnswer(response, MAX_OBJECT_BYTES))
    if (!message || canonicalId(message.ID) !== canonicalId(id)) return undefined
    if (!(await verifyByDomain(message, client)).verified) return undefined
    return await topOf(message, client)
  } catch (error) {
    if (error instanceof FetchError) return undefined
    throw error
  }
}

function keyOf(id: string): string {
  return storeKey('fmtp-top', canonicalId(id))
}
