import type { RequestError } from '../web/errors.ts'
import { html, type Markup } from '../web/markup.ts'
import { pageResponse } from '../web/page.ts'

/** Headers of an answer that depends on what the client likes to read. */
export const NEGOTIATED = { vary: 'accept' }

export interface FormPageOptions {
  /** Where the form goes. */
  readonly endpoint: URL
  readonly site: URL
  /** What a link to the form fills in. */
  readonly source?: string | undefined
  readonly target?: string | undefined
}

/** The form for people whose software sends no webmentions. */
export function formPage({ endpoint, site, source, target }: FormPageOptions): Response {
  return pageResponse({
    title: `Tell ${site.host} about your link`,
    headers: NEGOTIATED,
    body: html`<h1>You linked here?</h1>
      <p>
        Written something that links to a page on <strong>${site.host}</strong>? Send it as a
        webmention. Your page will be fetched, and the link looked for.
      </p>
      <form method="post" action="${endpoint.pathname}">
        <p>
          <label for="source">Your page</label>
          <input
            id="source"
            name="source"
            type="url"
            required
            maxlength="2048"
            placeholder="https://"
            value="${source ?? ''}"
            inputmode="url"
            autocapitalize="none"
            spellcheck="false"
          />
        </p>
        <p>
          <label for="target">The page here that it links to</label>
          <input
            id="target"
            name="target"
            type="url"
            required
            maxlength="2048"
            value="${target ?? site.href}"
            inputmode="url"
            autocapitalize="none"
            spellcheck="false"
          />
        </p>
        <p><button>Send</button></p>
      </form>
      <hr />
      <p class="soft">
        No account needed, and no cookies. Changed or removed your link? Send the same two addresses
        again. Software finds this address by itself: it speaks
        <a href="https://www.w3.org/TR/webmention/">Webmention</a>.
      </p>`,
  })
}

/** Thanks a person, and shows where to look for what comes of it. */
export function acceptedPage(statusUrl: URL): Response {
  return pageResponse({
    title: 'Thank you',
    status: 201,
    headers: { ...NEGOTIATED, location: statusUrl.href },
    body: html`<h1>Thank you</h1>
      <p class="notice good">Your mention has arrived. Your page will be fetched in a moment.</p>
      <p><a class="button" href="${statusUrl.pathname}">See what comes of it</a></p>`,
  })
}

/** Says what was wrong, with the status that software goes by. */
export function refusalPage({ message, status }: RequestError, again: URL): Response {
  const isBusy = status === 429 || status === 503
  const words = message.replace('"source"', 'your page').replace('"target"', 'the page here')
  const sentence = `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
  const notice: Markup = isBusy
    ? html`<p class="notice bad">${sentence} Please try again in a little while.</p>`
    : html`<p class="notice bad">${sentence}</p>`
  return pageResponse({
    title: isBusy ? 'Not just now' : 'That did not work',
    status,
    headers: NEGOTIATED,
    body: html`<h1>${isBusy ? 'Not just now' : 'That did not work'}</h1>
      ${notice}
      <p><a class="button" href="${again.pathname}">Back to the form</a></p>`,
  })
}
