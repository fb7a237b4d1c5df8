import { endpoint, type Endpoint } from '../web/endpoint.ts'
import { oauthErrorResponse } from '../web/oauth.ts'
import { gateAddresses, type GateSite } from './addresses.ts'
import { personName } from './person-name.ts'

/**
 * Tells authorization servers who is asking: the gate, as an IndieAuth client. The set of claims that
 * every known server accepts, with the redirect repeated where older ones look for it.
 *
 * @see [IndieAuth §4.2.1, Client Information Discovery](https://indieauth.spec.indieweb.org/#client-information-discovery)
 * @see [Client ID Metadata Document](https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/)
 */
export function createClientMetadataEndpoint(options: GateSite): Endpoint {
  const { client, callback } = gateAddresses(options)
  const metadata = {
    client_id: client.href,
    client_uri: options.site.href,
    client_name: `Private posts of ${personName(options.site.href)}`,
    redirect_uris: [callback.href],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  }
  const headers = {
    // Letter by letter: some compare it as a text.
    'content-type': 'application/json',
    link: `<${callback.href}>; rel="redirect_uri"`,
    'cache-control': 'public, max-age=3600',
    'x-content-type-options': 'nosniff',
  }
  return endpoint({ GET: async () => Response.json(metadata, { headers }) }, oauthErrorResponse)
}
