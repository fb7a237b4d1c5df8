import * as v from 'valibot'
import { isLoopbackHost } from '../web/address-text.ts'
import { discardBody, readText } from '../web/body.ts'
import { ResponseError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { parseUrl } from '../web/parse-url.ts'

/** A metadata document is one or two kilobytes. */
const METADATA_BYTES = 64 * 1024

const Endpoint = v.nullish(v.string())
const Names = v.nullish(v.array(v.string()))
/** Some servers write booleans as text, see their introspection. */
const Flag = v.nullish(
  v.union([
    v.boolean(),
    v.pipe(
      v.picklist(['true', 'false']),
      v.transform((text) => text === 'true'),
    ),
  ]),
)

/** What we read of a server's metadata. `authorization_endpoint` is not optional, but others need only the rest. */
const IndieAuthMetadata = v.object({
  issuer: v.string(),
  authorization_endpoint: Endpoint,
  token_endpoint: Endpoint,
  ticket_endpoint: Endpoint,
  code_challenge_methods_supported: Names,
  grant_types_supported: Names,
  authorization_response_iss_parameter_supported: Flag,
})

/** @see [IndieAuth §4.1.1](https://indieauth.spec.indieweb.org/#indieauth-server-metadata) */
export type IndieAuthMetadata = v.InferOutput<typeof IndieAuthMetadata>

/** Fetches the metadata of an IndieAuth server. @returns Resolves with the response for {@link processMetadataResponse}. */
export function metadataRequest(metadataUrl: URL, { fetch, signal }: WebOptions) {
  return fetch(metadataUrl, { headers: { accept: 'application/json' }, signal: signal ?? null })
}

/**
 * Judges the answer to {@link metadataRequest}. Its media type is left alone: it says nothing about who
 * is speaking, and the document has to make sense anyway.
 *
 * @throws {ResponseError} if it is no metadata document, or that of another server
 * @see [IndieAuth §4.1.1](https://indieauth.spec.indieweb.org/#indieauth-server-metadata)
 */
export async function processMetadataResponse(
  response: Response,
  metadataUrl: URL,
  rules: IssuerRules = {},
): Promise<IndieAuthMetadata> {
  // A redirect may lead elsewhere: what counts is who serves the document, not who points to it.
  const servedFrom = new URL(response.url || metadataUrl.href)
  if (!response.ok) {
    await discardBody(response)
    throw new ResponseError(`The metadata at ${servedFrom.host} answered ${response.status}`)
  }
  const result = v.safeParse(
    IndieAuthMetadata,
    parseJson(await readText(response, { maxBytes: METADATA_BYTES })),
  )
  if (!result.success) {
    const field = v.getDotPath(result.issues[0]) ?? 'JSON object'
    throw new ResponseError(`The metadata at ${servedFrom.host} has no valid "${field}"`)
  }
  if (!isIssuer(result.output.issuer, servedFrom, rules)) {
    throw new ResponseError(`The "issuer" in the metadata at ${servedFrom.host} is not its own`)
  }
  return result.output
}

export interface IssuerRules {
  /** For development: an issuer on loopback may do without https. */
  readonly allowLoopback?: boolean
}

/**
 * Whether a metadata document may speak for this issuer: https, without query and fragment, and a
 * prefix of the document's own URL. A prefix ends where a path segment does, because
 * `https://bob.example` is none of `https://bob.example.eve.example/`.
 *
 * @see [IndieAuth §3.1 Issuer Identifier](https://indieauth.spec.indieweb.org/#issuer-identifier)
 */
export function isIssuer(
  issuer: string,
  metadataUrl: URL,
  { allowLoopback = false }: IssuerRules = {},
): boolean {
  const url = parseUrl(issuer)
  if (!url || /[?#\s\\]/.test(issuer) || url.username !== '' || url.password !== '') return false
  const mayBeHttp = allowLoopback && isLoopbackHost(url.hostname)
  if (url.protocol !== 'https:' && !(mayBeHttp && url.protocol === 'http:')) return false
  const folder = url.pathname.replace(/\/?$/, '/')
  return url.origin === metadataUrl.origin && `${metadataUrl.pathname}/`.startsWith(folder)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // fail closed because what is not JSON has no valid fields either
    return undefined
  }
}
