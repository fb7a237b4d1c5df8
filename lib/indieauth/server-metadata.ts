import { endpoint, type Endpoint } from '../web/endpoint.ts'
import { oauthErrorResponse } from '../web/oauth.ts'
import { SCOPES } from './scopes.ts'
import {
  answersForOwner,
  serverAddresses,
  type ServerSite,
  type ServerUse,
} from './server-addresses.ts'

export interface ServerMetadataOptions extends ServerSite, ServerUse {
  /** Whether tickets are taken and given. */
  readonly ticketing?: boolean
}

/**
 * Tells what this server can do. What it does not do for this owner is not mentioned: the rest is for the
 * readers of private posts.
 *
 * @see [IndieAuth §4.1.1 IndieAuth Server Metadata](https://indieauth.spec.indieweb.org/#indieauth-server-metadata)
 * @see [RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2)
 */
export function createMetadataEndpoint(options: ServerMetadataOptions): Endpoint {
  const { ticketing = true } = options
  const { issuer, authorization, token, introspection, revocation, ticket } =
    serverAddresses(options)
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
