import { html, type Markup } from '../web/markup.ts'
import { pageResponse } from '../web/page.ts'
import { LETTER_STYLE, SEALED_LETTER } from './letter.ts'
import { personName } from './person-name.ts'

/** Nobody's address is longer, and a page need not repeat what is. */
const SHOWN_LETTERS = 200

export interface SignInPageOptions {
  /** Whose site it is. */
  readonly me: URL
  readonly status: number
  readonly headers?: Headers
  /** What was typed before, and what was wrong with it. */
  readonly typed?: string
  readonly problem?: Markup | string
  /** Where to go afterwards. On a post's own page: there, so that it need not say so. */
  readonly next?: string
}

/**
 * The page on which a stranger says who they are. By default it is the same letter by letter wherever
 * it stands: its form has no address, and so is sent to the address that it was found at.
 */
export function signInPage({ me, status, headers, ...state }: SignInPageOptions): Response {
  const author = personName(me.href)
  const body = html`${SEALED_LETTER}
    <h1>This is private</h1>
    <p>
      If <strong class="who">${author}</strong> has shared it with you, the address of your own
      website opens it. There is no account to make and no password to type here.
    </p>
    ${signInForm(state)}
    <details>
      <summary>I have no website</summary>
      <p>
        Ask the author for an invitation link: it opens what is shared with you at one tap. If you
        were given one before, just open it again on this device.
      </p>
    </details>
    <details>
      <summary>What happens then?</summary>
      <p>
        We send you to your own website, it asks whether this is really you, and brings you straight
        back here. Your site needs
        <a href="https://indieweb.org/IndieAuth" rel="noreferrer">IndieAuth</a> for that: many
        blogging systems have it built in or as a plugin.
      </p>
    </details>`
  return pageResponse({
    title: 'This is private',
    status,
    body,
    style: LETTER_STYLE,
    ...(headers && { headers }),
  })
}

/** Works without scripts, and with what people really type: no scheme, a capital letter, a space. */
export function signInForm({
  typed = '',
  problem,
  next,
  label = 'Your web address',
}: Pick<SignInPageOptions, 'typed' | 'problem' | 'next'> & { readonly label?: string }): Markup {
  return html`${problem !== undefined && html`<div class="notice bad" role="alert" id="problem">${problem}</div>`}
    <form method="post">
      <label for="me">${label}</label>
      <input
        type="text"
        id="me"
        name="me"
        value="${typed.slice(0, SHOWN_LETTERS)}"
        placeholder="you.example"
        inputmode="url"
        autocomplete="url"
        autocapitalize="none"
        autocorrect="off"
        spellcheck="false"
        required${problem !== undefined && html` aria-invalid="true" aria-describedby="problem"`}
      />
      ${next !== undefined && html`<input type="hidden" name="next" value="${next}" />`}
      <button>Continue to your site</button>
    </form>`
}
