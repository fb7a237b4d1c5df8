import { html, type Markup } from '../web/markup.ts'
import { pageResponse } from '../web/page.ts'
import { parseUrl } from '../web/parse-url.ts'
import type { AuthorizationParameters } from './authorization-parameters.ts'
import type { ClientInformation } from './client-information.ts'
import { isOnThisMachine, isWeb } from './client-id.ts'
import { CONSENT_STYLE } from './consent-style.ts'
import { meaningOf } from './scopes.ts'

/** What the owner has to know before they say yes. */
export interface Consent {
  readonly me: URL
  /** Where the form goes. */
  readonly action: URL
  readonly asked: AuthorizationParameters
  readonly client: ClientInformation
  /** Whether this browser is the owner's already. */
  readonly isSignedIn: boolean
  /** What proves that the form was made by us, for this request and this browser. */
  readonly csrf: string
  /** What of the scope is ticked; by default all. */
  readonly granted?: readonly string[]
  /** What went wrong the last time. */
  readonly problem?: string
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** Scopes that are about who the owner is. */
const ABOUT_OWNER = ['profile', 'email']

/** Asks the owner. Everything about the client but its address is what it says of itself, and is shown so. */
export function consentPage(consent: Consent): Response {
  const { me, asked, problem, status = 200, headers = {} } = consent
  const { clientId, scope } = asked
  const isForSite = scope.some((name) => !ABOUT_OWNER.includes(name))
  const body = html`<p class="who"><span class="tag">${me.host}</span></p>
    <h1>
      ${
        isForSite
          ? html`May ${clientId.host} work with your site?`
          : html`Tell ${clientId.host} who you are?`
      }
    </h1>
    ${problem !== undefined && html`<p class="notice bad" role="alert">${problem}</p>`}
    ${clientCard(consent)}
    ${warnings(consent).map((warning) => html`<p class="notice bad">${warning}</p>`)}
    <form method="post" action="${consent.action.pathname}">
      ${hiddenFields(consent)} ${scopeFields(consent)} ${passphraseField(consent)}
      <p class="row">
        <button name="decision" value="allow">${isForSite ? 'Allow' : 'Sign in'}</button>
        <button class="quiet" name="decision" value="deny" formnovalidate>No, go back</button>
      </p>
      <p class="soft">
        Only go on if you have just asked for this yourself, at ${clientId.host}. Otherwise close
        this page: nothing has happened.
      </p>
    </form>
    ${details(asked)}`
  const title = `${clientId.host} · ${me.host}`
  return pageResponse({ title, body, status, headers, style: CONSENT_STYLE })
}

function clientCard({ asked, client, me }: Consent): Markup {
  const { clientId, redirectUri, scope } = asked
  return html`<dl class="card">
    <div>
      <dt>Who asks</dt>
      <dd>
        <strong>${clientId.host}</strong>
        ${client.name !== undefined && html`<span class="soft">calls itself “${client.name}”</span>`}
        ${client.uri && html`<span class="soft">${client.uri}</span>`}
      </dd>
    </div>
    <div>
      <dt>What it learns</dt>
      <dd>
        that you are <strong>${addressOf(me)}</strong>${scope.length === 0 && ', and nothing else'}
      </dd>
    </div>
    <div>
      <dt>Where you go next</dt>
      <dd>${destination(redirectUri, clientId)}</dd>
    </div>
  </dl>`
}

/** What an honest request has no need of. */
function warnings({ asked, client, me }: Consent): readonly Markup[] {
  const { clientId, redirectUri, me: expected } = asked
  const isElsewhere = isWeb(redirectUri) && redirectUri.hostname !== clientId.hostname
  const isExpected = expected === undefined || isSameAddress(expected, me)
  const isPlain = clientId.protocol === 'http:' && !isOnThisMachine(clientId)
  return [
    ...(isElsewhere
      ? [
          html`From here you would go to <strong>${redirectUri.host}</strong>, which is another
            website than <strong>${clientId.host}</strong>. Only go on if you know that the two
            belong together.`,
        ]
      : []),
    ...(isWeb(redirectUri)
      ? []
      : [
          html`From here an app on this device would open. Only go on if you have the app of
            <strong>${clientId.host}</strong> on it.`,
        ]),
    ...(isOnThisMachine(clientId) && !client.known
      ? [
          html`A program on this very device asks. Only go on if you have started it yourself, just
          now.`,
        ]
      : []),
    ...(isPlain
      ? [
          html`The connection to <strong>${clientId.host}</strong> is not encrypted. Somebody in
            between could answer in its place.`,
        ]
      : []),
    ...(isExpected
      ? []
      : [
          html`${clientId.host} expects somebody else: <strong>${expected.slice(0, 100)}</strong>.
            Here you can only sign in as <strong>${addressOf(me)}</strong>.`,
        ]),
  ]
}

function destination(redirectUri: URL, clientId: URL): Markup {
  if (!isWeb(redirectUri)) return html`to the app that opens <code>${redirectUri.protocol}</code>`
  const back = redirectUri.hostname === clientId.hostname ? 'back to' : 'to'
  return html`${back} <strong>${redirectUri.host}</strong>`
}

function scopeFields({ asked: { scope }, granted = scope }: Consent): Markup | undefined {
  if (scope.length === 0) return undefined
  return html`<fieldset>
    <legend>It would like to</legend>
    ${scope.map((name) => {
      const meaning = meaningOf(name)
      return html`<label class="choice">
        <input
          type="checkbox"
          name="granted"
          value="${name}"
          ${granted.includes(name) && 'checked'}
        />
        <span>${meaning ?? html`do something that it calls <code>${name}</code>`}</span>
      </label>`
    })}
    <p class="soft">Take away the tick from what it has no need of.</p>
  </fieldset>`
}

function passphraseField({ me, action, isSignedIn }: Consent): Markup {
  if (isSignedIn) return html`<p class="soft">You are signed in as ${addressOf(me)}.</p>`
  return html`<p>
    <label for="passphrase">Your passphrase for ${me.host}</label>
    <input type="text" name="username" value="${me.host}" autocomplete="username" hidden />
    <input
      type="password"
      id="passphrase"
      name="passphrase"
      autocomplete="current-password"
      required
      maxlength="1024"
    />
    <small>Type it only while the address bar says ${action.host}.</small>
  </p>`
}

/** The request once more, for the answer to it. */
function hiddenFields({ asked, csrf }: Consent): readonly Markup[] {
  const { clientId, redirectUri, state, codeChallenge, scope, me } = asked
  const fields = {
    response_type: 'code',
    client_id: clientId.href,
    redirect_uri: redirectUri.href,
    ...(state !== undefined && { state }),
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
    scope: scope.join(' '),
    ...(me !== undefined && { me }),
    csrf,
  }
  return Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  )
}

function details({ clientId, redirectUri }: AuthorizationParameters): Markup {
  return html`<details>
    <summary>The addresses in full</summary>
    <p><span class="soft">The app</span><br /><code>${clientId}</code></p>
    <p><span class="soft">Where you go next</span><br /><code>${redirectUri}</code></p>
  </details>`
}

/** As people write it. */
function addressOf(me: URL): string {
  return `${me.host}${me.pathname === '/' ? '' : me.pathname}${me.search}`
}

function isSameAddress(text: string, me: URL): boolean {
  const address = text.includes('://') ? text : `${me.protocol}//${text}`
  const url = parseUrl(address)
  return url !== undefined && addressOf(url) === addressOf(me)
}
