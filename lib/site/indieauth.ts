import { createClientLogoEndpoint, createClientMetadataEndpoint } from '../gate/client-metadata.ts'
import { createIntrospectionEndpoint } from '../indieauth/introspection.ts'
import { createIssuerEndpoint } from '../indieauth/issuer-page.ts'
import { createRevocationEndpoint } from '../indieauth/revocation.ts'
import { createMetadataEndpoint } from '../indieauth/server-metadata.ts'
import type { Endpoint } from '../web/endpoint.ts'
import { findRoute, type Route } from '../web/routes.ts'
import { issuerAddress, partsOf, type SiteOptions } from './site-options.ts'

/** What is small below `/indieauth/`: the issuer's page, both metadata documents, introspection and revocation. */
export function indieauthOf(options: SiteOptions): Endpoint {
  const { owner, settings } = options
  const parts = { ...partsOf(options), owner, indieauth: settings.indieauth, ticketing: true }
  const at = (name: string, endpoint: Endpoint): Route => ({
    path: issuerAddress(parts, name).pathname,
    endpoint,
  })
  const routes = [
    at('', createIssuerEndpoint(parts)),
    at('metadata', createMetadataEndpoint(parts)),
    at('client.json', createClientMetadataEndpoint(parts)),
    at('logo.svg', createClientLogoEndpoint()),
    at('introspect', createIntrospectionEndpoint(parts)),
    at('revoke', createRevocationEndpoint(parts)),
  ]
  return async (request, context) => {
    const endpoint = findRoute(routes, new URL(request.url).pathname)
    return endpoint ? endpoint(request, context) : new Response('Not Found\n', { status: 404 })
  }
}
