import { html } from '../web/markup.ts'
import { pageResponse } from '../web/page.ts'
import type { PmPlace } from './rel-pm.ts'

/** For a person who follows the link. */
export function infoPage({ me }: Pick<PmPlace, 'me'>): Response {
  return pageResponse({
    title: 'Private messages',
    body: html`<h1>Private messages</h1>
      <p>
        Nothing to see here: this address is for websites. Those that know <code>rel=pm</code> bring
        private messages for <a href="${me}">${me.host}</a> to it.
      </p>
      <p>To send one, write it on your own site, and name ${me.host} as its reader.</p>`,
  })
}
