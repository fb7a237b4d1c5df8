import type { MessageLog } from '../intertalk/message-log.ts'
import { createMessageSocket, type MessageSocket } from '../intertalk/message-socket.ts'
import { messageOptions } from './intertalk.ts'
import type { SiteOptions } from './site-options.ts'

/** `/messages` as a WebSocket, where a process can hold one. */
export function messageSocketOf(options: SiteOptions, log: MessageLog): MessageSocket {
  return createMessageSocket(messageOptions(options, log))
}
