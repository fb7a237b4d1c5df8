import { mayReadAs } from '../gate/reader.ts'
import { readGateRegister } from '../gate/register.ts'
import { authorizationCodeGrant } from '../indieauth/authorization-code-grant.ts'
import { createLegacyVerification } from '../indieauth/introspection.ts'
import { refreshTokenGrant } from '../indieauth/refresh-token-grant.ts'
import { legacyRevocation } from '../indieauth/revocation.ts'
import { webmentionCodeGrant } from '../private-webmention/webmention-code-grant.ts'
import { ticketGrant } from '../ticketing/ticket-grant.ts'
import { ticketRequest } from '../ticketing/ticket-request.ts'
import type { Endpoint } from '../web/endpoint.ts'
import { createTokenEndpoint, type TokenRequest } from '../web/oauth.ts'
import { discoveryOf } from './discover.ts'
import { profileOf } from './owner-profile.ts'
import { addressOf, issuerAddress, partsOf, type SiteOptions } from './site-options.ts'

/**
 * `/indieauth/token`: tokens for recipients, by either generation of private webmention or by ticket, and for
 * the owner's own clients. Each grant knows its own requests.
 */
export function tokenOf(options: SiteOptions): Endpoint {
  const parts = partsOf(options)
  const redeem = createTokenEndpoint([
    webmentionCodeGrant(parts),
    authorizationCodeGrant({ ...parts, profile: profileOf(options) }),
    refreshTokenGrant(parts),
    ticketGrant(parts),
    seedCode(options),
    legacyRevocation(parts),
    ticketRequest({
      ...parts,
      discover: discoveryOf(options),
      resource: addressOf(options, parts.gatePrefix),
      iss: issuerAddress(parts),
      isReader: (subject) => isReader(subject, options),
    }),
  ])
  const verify = createLegacyVerification(parts)
  return (request, context) =>
    request.method === 'GET' || request.method === 'HEAD'
      ? verify(request, context)
      : redeem(request, context)
}

/** Seed 002 has to look for the recipient's own server, in HTML: loaded only when somebody asks for it. */
function seedCode(options: SiteOptions): TokenRequest {
  return async (form, ...rest) => {
    if (!form.has('me')) return undefined
    const { seedCodeGrant } = await import('../private-webmention/seed-code-grant.ts')
    const parts = partsOf(options)
    const grant = seedCodeGrant({ ...parts, tokenEndpoint: issuerAddress(parts, 'token') })
    return grant(form, ...rest)
  }
}

async function isReader(subject: URL, { files }: SiteOptions): Promise<boolean> {
  const { posts } = await readGateRegister(files)
  return Object.values(posts).some(({ readers }) =>
    readers.some(({ id }) => mayReadAs(subject.href, id)),
  )
}
