import { asksFor } from '../web/accept.ts'
import { endpoint, type Endpoint } from '../web/endpoint.ts'
import { html, type Markup } from '../web/markup.ts'
import { oauthErrorResponse } from '../web/oauth.ts'
import { pageResponse } from '../web/page.ts'
import { gateAddresses, type GateSite } from './addresses.ts'
import { personName } from './person-name.ts'

const JSON_TYPE = 'application/json'

/**
 * Tells authorization servers who is asking: the gate, as an IndieAuth client. A server that asks for JSON
 * gets the set of claims that every known server accepts. Every other one gets a page with an `h-app`:
 * servers from before the JSON document accept everything and expect HTML, and older versions of
 * WordPress's plugin fail, again and again, where there is no `<title>`.
 *
 * @see [IndieAuth §4.2.1, Client Information Discovery](https://indieauth.spec.indieweb.org/#client-information-discovery)
 * @see [Client ID Metadata Document](https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/)
 */
export function createClientMetadataEndpoint(options: GateSite): Endpoint {
  const { site } = options
  const { client, callback, logo } = gateAddresses(options)
  const name = `Private posts of ${personName(site.href)}`
  const metadata = {
    client_id: client.href,
    client_uri: site.href,
    client_name: name,
    logo_uri: logo.href,
    redirect_uris: [callback.href],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  }
  const headers = {
    link: `<${callback.href}>; rel="redirect_uri"`,
    'cache-control': 'public, max-age=3600',
    vary: 'Accept',
    'x-content-type-options': 'nosniff',
  }
  return endpoint({ GET: describe }, oauthErrorResponse)

  async function describe(request: Request): Promise<Response> {
    if (!asksFor(request, JSON_TYPE, { other: 'text/html' })) {
      return pageResponse({ title: name, head: links(), body: app(), headers })
    }
    // Letter by letter: some servers compare the type as a text.
    return Response.json(metadata, { headers: { ...headers, 'content-type': JSON_TYPE } })
  }

  function links(): Markup {
    return html`<link rel="redirect_uri" href="${callback}" /> <link rel="icon" href="${logo}" />`
  }

  /** Two addresses: Indiekit wants that of the client among them, and people want that of the site. */
  function app(): Markup {
    return html`<div class="h-app">
      <h1>
        <img class="u-logo" src="${logo}" alt="" width="32" height="32" />
        <a class="u-url p-name" href="${site}">${name}</a>
      </h1>
      <p>
        With <a class="u-url" href="${client}">this address</a> the site asks your own website who
        you are, when you sign in to read what was written for you.
      </p>
    </div>`
  }
}

/** The client's logo: an envelope, readable on light and dark. */
export function createClientLogoEndpoint(): Endpoint {
  const headers = {
    'content-type': 'image/svg+xml',
    'content-security-policy': "default-src 'none'",
    'cache-control': 'public, max-age=86400',
    'x-content-type-options': 'nosniff',
  }
  return endpoint({ GET: async () => new Response(LOGO, { headers }) }, oauthErrorResponse)
}

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#8a3b12"/><path d="M6 9h20v14H6zl10 8 10-8" fill="none" stroke="#fff" stroke-width="2" stroke-linejoin="round"/></svg>
`
