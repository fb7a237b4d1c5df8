import { answersForOwner } from '../indieauth/server-addresses.ts'
import { KEY_NAME_PREFIX } from '../intertalk/intertalk.ts'
import type { MessageLog } from '../intertalk/message-log.ts'
import type { Endpoint } from '../web/endpoint.ts'
import type { UpgradeListener } from '../web/node-server.ts'
import { withRoutes, type Route } from '../web/routes.ts'
import { createStaticSite } from '../web/static-site.ts'
import { authorizationOf } from './authorization.ts'
import { fmtpOf } from './fmtp.ts'
import { gateOf } from './gate.ts'
import { withGonePages } from './gone-pages.ts'
import { inboxEndpointOf } from './inbox-endpoint.ts'
import { mentionsOf } from './mentions.ts'
import { indieauthOf } from './indieauth.ts'
import { keysOf } from './intertalk-keys.ts'
import { localTokenOf } from './intertalk-token.ts'
import { messageLogOf, messagesOf } from './intertalk.ts'
import { invitationOf } from './invitation.ts'
import { messageSocketOf } from './message-socket.ts'
import { relPmOf } from './rel-pm.ts'
import { callbackOf, signInOf, signOutOf } from './sign-in.ts'
import { speaks } from './own-address.ts'
import { addressOf, issuerAddress, partsOf, type SiteOptions } from './site-options.ts'
import { recover, sweep } from './sweep.ts'
import { ticketOf } from './ticket.ts'
import { tokenOf } from './token.ts'
import { receivesWebmentions, webmentionOf } from './webmention.ts'
import { processWebmention } from './webmention-work.ts'
import { wellKnownOf, wellKnownPathsOf } from './well-known.ts'

/** A site with its pages and all its functions. */
export interface Site {
  readonly endpoint: Endpoint
  /** Takes over connections for a WebSocket, where the site has one. */
  readonly onUpgrade?: UpgradeListener
  /** Takes over what an earlier process was at. To be called once, before anything is answered. */
  recover(): Promise<void>
  /** Finishes what was cut off, and begins nothing more once the signal is there. To be called now and then. */
  sweep(options?: { readonly signal?: AbortSignal }): Promise<void>
  /** Says good-bye to whoever is connected. */
  close(): Promise<void>
}

/**
 * Puts a site together in one process: functions first, as on Netlify, then the pages of `folder`.
 *
 * @throws {ConfigurationError} if an option of the site is wrong
 */
export function createSite(options: SiteOptions, { folder }: { readonly folder: string }): Site {
  const log = speaks(options, 'intertalk') ? messageLogOf(options) : undefined
  const socket = log && messageSocketOf(options, log)
  const routes = routesOf(options, log)
  const pages = withGonePages(below(options.site, createStaticSite({ folder })), options)
  return {
    endpoint: withRoutes(routes, pages),
    ...(socket && { onUpgrade: socket.upgrade }),
    recover: () => recover(options),
    sweep: (limits) => sweep(options, limits),
    async close() {
      log?.close()
      await socket?.close()
    },
  }
}

/** Where each function of a site answers. The functions on Netlify answer at the same places. */
export function routesOf(options: SiteOptions, log?: MessageLog): readonly Route[] {
  const { paths, gatePrefix, indieauth } = options.settings
  const parts = partsOf(options)
  const at = (path: string, endpoint: Endpoint): Route => ({
    path: addressOf(options, path).pathname,
    endpoint,
  })
  const issuer = (name: string, endpoint: Endpoint): Route => ({
    path: issuerAddress(parts, name).pathname,
    endpoint,
  })
  const tree = (path: string, endpoint: Endpoint): readonly Route[] => [
    at(path, endpoint),
    at(`${path}/*`, endpoint),
  ]
  const wellKnown = () =>
    wellKnownPathsOf(options).map((path) => ({
      path,
      endpoint: wellKnownOf(options),
      preferStatic: true,
    }))
  return [
    at(`${gatePrefix}*`, gateOf(options)),
    at(`${paths.invitation}*`, invitationOf(options)),
    ...['auth', 'authorize'].map((name) => issuer(name, authorizationOf(options))),
    issuer('token', tokenOf(options)),
    issuer('ticket', ticketOf(options)),
    issuer('sign-in', signInOf(options)),
    issuer('callback', callbackOf(options)),
    issuer('sign-out', signOutOf(options)),
    issuer('*', indieauthOf(options)),
    ...(answersForOwner({ indieauth, owner: options.owner }) ? wellKnown() : []),
    ...(receivesWebmentions(options)
      ? tree(
          paths.webmention,
          webmentionOf(options, (id) => processWebmention(options, id)),
        )
      : []),
    at(paths.mentions, mentionsOf(options)),
    ...tree(paths.inbox, inboxEndpointOf(options)),
    ...(speaks(options, 'rel-pm') ? tree(paths.pm, relPmOf(options)) : []),
    ...(speaks(options, 'intertalk')
      ? [
          at(paths.messages, messagesOf(options, log)),
          ...tree(paths.keys, keysOf(options)),
          at(`${KEY_NAME_PREFIX}*`, keysOf(options)),
          at(paths.token, localTokenOf(options)),
        ]
      : []),
    ...(speaks(options, 'fmtp') ? tree(paths.fmtp, fmtpOf(options)) : []),
  ]
}

/** The pages lie at the root of their folder, wherever the site has them. */
function below({ pathname: root }: URL, pages: Endpoint): Endpoint {
  if (root === '/') return pages
  return async (request) => {
    const url = new URL(request.url)
    if (!url.pathname.startsWith(root)) return new Response('Not Found\n', { status: 404 })
    url.pathname = url.pathname.slice(root.length - 1)
    return pages(new Request(url, { method: request.method, headers: request.headers }))
  }
}
