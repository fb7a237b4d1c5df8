import { createHash } from 'node:crypto'
import * as v from 'valibot'
import {
  parsePendingSignIn,
  SIGN_IN_LIFETIME,
  type PendingSignIn,
} from '../indieauth/pending-sign-in.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { readCookie, setCookie } from '../web/cookies.ts'

/** One cookie for each sign-in that was begun: several tabs may be at it at once. */
const COOKIE = 'private-posts-in-'
const NAME = /(?:^|;)\s*(?:__Host-)?private-posts-in-([\w-]{12})=/g
/** More would be too much for the headers of a request. */
const MAX_COOKIES = 3

const Kept = v.strictObject({ pending: v.unknown(), next: v.string() })

/** A sign-in that was begun in this browser, and where it leads. */
export interface PendingVisit {
  readonly pending: PendingSignIn
  /** A path of this site, as `nextPath` makes it. */
  readonly next: string
}

export interface PendingCookiesOptions {
  readonly secrets: Secrets
  readonly site: URL
}

/**
 * The headers that let this browser, and no other, finish the sign-in. Encrypted, because they hold the
 * `code_verifier`. The oldest make room for the new one.
 *
 * @see [RFC 6749 §10.12](https://www.rfc-editor.org/rfc/rfc6749#section-10.12)
 */
export async function keepPending(
  request: Request,
  visit: PendingVisit,
  { secrets, site }: PendingCookiesOptions,
): Promise<string[]> {
  const others = [...(request.headers.get('cookie') ?? '').matchAll(NAME)].map(([, id = '']) => id)
  const surplus = others.slice(0, Math.max(0, others.length - MAX_COOKIES + 1))
  const value = await secrets.seal(JSON.stringify(visit))
  return [
    ...surplus.map((id) => setCookie(COOKIE + id, '', { secure: isSecure(site), maxAge: 0 })),
    setCookie(COOKIE + idOf(visit.pending.state), value, {
      secure: isSecure(site),
      maxAge: SIGN_IN_LIFETIME,
    }),
  ]
}

/** What this browser began with this `state`, or `undefined` if it did not. */
export async function readPending(
  request: Request,
  state: string,
  { secrets, site }: PendingCookiesOptions,
): Promise<PendingVisit | undefined> {
  const cookie = readCookie(request, COOKIE + idOf(state), { secure: isSecure(site) })
  const text = cookie === undefined ? undefined : await secrets.unseal(cookie)
  if (text === undefined) return undefined
  const kept = v.safeParse(Kept, parseJson(text))
  const pending = kept.success && parsePendingSignIn(JSON.stringify(kept.output.pending))
  return pending ? { pending, next: kept.output.next } : undefined
}

/** The header that ends it, however it ended. */
export function forgetPending(
  state: string,
  { site }: Pick<PendingCookiesOptions, 'site'>,
): string {
  return setCookie(COOKIE + idOf(state), '', { secure: isSecure(site), maxAge: 0 })
}

/** A `state` is whatever a browser brings; hashed it cannot be anything but the end of a name. */
function idOf(state: string): string {
  return createHash('sha256').update(state).digest('base64url').slice(0, 12)
}

function isSecure({ protocol }: URL): boolean {
  return protocol === 'https:'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // fail closed because what we sealed for another purpose is no sign-in
    return undefined
  }
}
