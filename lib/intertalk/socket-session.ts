import type { WebSocket } from 'ws'
import type { Secrets } from '../jwt/secrets.ts'
import type { RequestContext } from '../web/endpoint.ts'
import { RequestError } from '../web/errors.ts'
import { eventText, isFor } from './event-stream.ts'
import { takeLocalMessage } from './local-message.ts'
import { openLocalToken, type LocalUser } from './local-users.ts'
import { followLog } from './message-log.ts'
import type { OutboxOptions } from './outbox.ts'

/** Codes of [RFC 6455 §7.4.1](https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1), and one of our own. */
export const GOING_AWAY = 1001
const POLICY_VIOLATION = 1008
const INTERNAL_ERROR = 1011
const TRY_AGAIN_LATER = 1013
/** As the reference implementation closes: "bad token". */
const BAD_TOKEN = 4001

/** Frames that wait while one is taken. Who sends more does not listen. */
const MAX_WAITING = 32

export interface SessionOptions extends OutboxOptions {
  readonly secrets: Secrets
  /** Where it begins. */
  readonly cursor: string
  readonly context: RequestContext | undefined
  readonly tokenMs: number
  readonly heartbeatMs: number
  /** Called when the first token is good. `false`: there are too many connections already. */
  readonly onUser: () => boolean
}

/** One client's connection, from the handshake to its end. */
export function startSession(client: WebSocket, options: SessionOptions): void {
  const { log, now, cursor, context, tokenMs, heartbeatMs, onUser } = options
  const closed = new AbortController()
  let user: LocalUser | undefined
  let token = ''
  let isThere = true
  let waiting = 0
  let work: Promise<void> = Promise.resolve()

  const timer = setTimeout(() => client.close(BAD_TOKEN, 'no token'), tokenMs)
  const heartbeat = setInterval(() => run(beat), heartbeatMs)
  client.on('pong', () => (isThere = true))
  // What breaks the rules of the protocol closes the connection by itself.
  client.on('error', () => {})
  client.on('message', (data) => {
    waiting += 1
    if (waiting > MAX_WAITING) return client.close(POLICY_VIOLATION, 'too many frames at once')
    const text = String(data)
    // One after the other, as they came.
    work = work.then(() => guarded(() => take(text))).finally(() => (waiting -= 1))
  })
  client.once('close', () => {
    clearTimeout(timer)
    clearInterval(heartbeat)
    closed.abort()
  })

  async function take(text: string): Promise<void> {
    if (!isOpen()) return
    if (!user || !text.trimStart().startsWith('{')) return signIn(text)
    if (!(await isGood())) return client.close(BAD_TOKEN, 'bad token')
    try {
      await takeLocalMessage(text, user, options)
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      const { code, message } = error
      await send(JSON.stringify({ error: code, error_description: message }))
    }
  }

  async function signIn(text: string): Promise<void> {
    const known = await openLocalToken(text, options)
    if (!known) return client.close(BAD_TOKEN, 'bad token')
    if (!isOpen()) return
    const isNew = user === undefined
    user = known
    token = text
    clearTimeout(timer)
    if (!isNew) return
    if (onUser()) run(follow)
    else client.close(TRY_AGAIN_LATER, 'too many connections')
  }

  /** One frame after the other: who reads slowly gets them later, and keeps nothing in our memory. */
  async function follow(): Promise<void> {
    for await (const event of followLog(log, { cursor, signal: closed.signal })) {
      if (!user || user.opened.expires <= now()) return client.close(BAD_TOKEN, 'bad token')
      if (isFor(event, user)) await send(eventText(event))
    }
    client.close(GOING_AWAY)
  }

  async function beat(): Promise<void> {
    // Nothing came since the last one: whoever was there has gone without a word, or does not read.
    if (!isThere) return client.terminate()
    isThere = false
    client.ping()
    if (user && !(await isGood())) client.close(BAD_TOKEN, 'bad token')
  }

  async function isGood(): Promise<boolean> {
    return (await openLocalToken(token, options)) !== undefined
  }

  function send(text: string): Promise<void> {
    return new Promise((resolve) => client.send(text, () => resolve()))
  }

  /** Not being closed either: after a bad token no other counts. */
  function isOpen(): boolean {
    return client.readyState === client.OPEN
  }

  function run(job: () => Promise<void>): void {
    void guarded(job)
  }

  async function guarded(job: () => Promise<void>): Promise<void> {
    try {
      await job()
    } catch (error) {
      client.close(INTERNAL_ERROR)
      context?.waitUntil(Promise.reject(error))
    }
  }
}
