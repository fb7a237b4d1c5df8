import { RequestError } from '../web/errors.ts'
import type { MessageSink } from './message.ts'

/** Seconds until somebody should come back for whom it is the owner who has to do something first: a day. */
const RETRY_AFTER = 86_400

/** Who wrote what is to be taken in, and from where. */
export interface Newcomer {
  /** Under which the inbox would keep it, unless it was already looked for there. */
  readonly key?: string
  readonly host: string
  readonly sender: string
}

/**
 * Stops a flood at the door: nothing that was taken in is ever thrown out for it. What the inbox holds already can
 * always be changed.
 *
 * @throws {RequestError} `rate_limit_exceeded`, 429
 */
export async function needRoom(
  sink: Pick<MessageSink, 'find' | 'hasRoom'>,
  { key, host, sender }: Newcomer,
): Promise<void> {
  if ((await sink.hasRoom?.(host, sender)) !== false) return
  if (key !== undefined && (await sink.find(key)) !== undefined) return
  const message = 'too many messages from this host wait until the owner of this site has seen them'
  const options = { status: 429, retryAfter: RETRY_AFTER }
  throw new RequestError('rate_limit_exceeded', message, options)
}
