/**
 * What the server can do, for software.
 *
 * 1. {@link createMetadataEndpoint} – where the issuer's page and the rels lead
 * 2. {@link createWellKnownEndpoint} – where OAuth clients look that were told an issuer and nothing else
 *
 * @see [IndieAuth §4.1.1 IndieAuth Server Metadata](https://indieauth.spec.indieweb.org/#indieauth-server-metadata)
 * @see [RFC 8414](https://www.rfc-editor.org/rfc/rfc8414)
 * @module
 */
import { endpoint, type Endpoint } from '../web/endpoint.ts'
import { oauthErrorResponse } from '../web/oauth.ts'
import { SCOPES } from './scopes.ts'
import {
  answersForOwner,
  serverAddresses,
  siteServer,
  type AnsweringServer,
  type ServerSite,
  type ServerUse,
} from './server-addresses.ts'

const WELL_KNOWN = '/.well-known/oauth-authorization-server'

export interface ServerMetadataOptions extends ServerSite, ServerUse {
  /** Whether tickets are taken and given. */
  readonly ticketing?: boolean
}

/** Answers with the metadata, at the address that the issuer's page names. */
export function createMetadataEndpoint(options: ServerMetadataOptions): Endpoint {
  return metadataEndpoint(options, serverAddresses(options))
}

/**
 * Answers with the metadata where RFC 8414 has it: the path of the issuer comes after the well-known one. There
 * are two issuers, below {@link wellKnownPaths}: IndieAuth's, and the site's own address.
 *
 * @see [RFC 8414 §3.1](https://www.rfc-editor.org/rfc/rfc8414#section-3.1)
 */
export function createWellKnownEndpoint(options: ServerMetadataOptions): Endpoint {
  const ofIssuer = metadataEndpoint(options, serverAddresses(options))
  const ofSite = metadataEndpoint(options, siteServer(options))
  const { site } = wellKnownPaths(options)
  return (request, context) => {
    const path = new URL(request.url).pathname.replace(/\/$/, '')
    return (path === site ? ofSite : ofIssuer)(request, context)
  }
}

/** Where the metadata of either issuer is, without a slash at the end. */
export function wellKnownPaths(options: ServerSite): {
  readonly site: string
  readonly issuer: string
} {
  const pathFor = ({ pathname }: URL) => WELL_KNOWN + pathname.replace(/\/$/, '')
  return { site: pathFor(options.site), issuer: pathFor(serverAddresses(options).issuer) }
}

/** What the server does not do for this owner is not mentioned: the rest is for the readers of private posts. */
function metadataEndpoint(
  options: ServerMetadataOptions,
  { issuer, authorization }: AnsweringServer,
): Endpoint {
  const { ticketing = true } = options
  const { token, introspection, revocation, ticket } = serverAddresses(options)
  const forOwner = answersForOwner(options)
  const metadata = {
    issuer: issuer.href,
    ...(forOwner && { authorization_endpoint: authorization.href }),
    token_endpoint: token.href,
    introspection_endpoint: introspection.href,
    introspection_endpoint_auth_methods_supported: ['Bearer'],
    revocation_endpoint: revocation.href,
    revocation_endpoint_auth_methods_supported: ['none'],
    ...(ticketing && { ticket_endpoint: ticket.href }),
    token_endpoint_auth_methods_supported: ['none'],
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      ...(ticketing ? ['ticket'] : []),
    ],
    scopes_supported: forOwner ? SCOPES : ['read'],
    ...(forOwner && {
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
    }),
  }
  const headers = {
    'content-type': 'application/json',
    'cache-control': 'public, max-age=300',
    'access-control-allow-origin': '*',
    'x-content-type-options': 'nosniff',
  }
  return endpoint({ GET: async () => Response.json(metadata, { headers }) }, oauthErrorResponse)
}
