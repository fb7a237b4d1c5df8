import { isId } from './entry.ts'
import type { Decided, Moderation } from './moderation.ts'
import type { News } from './place.ts'

export const ACTIONS = [
  'approve',
  'keep',
  'read',
  'unread',
  'delete',
  'block',
  'block-host',
  'allow',
] as const
/** What can be done with one message. */
export type Action = (typeof ACTIONS)[number]

export interface MessageAction {
  readonly action: Action
  readonly id: string
  /** The version that was decided on. */
  readonly version?: string
}

/** Reads the value of a button: `approve.<id>.<version>`. */
export function parseAction(text: string): MessageAction | undefined {
  const [word, id = '', version = ''] = text.split('.')
  const action = ACTIONS.find((candidate) => candidate === word)
  return action && isId(id) && isId(version) ? { action, id, version } : undefined
}

export function perform(
  { action, id, version }: MessageAction,
  inbox: Moderation,
): Promise<Decided> {
  switch (action) {
    case 'approve':
      return inbox.approve(id, version)
    case 'keep':
      return inbox.keepPrivate(id, version)
    case 'read':
      return inbox.markRead(id, true)
    case 'unread':
      return inbox.markRead(id, false)
    case 'delete':
      return inbox.remove(id)
    case 'block':
      return inbox.block(id)
    case 'block-host':
      return inbox.blockHost(id)
    case 'allow':
      return inbox.allow(id, version)
  }
}

export function newsOf(action: Action, decided: Decided): News {
  if (decided !== 'done') return decided
  const words = {
    approve: 'approved',
    keep: 'kept',
    read: 'read',
    unread: 'unread',
    delete: 'deleted',
    block: 'blocked',
    'block-host': 'blocked',
    allow: 'allowed',
  } as const
  return words[action]
}
