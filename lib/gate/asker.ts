import { isOwner, openSession } from '../jwt/session.ts'
import type { Opened, Secrets } from '../jwt/secrets.ts'
import { bearerToken } from '../web/oauth.ts'
import type { TokenError } from './challenge.ts'
import { mayReadAs } from './reader.ts'
import { canParseUrl } from '../web/parse-url.ts'

/** Who asks, as far as their credentials prove it. What they may read is another question. */
export type Asker =
  { readonly is: 'nobody' } | { readonly is: 'refused'; readonly error: TokenError } | KnownAsker

export interface KnownAsker {
  readonly is: 'known'
  /** A profile URL, or the recipient id of somebody who was invited. */
  readonly id: string
  readonly isOwner: boolean
  /** The hash of the invitation that this rests on. */
  readonly invitation?: string
}

export interface IdentifyOptions {
  readonly site: URL
  readonly me: URL
  readonly secrets: Secrets
}

/**
 * Finds out who sent the request. A Bearer token decides where there is one, good or bad, whatever cookie
 * comes with it: a program that shows a token wants to be judged by it.
 *
 * @see [RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)
 */
export async function identify(
  request: Request,
  { site, me, secrets }: IdentifyOptions,
): Promise<Asker> {
  if (/^bearer\b/i.test(request.headers.get('authorization') ?? '')) {
    const opened = await secrets.open('access-token', bearerToken(request) ?? '')
    if (!opened.valid) return { is: 'refused', error: 'invalid_token' }
    if (!isGoodFor(opened, request, site)) return { is: 'refused', error: 'insufficient_scope' }
    const { me: id } = opened.claims
    return { is: 'known', id, isOwner: mayReadAs(id, me.href) }
  }

  const session = await openSession(request, { site, secrets })
  if (!session) return { is: 'nobody' }
  const { reader: id, by, invitation } = session.claims
  // Fail closed: an invitation that cannot be looked up cannot be revoked.
  if (by === 'invitation' && invitation === undefined) return { is: 'nobody' }
  return {
    is: 'known',
    id,
    isOwner: isOwner(session, me),
    ...(by === 'invitation' && invitation !== undefined && { invitation }),
  }
}

/** Whether the token is for reading, and for this place. */
function isGoodFor(
  { claims: { scope, resource } }: Opened<'access-token'>,
  request: Request,
  site: URL,
): boolean {
  if (!scope.includes('read')) return false
  return resource === undefined || isWithin(new URL(request.url).pathname, resource, site)
}

/**
 * Whether a path lies below a resource: at it, or behind it and a slash. Behind a proxy the request may
 * name another origin, so the site's own counts.
 */
function isWithin(pathname: string, resource: string, site: URL): boolean {
  if (!canParseUrl(resource)) return false
  const { origin, pathname: folder } = new URL(resource)
  if (origin !== site.origin) return false
  return pathname === folder || pathname.startsWith(folder.replace(/\/?$/, '/'))
}
