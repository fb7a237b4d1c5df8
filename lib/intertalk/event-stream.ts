import type { LocalUser } from './local-users.ts'
import { followLog, type LogEvent, type MessageLog } from './message-log.ts'
import { canonicalAddress, parseUserAddress } from '../web/user-address.ts'

/** Milliseconds until a client comes back that lost the stream. */
const RETRY_MS = 2_000

export interface EventStreamOptions {
  readonly log: MessageLog
  readonly user: LocalUser
  readonly cursor: string
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal
  readonly now: () => Date
  /** Milliseconds after which it ends; the client then comes back, and goes on from where it was. */
  readonly lifeMs: number
  /** Milliseconds of silence after which a comment is sent, and the token is looked at again. */
  readonly heartbeatMs: number
  /** Whether the token has not been revoked. */
  readonly isStillGood: () => Promise<boolean>
  /** Called once, however it ends. */
  readonly onEnd: () => void
}

/**
 * The events behind the cursor, and those that arrive, as Server-Sent Events. Each has its cursor as `id`; the
 * first lines give the cursor that was begun with, so that also a client that got nothing goes on from there.
 *
 * @see [HTML §9.2, Server-sent events](https://html.spec.whatwg.org/multipage/server-sent-events.html)
 */
export function eventStream(options: EventStreamOptions): ReadableStream<Uint8Array> {
  const { log, user, cursor, signal, now, lifeMs, heartbeatMs, isStillGood, onEnd } = options
  const ended = new AbortController()
  const over = AbortSignal.any([signal, ended.signal, log.closed])
  const events = followLog(log, { cursor, signal: over })
  let next: Promise<IteratorResult<LogEvent, undefined>> | undefined
  let end = () => {}

  return new ReadableStream<Uint8Array>({
    start(controller) {
      const rest = user.opened.expires.getTime() - now().getTime()
      const timer = setTimeout(() => ended.abort(), Math.min(lifeMs, rest))
      end = () => {
        end = () => {}
        clearTimeout(timer)
        ended.abort()
        onEnd()
      }
      over.addEventListener('abort', () => {
        end()
        close(controller)
      })
      controller.enqueue(encode(`retry: ${RETRY_MS}\nid: ${cursor}\n\n`))
    },
    async pull(controller) {
      try {
        while (!over.aborted) {
          const event = await nextOrSilence()
          if (over.aborted) return
          if (user.opened.expires <= now()) return ended.abort()
          if (event === 'silence') {
            if (!(await isStillGood())) return ended.abort()
            if (!over.aborted) controller.enqueue(encode(': nothing new\n\n'))
            return
          }
          if (isFor(event, user)) return controller.enqueue(encode(eventLines(event)))
        }
      } catch (error) {
        end()
        throw error
      }
    },
    cancel: () => end(),
  })

  async function nextOrSilence(): Promise<LogEvent | 'silence'> {
    next ??= events.next()
    let timer: NodeJS.Timeout | undefined
    const silence = new Promise<'silence'>((resolve) => {
      timer = setTimeout(() => resolve('silence'), heartbeatMs)
    })
    const first = await Promise.race([next, silence])
    clearTimeout(timer)
    if (first === 'silence') return first
    next = undefined
    // It has no end but that of the stream.
    return first.value ?? 'silence'
  }
}

/** Whether the event is any of the user's business. */
export function isFor(event: LogEvent, { user }: Pick<LocalUser, 'user'>): boolean {
  const whom = event.type === 'failed' ? [event.from] : event.message.to
  return whom.some((text) => {
    const address = parseUserAddress(text)
    return address !== undefined && canonicalAddress(address) === user
  })
}

/**
 * An event as its reader gets it, in JSON: a message with `receivedAt`, `warnings` and `cursor` added to it, or
 * `{ event: "failed", id, domain, … }`.
 */
export function eventText(event: LogEvent): string {
  if (event.type === 'failed') {
    const { type, ...failure } = event
    return JSON.stringify({ event: type, ...failure })
  }
  const { message, receivedAt, warnings, cursor } = event
  return JSON.stringify({ ...message, receivedAt, warnings, cursor })
}

/** A message is an event without a name, as every client hears it. */
function eventLines(event: LogEvent): string {
  const name = event.type === 'failed' ? 'event: failed\n' : ''
  return `id: ${event.cursor}\n${name}data: ${eventText(event)}\n\n`
}

function close(controller: ReadableStreamDefaultController): void {
  try {
    controller.close()
  } catch {
    // Its reader has cancelled it, which closes it as well.
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
