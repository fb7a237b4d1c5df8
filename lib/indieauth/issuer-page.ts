import { endpoint, type Endpoint } from '../web/endpoint.ts'
import { html } from '../web/markup.ts'
import { oauthErrorResponse } from '../web/oauth.ts'
import { pageResponse } from '../web/page.ts'
import {
  answersForOwner,
  serverAddresses,
  type ServerSite,
  type ServerUse,
} from './server-addresses.ts'

export interface IssuerPageOptions extends ServerSite, ServerUse {
  readonly me: URL
}

/**
 * The page at the issuer's own address. Software finds the metadata in its header; a person who comes by
 * finds out what this is.
 *
 * @see [IndieAuth §4.1 Discovery by Clients](https://indieauth.spec.indieweb.org/#discovery-by-clients)
 */
export function createIssuerEndpoint(options: IssuerPageOptions): Endpoint {
  const { site, me } = options
  const { metadata } = serverAddresses(options)
  const rel = `<link rel="indieauth-metadata" href="${metadata.href}">`
  const body = html`<h1>This address is for software</h1>
    <p>
      Other websites ask here when somebody shows them a key to the private posts of
      <a href="${me}">${me.host}</a>${forOwner(options)}. There is nothing to read and nothing to
      do.
    </p>
    ${
      answersForOwner(options) &&
      html`<details>
        <summary>Is this your site?</summary>
        <p>
          You can sign in to other websites as <strong>${me.host}</strong>, with your passphrase,
          once your home page says so. It needs this line between <code>&lt;head&gt;</code> and
          <code>&lt;/head&gt;</code>, and no other line that names an IndieAuth server:
        </p>
        <p><code>${rel}</code></p>
      </details>`
    }
    <p><a class="button" href="${site}">Go to the front page</a></p>`
  const headers = {
    link: `<${metadata.href}>; rel="indieauth-metadata"`,
    'cache-control': 'public, max-age=300',
  }
  return endpoint(
    { GET: async () => pageResponse({ title: me.host, body, style: STYLE, headers }) },
    oauthErrorResponse,
  )
}

function forOwner(use: ServerUse): string {
  return answersForOwner(use) ? ', or says to be its owner' : ''
}

const STYLE = `
details{border-top:1px solid var(--line);padding:.75rem 0;margin-top:1.5rem}
summary{cursor:pointer;font-weight:600}
details p{margin:.75rem 0 0}
details+p{margin-top:1rem}
`
