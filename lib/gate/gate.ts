/**
 * What stands before the gated posts and asks who is there.
 *
 * 1. {@link createGate} – 401 to strangers, wherever they look; the reader's own copy to a reader
 * 2. {@link identify} – who asks, by token or session
 * 3. {@link findReader} – may they read this post? Who could once, and may no more, is answered 410
 * 4. `createSignInEndpoint`, `createCallbackEndpoint` – a stranger proves who they are, by IndieAuth
 * 5. `createInvitationEndpoint` – or holds an invitation of the author's
 * 6. `createSignOutEndpoint` – and goes away again
 *
 * Nothing but the register decides who may read, and it is read anew for each request. To somebody who has
 * proven nothing, not one byte depends on it.
 *
 * @see [IndieWeb, Private-Webmention](https://indieweb.org/Private-Webmention)
 * @module
 */
import { endpoint, type Endpoint } from '../web/endpoint.ts'
import { oauthErrorResponse } from '../web/oauth.ts'
import type { DeployFiles } from '../store/deploy-files.ts'
import { gateAddresses, type GateSite } from './addresses.ts'
import { identify, type IdentifyOptions, type KnownAsker } from './asker.ts'
import { challenge, gateHeaders, type TokenError } from './challenge.ts'
import { fileResponse } from './file-response.ts'
import { findFile, parseGatePath } from './gate-path.ts'
import { isStillInvited, type InvitationRule } from './invitation-rule.ts'
import { nextPath } from './next-path.ts'
import { findPost, findReader, wasReader } from './reader.ts'
import { readGateRegister, type GatedPost, type GateReader } from './register.ts'
import { noLongerTherePage, notForYouPage, notTherePage } from './reader-pages.ts'
import { signInPage } from './sign-in-page.ts'

export interface GateOptions extends GateSite, IdentifyOptions {
  readonly files: DeployFiles
  readonly invitations: InvitationRule
  readonly now: () => Date
}

export function createGate(options: GateOptions): Endpoint {
  const { site, me, files, now } = options
  const addresses = gateAddresses(options)

  return endpoint({ GET: read, POST: startSignIn }, oauthErrorResponse)

  async function read(request: Request): Promise<Response> {
    const asker = await identify(request, options)
    if (asker.is === 'nobody') return unauthorized()
    if (asker.is === 'refused') return refuseToken(asker.error)

    const register = await readGateRegister(files)
    if (!isStillInvited(register, asker, options)) return unauthorized()
    const { pathname, search, searchParams } = new URL(request.url)
    const path = parseGatePath(pathname, addresses.posts)
    const post = path && findPost(register, path.segment, now())
    const copies = post ? copiesFor(asker, post, searchParams.get('as')) : []
    if (copies.length === 0) {
      if (asker.isOwner) return notThere()
      return path && wasReader(register, path.segment, asker.id)
        ? noLongerThere()
        : notForYou(asker)
    }

    for (const copy of copies) {
      const found = findFile(copy.files, path?.file)
      if (!found) continue
      if ('isFolder' in found) return addSlash(pathname, search)
      const content = await files(found.deployFile)
      if (content) return fileResponse(request, found.path, content, gateHeaders(addresses))
    }
    return notThere()
  }

  /**
   * The sign-in form has no address, so that it can be the same everywhere: it is sent to where it stands,
   * and from there, as it is, to the sign-in endpoint, with the way back.
   */
  async function startSignIn(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url)
    const headers = gateHeaders(addresses)
    const next = encodeURIComponent(nextPath(pathname + search, site))
    headers.set('location', `${addresses.signIn.href}?next=${next}`)
    return new Response(null, { status: 307, headers })
  }

  function unauthorized(): Promise<Response> {
    const headers = challenge(gateHeaders(addresses))
    return withLength(signInPage({ me, status: 401, headers }))
  }

  function refuseToken(error: TokenError): Promise<Response> {
    const headers = challenge(gateHeaders(addresses), error)
    const status = error === 'invalid_token' ? 401 : 403
    return withLength(signInPage({ me, status, headers }))
  }

  function notForYou({ id }: KnownAsker): Promise<Response> {
    return withLength(notForYouPage({ id, me, addresses, headers: gateHeaders(addresses) }))
  }

  /** @see [Webmention §3.1.5](https://www.w3.org/TR/webmention/#sending-webmentions-for-deleted-posts) */
  function noLongerThere(): Promise<Response> {
    return withLength(noLongerTherePage({ me, headers: gateHeaders(addresses) }))
  }

  function notThere(): Promise<Response> {
    return withLength(notTherePage({ me, headers: gateHeaders(addresses) }))
  }

  /** Relative addresses in a post resolve only behind its slash. */
  function addSlash(pathname: string, search: string): Response {
    const headers = gateHeaders(addresses)
    headers.set('location', `${site.origin}${pathname}/${search}`)
    headers.set('content-length', '0')
    return new Response(null, { status: 301, headers })
  }
}

/**
 * The copies that may be shown, in order. A reader sees their own and no other; the owner sees
 * anybody's, and says with `as` whose.
 */
function copiesFor(
  { id, isOwner }: KnownAsker,
  post: GatedPost,
  as: string | null,
): readonly GateReader[] {
  const own = findReader(post, id)
  if (!isOwner) return own ? [own] : []
  if (as !== null) return post.readers.filter((reader) => reader.id === as)
  return own ? [own, ...post.readers] : post.readers
}

/** Says how long the body is, so that HEAD says the same as GET on the wire. */
async function withLength(page: Response): Promise<Response> {
  const body = await page.arrayBuffer()
  const headers = new Headers(page.headers)
  headers.set('content-length', String(body.byteLength))
  return new Response(body, { status: page.status, headers })
}
