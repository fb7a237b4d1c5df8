import { html, type Markup } from '../web/markup.ts'
import { pageResponse } from '../web/page.ts'

export interface SignInPageOptions {
  readonly me: URL
  /** Where the passphrase is sent to; `undefined` where there is none. */
  readonly passphrase: boolean
  /** Where signing in with the owner's own website begins, and where it should lead back to. */
  readonly indieauth: { readonly endpoint: URL; readonly next: string } | undefined
  readonly status?: number
  readonly problem?: string
  readonly headers?: Headers
}

/** What everybody sees who is not the owner: the same everywhere below the inbox, whatever is there. */
export function signInPage({
  me,
  passphrase,
  indieauth,
  status = 401,
  problem,
  headers,
}: SignInPageOptions): Response {
  const body = html`<h1>Inbox of ${me.host}</h1>
    <p>Only its owner can read it. Is that you?</p>
    ${problem !== undefined && html`<p class="notice bad" role="alert">${problem}</p>`}
    ${passphrase && passphraseForm()} ${indieauth && indieauthForm(me, indieauth, passphrase)}
    ${!passphrase && !indieauth && html`<p class="notice">Nobody can sign in here yet: the site has no passphrase. Its owner makes one with <code>private-posts init</code>.</p>`}`
  return pageResponse({
    title: 'Sign in',
    status,
    body,
    style: 'input[type=password]{margin-bottom:.9rem}',
    ...(headers && { headers }),
  })
}

function passphraseForm(): Markup {
  return html`<form method="post">
    <label for="passphrase">Passphrase</label>
    <input
      type="password"
      id="passphrase"
      name="passphrase"
      autocomplete="current-password"
      required
    />
    <button name="do" value="sign-in">Sign in</button>
  </form>`
}

function indieauthForm(
  me: URL,
  { endpoint, next }: NonNullable<SignInPageOptions['indieauth']>,
  isSecond: boolean,
): Markup {
  return html`${isSecond && html`<hr />`}
    <form method="post" action="${endpoint}">
      <input type="hidden" name="me" value="${me}" />
      <input type="hidden" name="next" value="${next}" />
      <button${isSecond && html` class="plain"`}>Sign in with ${me.host}</button>
    </form>`
}
