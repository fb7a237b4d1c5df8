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
/** Messages of a thread that are asked for, where they name their PARENT alone. */
const MAX_STEPS = 16

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
 * user says whose message it is, or who has it. Where a message names its PARENT and no TOP, that server is asked for
 * the PARENT, and so on.
 *
 * @returns `undefined` where no server gives us the message
 */
export async function findTop(
  id: string,
  user: UserObject,
  client: FmtpClient,
): Promise<string | undefined> {
  let top = await rememberedTop(id, client)
  if (top !== undefined) return top
  const limited = withBudget(client)
  const passed: string[] = []
  for (let next = id; passed.length < MAX_STEPS && !passed.includes(next); next = top) {
    const message = await askForMessage(next, user, limited)
    if (!message) break
    passed.push(next)
    top = await topOf(message, client)
    const isTold = message.TOP !== undefined || top !== message.PARENT
    if (isTold) break
  }
  if (top !== undefined) for (const one of passed) await rememberTop(one, top, client)
  return top
}

async function askForMessage(
  id: string,
  user: UserObject,
  client: FmtpClient,
): Promise<MessageObject | undefined> {
  for await (const { connection } of contactsOf(user, client, [])) {
    const message = await messageAt(id, (path) => connection.request(path), client)
    if (message) return message
  }
  return undefined
}

async function messageAt(
  id: string,
  request: (path: string) => Promise<Response>,
  client: FmtpClient,
): Promise<MessageObject | undefined> {
  try {
    const response = await request(`objects/${pathOf(id)}`)
    if (!response.ok) {
      await discardBody(response)
      return undefined
    }
    const message = parseObjectOf('message', await readAnswer(response, MAX_OBJECT_BYTES))
    if (!message || canonicalId(message.ID) !== canonicalId(id)) return undefined
    return (await verifyByDomain(message, client)).verified ? message : undefined
  } catch (error) {
    if (error instanceof FetchError) return undefined
    throw error
  }
}

function keyOf(id: string): string {
  return storeKey('fmtp-top', canonicalId(id))
}
