import { createStaticSite } from '../lib/web/static-site.ts'
import type { Endpoint } from '../lib/web/endpoint.ts'
import type { createBobReceiver, VerifiedMention } from './bob-receiver.ts'

export interface BobSiteOptions {
  readonly folder: string
  readonly alice: URL
  readonly receiver: ReturnType<typeof createBobReceiver>
}

/** Bob's site: his pages, his receiver, and his inbox, for which he would sign in on a real host. */
export function createBobSite({ folder, alice, receiver }: BobSiteOptions): Endpoint {
  const pages = createStaticSite({ folder })
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/webmention') return receiver.receive(request)
    if (pathname === '/inbox/') return html(inboxPage(receiver.verified()))
    const response = await pages(request)
    if (!response.headers.get('content-type')?.startsWith('text/html')) return response
    const text = (await response.text()).replaceAll('{{ALICE_URL}}', alice.href)
    const headers = new Headers(response.headers)
    headers.delete('content-length')
    return new Response(request.method === 'HEAD' ? null : text, {
      status: response.status,
      headers,
    })
  }
}

function inboxPage(mentions: readonly VerifiedMention[]): string {
  const rows = mentions.map(
    ({ source, target, title, received }) => `
          <li>
            <a href="${escape(source)}">${escape(title)}</a>
            <span class="small">${addressee(new URL(target))}, <time datetime="${received}">${received.slice(0, 16).replace('T', ' ')}</time></span>
          </li>`,
  )
  return `<!doctype html>
<html lang="en-GB">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Inbox – Bob</title>
    <meta name="robots" content="noindex">
    <meta name="referrer" content="no-referrer">
    <link rel="icon" type="image/svg+xml" href="/icon.svg">
    <link rel="stylesheet" href="/style.css">
  </head>
  <body>
    <main class="sheet">
      <p class="back"><a href="/">Bob Marlow</a></p>
      <h1>Inbox</h1>
      <p>What people have written to me, or about me. On a real host only I could see this page.</p>
      <ul>${rows.join('') || '<li>Nothing yet.</li>'}</ul>
    </main>
  </body>
</html>
`
}

/** Whom a mention is for: a homepage mention is a message to whoever lives there. */
function addressee({ pathname }: URL): string {
  if (pathname === '/') return 'to me'
  return pathname === '/carol/' ? 'to Carol' : 'about a note of mine'
}

function html(text: string): Response {
  return new Response(text, {
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  })
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;')
}
