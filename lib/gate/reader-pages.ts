import { html } from '../web/markup.ts'
import { pageResponse } from '../web/page.ts'
import type { GateAddresses } from './addresses.ts'
import { LETTER_STYLE, SEALED_LETTER } from './letter.ts'
import { personName } from './person-name.ts'
import { signInForm } from './sign-in-page.ts'

export interface ReaderPageOptions {
  readonly me: URL
  readonly addresses: GateAddresses
  readonly headers: Headers
}

/**
 * For somebody who proved who they are and may not read this. Whether there is anything to read, it does
 * not say.
 */
export function notForYouPage({
  id,
  me,
  addresses,
  headers,
}: ReaderPageOptions & { readonly id: string }): Response {
  const body = html`${SEALED_LETTER}
    <h1>Nothing for you at this address</h1>
    <p>
      You are signed in as <strong class="who">${personName(id)}</strong>. Either
      ${personName(me.href)} has shared this with others, or there is nothing here, or not any more.
    </p>
    <p>If you expected something, ask the author whether they know you by another address.</p>
    ${signInForm({ label: 'Sign in with another address' })}
    <p><a href="${addresses.signOut.pathname}">Sign out</a></p>`
  return pageResponse({ title: 'Private', status: 403, body, headers, style: LETTER_STYLE })
}

/** For somebody who could read a post here once: their own site forgets it, too, when it is told so. */
export function noLongerTherePage({ me, headers }: Omit<ReaderPageOptions, 'addresses'>): Response {
  const body = html`<h1>This is no longer here</h1>
    <p>${personName(me.href)} has taken it back, or its time has passed.</p>`
  return pageResponse({ title: 'Gone', status: 410, body, headers })
}

/** For a reader, below their own post, and for the owner, who may know what there is. */
export function notTherePage({ me, headers }: Omit<ReaderPageOptions, 'addresses'>): Response {
  const body = html`<h1>There is nothing here</h1>
    <p>
      No private post of ${personName(me.href)} has a page or a file at this address. Perhaps it had
      one once.
    </p>`
  return pageResponse({ title: 'Not found', status: 404, body, headers })
}
