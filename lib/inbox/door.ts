import type { Message, MessageSink } from '../delivery/message.ts'
import type { SenderPolicy } from '../policy/decisions.ts'
import { idOf, messageOf } from './entry.ts'
import { hostPrefix } from './index-keys.ts'
import type { MessageIndex } from './message-index.ts'
import type { Shelves } from './shelves.ts'

/** So much of one host may wait until the owner has decided on some of it. */
export const MAX_WAITING = 500

export interface DoorOptions {
  readonly shelves: Shelves
  readonly index: MessageIndex
  readonly policy: Pick<SenderPolicy, 'judge'>
}

/** What has to be known before a message is taken in: whether it is there already, and whether there is room. */
export type Door = Required<Pick<MessageSink, 'find' | 'hasRoom'>>

export function createDoor({ shelves, index, policy }: DoorOptions): Door {
  return { find, hasRoom }

  async function find(key: string): Promise<Message | undefined> {
    const id = idOf(key)
    for (const shelf of [shelves.private, shelves.public]) {
      const entry = await shelf.find(id)
      if (entry) return messageOf(entry, await shelf.read(entry))
    }
    return undefined
  }

  /** Whom the owner has let in always has room. */
  async function hasRoom(host: string, sender: string): Promise<boolean> {
    const waiting = await index.names(hostPrefix(host), MAX_WAITING)
    if (waiting.length < MAX_WAITING) return true
    return (await policy.judge([sender, host])).verdict === 'accept'
  }
}
