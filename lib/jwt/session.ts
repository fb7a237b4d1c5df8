import { readCookie, setCookie } from '../web/cookies.ts'
import { RequestError } from '../web/errors.ts'
import type { ClaimsOf } from './kinds.ts'
import { SECRET_KINDS } from './kinds.ts'
import type { Opened, Secrets } from './secrets.ts'

/** The cookie of somebody who is signed in: a reader at the gate, or the owner in the inbox. */
const COOKIE = 'private-posts-session'

/** Somebody who is signed in with this browser. */
export type Session = Opened<'session'>

export interface SessionOptions {
  readonly secrets: Secrets
  /** The site; over https its cookies are bound to its host. */
  readonly site: URL
}

export async function openSession(
  request: Request,
  { secrets, site }: SessionOptions,
): Promise<Session | undefined> {
  const cookie = readCookie(request, COOKIE, { secure: isSecure(site) })
  if (cookie === undefined) return undefined
  const opened = await secrets.open('session', cookie)
  return opened.valid ? opened : undefined
}

/** Starts a session. Returns the value of the `Set-Cookie` header. */
export async function startSession(
  claims: ClaimsOf['session'],
  { secrets, site }: SessionOptions,
): Promise<string> {
  const session = await secrets.issue('session', claims)
  const maxAge = SECRET_KINDS.session.lifetime
  return setCookie(COOKIE, session, { secure: isSecure(site), maxAge })
}

/** Ends a session for good, also for whoever has a copy of the cookie. Returns the `Set-Cookie` header. */
export async function endSession(
  session: Session | undefined,
  { secrets, site }: SessionOptions,
): Promise<string> {
  if (session) await secrets.revoke(session)
  return setCookie(COOKIE, '', { secure: isSecure(site), maxAge: 0 })
}

/** Whether the session is the owner's: proven by their passphrase or their own site, never by an invitation. */
export function isOwner({ claims }: Session, me: URL): boolean {
  return claims.by !== 'invitation' && claims.reader === me.href
}

/** The hidden field `csrf` of a form that only this session may send. */
export function csrfToken(session: Session, form: string, secrets: Secrets): Promise<string> {
  return secrets.issue('csrf', { session: session.id, form })
}

/** @throws {RequestError} `access_denied`, 403, when the form was not made for this session */
export async function checkCsrf(
  fields: URLSearchParams,
  session: Session,
  form: string,
  secrets: Secrets,
): Promise<void> {
  const opened = await secrets.open('csrf', fields.get('csrf') ?? '')
  const isOurs = opened.valid && opened.claims.session === session.id && opened.claims.form === form
  if (isOurs) return
  throw new RequestError('access_denied', 'the form is too old: go back, reload, send it again', {
    status: 403,
  })
}

function isSecure(site: URL): boolean {
  return site.protocol === 'https:'
}
