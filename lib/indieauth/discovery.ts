import { ResponseError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { parseUrl } from '../web/parse-url.ts'
import { discoverRels } from '../web/rel-discovery.ts'
import {
  metadataRequest,
  processMetadataResponse,
  type IndieAuthMetadata,
  type IssuerRules,
} from './metadata.ts'

const METADATA = 'indieauth-metadata'
const LEGACY = ['authorization_endpoint', 'token_endpoint', 'ticket_endpoint'] as const

/** What a page says of the IndieAuth server that speaks for it. */
export interface IndieAuthEndpoints {
  readonly authorizationEndpoint?: URL
  readonly tokenEndpoint?: URL
  readonly ticketEndpoint?: URL
  /** From the metadata, letter by letter: it is compared as text. Legacy servers have none. */
  readonly issuer?: string
  /** Whether the server has promised `iss` in its authorization responses. */
  readonly requiresIss: boolean
  readonly grantTypes?: readonly string[]
  readonly codeChallengeMethods?: readonly string[]
  /** The URL that was asked for and the one that answered after redirects, once if they are the same. */
  readonly urls: readonly URL[]
}

/** A server that can tell who somebody is. */
export interface IndieAuthServer extends IndieAuthEndpoints {
  readonly authorizationEndpoint: URL
}

export interface IndieAuthOptions extends WebOptions, IssuerRules {
  readonly now?: () => Date
}

/**
 * Finds the server that confirms who `profileUrl` is, or `undefined` if the page names none.
 *
 * @throws {FetchError} if the page, or the metadata that it names, cannot be had
 * @throws {ResponseError} if what it says of its server is broken
 * @see {@link discoverIndieAuthEndpoints}
 */
export async function discoverIndieAuth(
  profileUrl: URL,
  options: IndieAuthOptions,
): Promise<IndieAuthServer | undefined> {
  const { authorizationEndpoint, ...rest } = await discoverIndieAuthEndpoints(profileUrl, options)
  return authorizationEndpoint && { ...rest, authorizationEndpoint }
}

/**
 * Reads a page's rels: `indieauth-metadata` first, the legacy ones only where that is missing. Broken
 * metadata is an error even beside legacy rels: falling back would give up `iss`, and with it the
 * protection from being mixed up with another server, whenever somebody manages to break the document.
 *
 * In HTML only `<link>` counts, because an `<a>` may be somebody's comment. The endpoints may lie
 * anywhere, as hosted ones do; they must not be less encrypted than the page that names them.
 *
 * @throws {FetchError} if the page, or the metadata that it names, cannot be had
 * @throws {ResponseError} if what it says of its server is broken
 * @see [IndieAuth §4.1 Discovery by Clients](https://indieauth.spec.indieweb.org/#discovery-by-clients)
 */
export async function discoverIndieAuthEndpoints(
  profileUrl: URL,
  { allowLoopback = false, ...web }: IndieAuthOptions,
): Promise<IndieAuthEndpoints> {
  const { documentUrl, found } = await discoverRels(profileUrl, [METADATA, ...LEGACY], {
    ...web,
    elements: ['link'],
    settledBy: METADATA,
  })
  const urls = documentUrl.href === profileUrl.href ? [profileUrl] : [profileUrl, documentUrl]
  if (!isAsSecure(documentUrl, profileUrl)) {
    throw new ResponseError(`${profileUrl.host} redirects to an unencrypted page`)
  }
  const mayUse = (url: URL) => isUsable(url, documentUrl)

  if (found.has(METADATA)) {
    const metadataUrl = found.get(METADATA)
    if (!metadataUrl || !mayUse(metadataUrl)) {
      throw new ResponseError(`${documentUrl.host} links to no usable metadata`)
    }
    const response = await metadataRequest(metadataUrl, web)
    const metadata = await processMetadataResponse(response, metadataUrl, { allowLoopback })
    return { ...endpointsOf(metadata, mayUse), urls }
  }

  const endpoints = LEGACY.map((rel) => {
    const url = found.get(rel)
    return url && mayUse(url) ? url : undefined
  })
  if (found.has('authorization_endpoint') && !endpoints[0]) {
    throw new ResponseError(`${documentUrl.host} links to no usable authorization endpoint`)
  }
  return { ...endpointsRecord(endpoints), requiresIss: false, urls }
}

function endpointsOf(
  metadata: IndieAuthMetadata,
  mayUse: (url: URL) => boolean,
): Omit<IndieAuthEndpoints, 'urls'> {
  const { issuer, grant_types_supported, code_challenge_methods_supported } = metadata
  const endpoints = LEGACY.map((name) => {
    const url = parseUrl(metadata[name] ?? '')
    return url && mayUse(url) ? url : undefined
  })
  if (metadata.authorization_endpoint && !endpoints[0]) {
    throw new ResponseError(`The metadata of ${issuer} has no usable authorization endpoint`)
  }
  return {
    ...endpointsRecord(endpoints),
    issuer,
    requiresIss: metadata.authorization_response_iss_parameter_supported ?? false,
    ...(grant_types_supported && { grantTypes: grant_types_supported }),
    ...(code_challenge_methods_supported && {
      codeChallengeMethods: code_challenge_methods_supported,
    }),
  }
}

/** In the order of the rels. */
function endpointsRecord([authorizationEndpoint, tokenEndpoint, ticketEndpoint]: readonly (
  URL | undefined
)[]) {
  return {
    ...(authorizationEndpoint && { authorizationEndpoint }),
    ...(tokenEndpoint && { tokenEndpoint }),
    ...(ticketEndpoint && { ticketEndpoint }),
  }
}

function isUsable(url: URL, namedBy: URL): boolean {
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false
  return isAsSecure(url, namedBy)
}

/** What an https page says must not depend on a plain connection. */
function isAsSecure(url: URL, namedBy: URL): boolean {
  if (url.protocol === 'https:') return true
  return url.protocol === 'http:' && namedBy.protocol === 'http:'
}
