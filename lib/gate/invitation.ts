import { isCapabilityToken } from '../capability-url/capability-url.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { startSession } from '../jwt/session.ts'
import type { DeployFiles } from '../store/deploy-files.ts'
import { storeKey, type Store } from '../store/store.ts'
import { endpoint, type Endpoint } from '../web/endpoint.ts'
import { html } from '../web/markup.ts'
import { pageResponse } from '../web/page.ts'
import { gateAddresses, type GateSite } from './addresses.ts'
import { identify } from './asker.ts'
import {
  findInvitation,
  invitationHash,
  isStillInvited,
  type Invitation,
  type InvitationRule,
} from './invitation-rule.ts'
import { LETTER_STYLE, OPEN_LETTER, SEALED_LETTER } from './letter.ts'
import { isFromElsewhere } from './own-form.ts'
import { personName } from './person-name.ts'
import { mayReadAs } from './reader.ts'
import { readGateRegister, type GateRegister } from './register.ts'

export interface InvitationOptions extends GateSite {
  readonly me: URL
  readonly files: DeployFiles
  readonly secrets: Secrets
  readonly store: Store
  readonly invitations: InvitationRule
  readonly now: () => Date
}

/**
 * Invitation links, for readers who have no website: whoever holds one is the reader that it was made for.
 *
 * `GET` shows a button, so that the machines that preview links spend nothing; `POST` starts the session.
 * Unknown, run out, spent and revoked look the same.
 *
 * @see [W3C TAG, Good Practices for Capability URLs](https://www.w3.org/TR/capability-urls/)
 */
export function createInvitationEndpoint(options: InvitationOptions): Endpoint {
  const { site, me, files, secrets, store, invitations } = options
  const addresses = gateAddresses(options)
  const author = personName(me.href)
  return endpoint({ GET: show, POST: accept }, gonePage)

  async function show(request: Request): Promise<Response> {
    const register = await readGateRegister(files)
    const invitation = find(request, register)
    if (!invitation) return gonePage()
    if (await isAlreadyIn(request, invitation, register)) return toPost(invitation)
    return (await isSpent(invitation)) ? gonePage() : invitationPage()
  }

  async function accept(request: Request): Promise<Response> {
    const register = await readGateRegister(files)
    const invitation = find(request, register)
    if (!invitation) return gonePage()
    if (await isAlreadyIn(request, invitation, register)) return toPost(invitation)
    if (isFromElsewhere(request, site)) return show(request)
    if (!(await spend(invitation))) return gonePage()

    const { reader, hash } = invitation
    const claims = { reader: reader.id, by: 'invitation', invitation: hash } as const
    const response = toPost(invitation)
    response.headers.append('set-cookie', await startSession(claims, { secrets, site }))
    return response
  }

  function find({ url }: Request, register: GateRegister): Invitation | undefined {
    const { pathname } = new URL(url)
    const folder = addresses.invitations.pathname
    const token = pathname.startsWith(folder) ? readToken(pathname.slice(folder.length)) : undefined
    return token === undefined
      ? undefined
      : findInvitation(register, invitationHash(token), options)
  }

  /** Whoever is signed in as this reader needs no second invitation, and may come back to the old one. */
  async function isAlreadyIn(
    request: Request,
    { reader }: Invitation,
    register: GateRegister,
  ): Promise<boolean> {
    const asker = await identify(request, options)
    if (asker.is !== 'known' || !mayReadAs(asker.id, reader.id)) return false
    return isStillInvited(register, asker, options)
  }

  async function isSpent({ hash }: Invitation): Promise<boolean> {
    return invitations === 'once' && (await store.get(spentKey(hash))) !== undefined
  }

  /** Of any number who follow it at the same time, one gets in. */
  async function spend({ hash }: Invitation): Promise<boolean> {
    return invitations !== 'once' || store.createIfAbsent(spentKey(hash), true)
  }

  function toPost({ segment }: Invitation): Response {
    const location = new URL(`${segment}/`, addresses.posts).href
    const headers = { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }
    return new Response(null, { status: 303, headers })
  }

  function invitationPage(): Response {
    const body = html`${OPEN_LETTER}
      <h1>You are invited to read a private post</h1>
      <p>
        <strong class="who">${author}</strong> has written something that is not for everybody, and
        would like you to read it. This invitation was made for you alone: please keep it to
        yourself.
      </p>
      <form method="post">
        <button>Open the post</button>
      </form>
      <p class="soft">
        ${howLong(invitations)} There is nothing to sign up for. One cookie is kept in this browser,
        so that it remembers you for up to 30 days.
      </p>`
    return pageResponse({ title: `An invitation from ${author}`, body, style: LETTER_STYLE })
  }

  function gonePage(): Response {
    const body = html`${SEALED_LETTER}
      <h1>This invitation does not open anything</h1>
      <p>
        It may have been used already, have run out, or have been taken back; or the link lost a
        letter on its way.
      </p>
      <p>
        Ask <strong class="who">${author}</strong> for a new one. If you have read the post with it
        before, try the browser that you used then.
      </p>`
    return pageResponse({ title: 'Invitation', status: 410, body, style: LETTER_STYLE })
  }
}

function howLong(invitations: InvitationRule): string {
  return invitations === 'once'
    ? 'It works once, on one device: open it where you want to read.'
    : ''
}

function spentKey(hash: string): string {
  return storeKey('invitation-spent', hash)
}

/** A token as somebody may have copied it from paper: Crockford's alphabet forgives what looks alike. */
function readToken(text: string): string | undefined {
  const folded = text.replace(/\/$/, '').toLowerCase()
  const token = folded.replaceAll('o', '0').replace(/[il]/g, '1')
  return isCapabilityToken(token) ? token : undefined
}
