import * as v from 'valibot'
import type { Secrets } from '../jwt/secrets.ts'
import type { Session } from '../jwt/session.ts'
import { readText } from '../web/body.ts'
import { FetchError, RequestError } from '../web/errors.ts'
import { bearerToken, NO_STORE } from '../web/oauth.ts'
import { isId, MessageSchema } from './entry.ts'
import type { Inbox } from './inbox.ts'
import { ACTIONS, perform } from './inbox-actions.ts'
import { messageRow, type FullMessage, type MessageRow } from './message-row.ts'
import { parsePlace } from './place.ts'

/** What a call of the terminal is for: it opens nothing else. */
export const CALL_PURPOSE = 'inbox'
/** Ten imported messages of the longest kind. */
const MAX_BYTES = 1024 * 1024
const MAX_IMPORTED = 20
const DEFAULT_PER_PAGE = 100
const MAX_PER_PAGE = 500

const Id = v.pipe(v.string(), v.check(isId))
const Order = v.variant('action', [
  v.strictObject({ action: v.picklist(ACTIONS), id: Id, version: v.exactOptional(Id) }),
  v.strictObject({
    action: v.literal('import'),
    messages: v.pipe(
      v.array(v.strictObject({ key: v.string(), message: MessageSchema })),
      v.maxLength(MAX_IMPORTED),
    ),
  }),
])
/** What the terminal asks for with `POST`. */
export type Order = v.InferInput<typeof Order>

export interface TerminalAnswersOptions {
  readonly inboxUrl: URL
  readonly inbox: Inbox
  readonly secrets: Secrets
}

/** What the inbox answers in JSON: to `private-posts inbox --site`, or to the owner's session. */
export function createTerminalAnswers({ inboxUrl, inbox, secrets }: TerminalAnswersOptions) {
  return { show, decide }

  async function show(request: Request, session: Session | undefined): Promise<Response> {
    if (!session || request.headers.has('authorization')) await openCall(request)
    const url = new URL(request.url)
    const place = parsePlace(url, inboxUrl)
    if (!place) return notHere()
    if (place.message !== undefined) {
      const letter = await inbox.letter(place.message)
      if (!letter) return notHere()
      const full: FullMessage = { ...messageRow(letter.entry), content: letter.content }
      return answer(full)
    }
    const perPage = perPageOf(url.searchParams.get('per-page'))
    const { items, total, page } = await inbox.list(place.view, { page: place.page, perPage })
    const messages: MessageRow[] = items.map(messageRow)
    return answer({ messages, total, page, perPage, counts: await inbox.counts() })
  }

  async function decide(request: Request): Promise<Response> {
    const call = await openCall(request)
    if (!(await secrets.spend(call))) throw notSignedIn()
    const order = v.safeParse(Order, await readJson(request))
    if (!order.success) throw new RequestError('invalid_request', 'this cannot be done here')
    if (order.output.action === 'import') {
      for (const { key, message } of order.output.messages) await inbox.accept(key, message)
      return answer({ outcome: 'done' })
    }
    const { action, id, version } = order.output
    const outcome = await perform({ action, id, ...(version && { version }) }, inbox)
    return answer({ outcome }, { done: 200, gone: 404, changed: 409 }[outcome])
  }

  /** @throws {RequestError} `unauthorized`, 401 */
  async function openCall(request: Request) {
    const opened = await secrets.open('call', bearerToken(request) ?? '')
    if (!opened.valid || opened.claims.purpose !== CALL_PURPOSE) throw notSignedIn()
    return opened
  }
}

function notSignedIn(): RequestError {
  return new RequestError('unauthorized', 'only the owner of this site can ask for this', {
    status: 401,
  })
}

function answer(value: unknown, status = 200): Response {
  const headers = { ...NO_STORE, 'x-robots-tag': 'noindex', vary: 'Cookie, Authorization, Accept' }
  return Response.json(value, { status, headers })
}

function notHere(): Response {
  return answer({ outcome: 'gone' }, 404)
}

function perPageOf(text: string | null): number {
  const isNumber = text !== null && /^\d{1,6}$/.test(text)
  return isNumber ? Math.min(Math.max(1, Number(text)), MAX_PER_PAGE) : DEFAULT_PER_PAGE
}

/** @throws {RequestError} `invalid_request`: 415, 413, or 400 for what is no JSON */
async function readJson(request: Request): Promise<unknown> {
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) {
    throw new RequestError('invalid_request', 'send application/json', { status: 415 })
  }
  try {
    return JSON.parse(await readText(new Response(request.body), { maxBytes: MAX_BYTES }))
  } catch (cause) {
    if (cause instanceof FetchError) {
      throw new RequestError('invalid_request', 'that is too much at once', { status: 413, cause })
    }
    if (!(cause instanceof SyntaxError)) throw cause
    throw new RequestError('invalid_request', 'this is no JSON', { cause })
  }
}
