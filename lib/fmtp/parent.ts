/**
 * "If we are in a hierarchal organization": the server that is asked for what we cannot reach ourselves.
 *
 * A parent is believed in two things only: that it tries, and which keys a domain has that publishes none in DNS and
 * that we cannot reach (vouched-keys.ts). Each object is still signed by its own domain. VIA names
 * the servers that a question or a message has come through, so that nobody is asked twice.
 *
 * @see FMTP, "Route negotiation": Parent Cache, Parent Lookup; and of contact: Parent
 * @module
 */
import * as v from 'valibot'
import { discardBody } from '../web/body.ts'
import { isTemporary, parseRetryAfter } from '../web/retry-after.ts'
import { formatUserAddress, parseDomain, type UserAddress } from '../web/user-address.ts'
import { postOf, readAnswer, type Connection, type FmtpClient } from './connection.ts'
import { connectionsTo, failureOf } from './domain-servers.ts'
import { MAX_OBJECT_BYTES, type FmtpObject } from './object.ts'
import type { Note } from './route-trace.ts'

/** Servers that a question or a message may come through: a house, a town, a country, and one to spare. */
export const MAX_VIA = 4

/** What a parent knows, not yet verified, and which of its servers said so. */
export interface ParentAnswer {
  readonly value: unknown
  /** The keys of the user's domain, where the parent tells them: see vouched-keys.ts. */
  readonly keys?: unknown
  readonly server: URL
}

const WithKeys = v.object({ OBJECTS: v.pipe(v.array(v.unknown()), v.maxLength(2)) })

/** The parent that can be asked about a domain: none that the question came from, and not the domain itself. */
export function parentFor(domain: string, { address, fmtp, via = [] }: FmtpClient) {
  const parent = fmtp.parent === undefined ? undefined : parseDomain(fmtp.parent)
  const others = [domain, address.domain, ...via]
  return parent === undefined || others.includes(parent) || via.length >= MAX_VIA
    ? undefined
    : parent
}

/**
 * Asks the parent for a user object: what it has in its cache, or else what it can find.
 *
 * @returns `undefined` where it has none, or cannot be asked
 */
export async function lookUpAtParent(
  address: UserAddress,
  { parent, isCached }: { readonly parent: string; readonly isCached: boolean },
  client: FmtpClient,
  note: Note,
): Promise<ParentAnswer | undefined> {
  const question = {
    ADDRESS: formatUserAddress(address),
    ...(isCached && { CACHED: true }),
    KEYS: true,
    VIA: viaOf(client),
  }
  for await (const connection of connectionsTo(parent, client, note)) {
    const response = await ask(connection, 'lookup', question, note)
    if (!response) continue
    const server = connection.server.host
    if (response.ok) {
      const answer = await readAnswer(response, MAX_OBJECT_BYTES)
      return { ...objectsIn(answer), server: connection.server }
    }
    await discardBody(response)
    if (response.status === 404) {
      const reason = isCached ? 'the parent has not looked it up of late' : 'the parent finds none'
      note({ server, outcome: 'absent', reason })
      return undefined
    }
    note({ server, outcome: 'failed', reason: `the parent does not help (${response.status})` })
  }
  return undefined
}

/**
 * Asks the parent to carry objects on.
 *
 * @returns The server that took them; `undefined` where none did
 */
export async function relayByParent(
  objects: readonly FmtpObject[],
  parent: string,
  client: FmtpClient,
  note: Note,
): Promise<URL | undefined> {
  const order = { OBJECTS: objects, VIA: viaOf(client) }
  for await (const connection of connectionsTo(parent, client, note)) {
    const response = await ask(connection, 'relay', order, note)
    if (!response) continue
    await discardBody(response)
    const { ok, status, headers } = response
    const server = connection.server.host
    if (ok) return connection.server
    const notBefore = isTemporary(status)
      ? parseRetryAfter(headers.get('retry-after'), client.now())
      : undefined
    const reason = `the parent does not carry it on (${status})`
    note({ server, outcome: 'failed', reason, ...(notBefore && { notBefore }) })
  }
  return undefined
}

/** A parent that knows nothing of KEYS answers with the user object alone. */
function objectsIn(answer: unknown): Pick<ParentAnswer, 'value' | 'keys'> {
  const result = v.safeParse(WithKeys, answer)
  if (!result.success) return { value: answer }
  const [value, keys] = result.output.OBJECTS
  return { value, keys }
}

function viaOf({ address, via = [] }: FmtpClient): readonly string[] {
  return [...via, address.domain]
}

async function ask(
  connection: Connection,
  path: string,
  value: unknown,
  note: Note,
): Promise<Response | undefined> {
  try {
    return await connection.request(path, postOf(value))
  } catch (error) {
    note({ server: connection.server.host, ...failureOf(error) })
    return undefined
  }
}
