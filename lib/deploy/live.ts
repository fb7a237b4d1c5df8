import { FetchError } from '../web/errors.ts'
import { discardBody, readText } from '../web/body.ts'
import type { WebOptions } from '../web/fetch.ts'
import {
  attribute,
  baseUrl,
  elements,
  isElement,
  parseHtml,
  type HtmlDocument,
} from '../web/html.ts'
import type { ShownMentions } from '../webmention/shown-mentions.ts'
import { contentHash } from './content.ts'
import { isMovedPage } from '../web/h-entry.ts'
import type { Sleep } from './sleep.ts'
import { isSamePage } from '../web/page-identity.ts'
import { canParseUrl } from '../web/parse-url.ts'

/** A deploy takes from seconds to minutes: look often at first, then leave the host in peace. */
const FIRST_PAUSE = 1_000
const LONGEST_PAUSE = 10_000

const OTHER_CONTENT = 'its content is not the one just built'
const STILL_THERE = 'what was removed is still there'

/** What the deployed site must show at a source before anybody is told of it. */
export interface Expectation {
  /** Content hash of the page just built, if the build has one there. */
  readonly content: string | undefined
  /** Whether the post must be there, or may as well be gone. */
  readonly mustExist: boolean
  /** Whether nothing at all must be there. */
  readonly mustBeGone?: boolean
  /** Links that the page must have lost. */
  readonly lost: readonly URL[]
  /** Whether the gate stands before it, which shows us nothing: that it asks who is there is enough. */
  readonly isGated?: boolean
  /** Where the page stood when its content was hashed, if elsewhere. */
  readonly hashedAt?: URL
}

/** `refused`: we do not visit this address, so nothing more can be said. */
export type Liveness =
  | { readonly live: true }
  | { readonly live: false; readonly outcome: 'pending' | 'refused'; readonly reason: string }

export interface WaitOptions extends WebOptions {
  readonly sleep: Sleep
  readonly now: () => Date
  /** No look is taken after this, save the first. */
  readonly deadline: Date
  /** What the pages show that others have said. */
  readonly shown?: ShownMentions | undefined
  /** The first look was in vain. */
  readonly onWaiting?: () => void
}

/** Waits until the deployed `source` is as expected. */
export async function waitUntilLive(
  source: URL,
  expected: Expectation,
  { sleep, now, deadline, onWaiting, shown, ...web }: WaitOptions,
): Promise<Liveness> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    let seen: string | undefined
    try {
      seen = await whyNotYet(source, expected, { ...web, shown })
      if (seen === undefined) return { live: true }
    } catch (error) {
      if (!(error instanceof FetchError)) throw error
      if (error.kind === 'refused') {
        return { live: false, outcome: 'refused', reason: error.message }
      }
      seen = error.message
    }
    const left = deadline.getTime() - now().getTime()
    if (web.signal?.aborted || left <= 0) {
      return { live: false, outcome: 'pending', reason: `not live yet: ${seen}` }
    }
    if (pause === FIRST_PAUSE) onWaiting?.()
    await sleep(Math.min(pause, left), web.signal)
  }
}

/** What the source shows instead of what is expected; `undefined` if it is as expected. */
async function whyNotYet(
  source: URL,
  { content, mustExist, mustBeGone, lost, isGated = false, hashedAt = source }: Expectation,
  { fetch, signal, shown }: WebOptions & Pick<WaitOptions, 'shown'>,
): Promise<string | undefined> {
  const response = await fetch(source, {
    headers: { accept: 'text/html', 'cache-control': 'no-cache' },
    signal: signal ?? null,
  })
  const { status } = response
  if (isGated) {
    await discardBody(response)
    const asks = status === 401 && response.headers.has('www-authenticate')
    return asks || status === 200 ? undefined : `it answered ${status}, where a gate should be`
  }
  const isReplaced = !mustExist && isElsewhere(response, source)
  if (status !== 200 || isReplaced) {
    await discardBody(response)
    const isGone = status === 404 || status === 410 || isReplaced
    return !mustExist && isGone ? undefined : `it answered ${status}`
  }
  const html = await readText(response)
  if (content !== undefined) {
    return contentHash(html, hashedAt, shown) === content ? undefined : OTHER_CONTENT
  }
  const document = parseHtml(html, { scripting: false })
  const isOver = saysGone(document) ?? (!mustBeGone && hasLost(document, source, lost))
  return !mustExist && isOver ? undefined : STILL_THERE
}

/** Whether a redirect has put another page in the source's place. */
function isElsewhere({ url }: Response, source: URL): boolean {
  if (url === '') return false
  const page = new URL(url)
  return !isSamePage(page, source) && !isMovedPage(page, source)
}

/** Whether a page says that it is gone, on a host without status codes of one's own; `undefined` if it says nothing. */
function saysGone(document: HtmlDocument): boolean | undefined {
  for (const element of elements(document)) {
    if (
      isElement(element, 'meta') &&
      attribute(element, 'http-equiv')?.toLowerCase() === 'status'
    ) {
      return /^\s*(404|410)/.test(attribute(element, 'content') ?? '')
    }
  }
  return undefined
}

function hasLost(document: HtmlDocument, source: URL, lost: readonly URL[]): boolean {
  const base = baseUrl(document, source)
  for (const element of elements(document)) {
    const href = attribute(element, 'href')
    if (href === undefined || !canParseUrl(href, base.href)) continue
    if (lost.some((target) => target.href === new URL(href, base).href)) return false
  }
  return true
}
