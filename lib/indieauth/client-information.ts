/**
 * What a client says of itself, at the address that is its name.
 *
 * @see [IndieAuth §4.2 Client Information Discovery](https://indieauth.spec.indieweb.org/#client-information-discovery)
 * @see [Client ID Metadata Document](https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/)
 * @module
 */
import * as v from 'valibot'
import { discardBody, readText } from '../web/body.ts'
import { FetchError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { parseLinkHeader } from '../web/link-header.ts'
import { isHtml, mediaType } from '../web/media-type.ts'
import { parsePage, type PageParser, type PageReading } from '../web/page-parser.ts'
import { parseUrl } from '../web/parse-url.ts'
import { timeLimit } from '../web/time-limit.ts'
import { isOnThisMachine } from './client-id.ts'

/** The limit that the draft recommends. */
const JSON_BYTES = 5 * 1024
/** A home page with its head; what is said further down is not said to us. */
const HTML_BYTES = 256 * 1024
/** The owner sits in front of an empty page. */
const PATIENCE = 5_000
const NAME_LENGTH = 60
const MAX_REDIRECT_URIS = 50

/** Nothing of this is proven but the address. */
export interface ClientInformation {
  /** Whether it was asked, and answered something that makes sense. */
  readonly known: boolean
  readonly name?: string
  /** On the origin of the client id, or it is left out. */
  readonly uri?: URL
  readonly redirectUris: readonly string[]
  /** Whether `redirectUris` are all there are: it says so in its metadata. */
  readonly isComplete: boolean
}

/** The page of a client, and the address that is its name. */
export interface ClientPage {
  readonly html: string
  readonly clientId: string
}

/** What a client's page says, unproven and as it stands there. */
export interface ClientPageApp {
  readonly name?: string
  /** Absolute, or `''`. */
  readonly uri?: string
  readonly redirectUris: readonly string[]
}

export const CLIENT_PAGE: PageReading<ClientPage, ClientPageApp, 'client'> = { name: 'client' }

export interface ClientInformationOptions extends WebOptions {
  readonly allowLoopback?: boolean
  readonly parse?: PageParser
}

const NOTHING: ClientInformation = { known: false, redirectUris: [], isComplete: false }

const ClientMetadata = v.object({
  client_id: v.string(),
  client_name: v.nullish(v.string()),
  client_uri: v.nullish(v.string()),
  redirect_uris: v.nullish(v.array(v.string())),
})

/**
 * Asks the client who it is. What cannot be had, or makes no sense, is as if there were none: it can then
 * only be answered on its own origin. Redirects are not followed, because somebody else would answer.
 */
export async function discoverClient(
  clientId: URL,
  { fetch, signal, allowLoopback = false, parse = parsePage }: ClientInformationOptions,
): Promise<ClientInformation> {
  // It would be looked up on our machine, and is on theirs.
  const isSiteInDevelopment = allowLoopback && clientId.hostname.endsWith('.localhost')
  if (isOnThisMachine(clientId) && !isSiteInDevelopment) return NOTHING
  try {
    const response = await fetch(clientId, {
      headers: { accept: 'application/json, text/html;q=0.9' },
      redirect: 'manual',
      signal: timeLimit(PATIENCE, signal),
    })
    return await processClientResponse(response, clientId, parse)
  } catch (error) {
    if (error instanceof FetchError) return NOTHING
    throw error
  }
}

/** Judges the answer of the client. @throws {FetchError} if it is too long, breaks off, or cannot be read in time */
export async function processClientResponse(
  response: Response,
  clientId: URL,
  parse: PageParser = parsePage,
): Promise<ClientInformation> {
  if (response.status === 200 && mediaType(response) === 'application/json') {
    return informationInJson(await readText(response, { maxBytes: JSON_BYTES }), clientId)
  }
  if (response.status === 200 && isHtml(response)) {
    return informationInHtml(response, clientId, parse)
  }
  await discardBody(response)
  return NOTHING
}

function informationInJson(text: string, clientId: URL): ClientInformation {
  const result = v.safeParse(ClientMetadata, parseJson(text))
  if (!result.success) return NOTHING
  const { client_id, client_name, client_uri, redirect_uris } = result.output
  // Otherwise one client could be announced in the name of another.
  if (client_id !== clientId.href) return NOTHING
  const uri = client_uri ? ownUrl(client_uri, clientId) : undefined
  const redirectUris = redirect_uris ?? []
  return {
    known: true,
    ...named(client_name),
    // §4.2.1: a prefix of the client id.
    ...(uri && clientId.href.startsWith(uri.href) && { uri }),
    redirectUris: redirectUris.slice(0, MAX_REDIRECT_URIS),
    isComplete: redirectUris.length > 0,
  }
}

async function informationInHtml(
  response: Response,
  clientId: URL,
  parse: PageParser,
): Promise<ClientInformation> {
  const html = await readText(response, { maxBytes: HTML_BYTES, truncate: true })
  const inHeader = parseLinkHeader(response.headers.get('link') ?? '')
    .filter(({ rel, anchor }) => rel.includes('redirect_uri') && anchor === undefined)
    .map(({ uri }) => parseUrl(uri, clientId)?.href ?? '')
  const app = await parse(CLIENT_PAGE, { html, clientId: clientId.href })
  return {
    known: true,
    ...named(app.name),
    ...ownUri(app.uri, clientId),
    redirectUris: [...inHeader, ...app.redirectUris].slice(0, MAX_REDIRECT_URIS),
    isComplete: false,
  }
}

function ownUri(text: string | undefined, clientId: URL): Pick<ClientInformation, 'uri'> {
  const uri = text === undefined ? undefined : ownUrl(text, clientId)
  return uri ? { uri } : {}
}

/** On one line, without what turns letters around, and no longer than a name is. */
function named(text: string | null | undefined): { readonly name?: string } {
  const name = (text ?? '').replace(/[\p{C}\s]+/gu, ' ').trim()
  if (name === '') return {}
  const letters = [...name]
  return {
    name: letters.length > NAME_LENGTH ? `${letters.slice(0, NAME_LENGTH).join('')}…` : name,
  }
}

function ownUrl(text: string, clientId: URL): URL | undefined {
  const url = parseUrl(text)
  return url?.origin === clientId.origin ? url : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // fail closed because what is not JSON has no valid fields either
    return undefined
  }
}
