import { html } from '../web/markup.ts'
import { pageResponse } from '../web/page.ts'
import { preferredType } from '../web/accept.ts'
import { NEGOTIATED } from './receiver-page.ts'
import { STATUS_SUMMARIES, type ReceivedStatus } from './received-status.ts'

/** Seconds after which a browser looks again. */
const REFRESH = 5
const GOOD: readonly ReceivedStatus[] = ['success', 'deleted', 'processed']

/** What may be known of a webmention by whoever has the address of its status page: no URLs, no words. */
export interface StatusView {
  readonly status: ReceivedStatus
  readonly private: boolean
}

/** The status page: for software the words of the largest receiver, for people a sentence. */
export function statusResponse(request: Request, view: StatusView | undefined): Response {
  if (preferredType(request, ['text/html', 'application/json']) === 'application/json') {
    return jsonResponse(view)
  }
  if (!view) {
    return pageResponse({
      title: 'Nothing here',
      status: 404,
      headers: NEGOTIATED,
      body: html`<h1>Nothing here</h1>
        <p>No mention is known by this address. What came of one is kept for three days.</p>`,
    })
  }

  const { status } = view
  const tone = GOOD.includes(status) ? 'good' : 'bad'
  return pageResponse({
    title: HEADINGS[status] ?? 'Not accepted',
    headers: { ...NEGOTIATED, ...(status === 'pending' && { refresh: String(REFRESH) }) },
    body: html`<h1>${HEADINGS[status] ?? 'Not accepted'}</h1>
      <p class="notice${status !== 'pending' && html` ${tone}`}">${STATUS_SUMMARIES[status]}</p>
      ${view.private && html`<p><span class="tag">private</span> <span class="soft">Nobody but the owner of this site will see it.</span></p>`}
      <p class="soft">
        In the words of software: <code>${status}</code>. This page is kept for three days.
      </p>`,
  })
}

const HEADINGS: Partial<Record<ReceivedStatus, string>> = {
  pending: 'One moment',
  success: 'It has arrived',
  processed: 'It was looked at',
  deleted: 'Taken away',
}

function jsonResponse(view: StatusView | undefined): Response {
  const headers = { ...NEGOTIATED, 'cache-control': 'no-store' }
  if (!view) {
    const error_description = 'no webmention is known by this address'
    return Response.json({ error: 'not_found', error_description }, { status: 404, headers })
  }
  return Response.json({ ...view, summary: STATUS_SUMMARIES[view.status] }, { headers })
}
