import assert from 'node:assert/strict'
import { finishSignIn, startSignIn, type SignIn } from '../../lib/indieauth/sign-in.ts'
import type { PendingSignIn } from '../../lib/indieauth/pending-sign-in.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import type { Fetch } from '../../lib/web/fetch.ts'

/** Alice's gate, as the client of other people's servers. */
export const client = {
  clientId: new URL('https://alice.example/indieauth/client.json'),
  redirectUri: new URL('https://alice.example/indieauth/callback'),
}
export const now = () => new Date('2026-11-21T12:00:00Z')
const HTML = { 'content-type': 'text/html' }

/** A page that names its server by the legacy rel. */
export function legacyPage(authorizationEndpoint: string): Endpoint {
  const link = `<link rel="authorization_endpoint" href="${authorizationEndpoint}">`
  return async () => new Response(link, { headers: HTML })
}

/** A server in one place: the page says `rel`, and whoever redeems a code gets `answer`. */
export function answering(page: Endpoint, answer: () => Response | Promise<Response>): Endpoint {
  return async (request) => (request.method === 'POST' ? answer() : page(request))
}

export interface Web {
  readonly fetch: Fetch
}

/** Begins at an address that must be good for it. */
export async function begin(
  profileUrl: string,
  web: Web,
): Promise<{ readonly location: URL; readonly pending: PendingSignIn }> {
  const start = await startSignIn({ profileUrl: new URL(profileUrl), client }, { ...web, now })
  assert.ok(start.started, JSON.stringify(start))
  return start
}

/** Comes back with these parameters, besides the right `state` and some code. */
export function comeBack(
  pending: PendingSignIn,
  params: Readonly<Record<string, string>>,
  web: Web,
): Promise<SignIn> {
  const query = new URLSearchParams({ code: 'xxxxxxx', state: pending.state, ...params })
  return finishSignIn(query, pending, { ...web, now })
}

/** In one word: who it is, or why not. */
export function summary(signIn: SignIn): string {
  return signIn.signedIn ? signIn.me.href : signIn.reason.type
}
