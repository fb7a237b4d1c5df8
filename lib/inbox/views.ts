import type { Entry } from './entry.ts'

export const VIEWS = ['all', 'unread', 'held', 'private', 'public'] as const
/** Which messages: all, or those that are new, wait for a decision, are for the owner only, or are public. */
export type View = (typeof VIEWS)[number]

export function isIn(view: View): (entry: Entry) => boolean {
  switch (view) {
    case 'all':
      return () => true
    case 'unread':
      return ({ isRead }) => !isRead
    case 'held':
      return ({ isHeld }) => isHeld
    case 'private':
      return ({ isPrivate }) => isPrivate
    case 'public':
      return ({ isPrivate }) => !isPrivate
  }
}
