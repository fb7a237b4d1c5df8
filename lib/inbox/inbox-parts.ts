import {
  createSenderPolicy,
  openDecisions,
  type Decisions,
  type SenderPolicy,
} from '../policy/decisions.ts'
import { compilePolicy, type PolicyLists } from '../policy/policy.ts'
import type { Store } from '../store/store.ts'
import { createIsHomePage, type IsHomePage } from './page-address.ts'
import { openShelves } from './shelves.ts'

export interface InboxPartsOptions {
  readonly store: Store
  /** The configured lists. */
  readonly policy: PolicyLists
  /** The owner's profile URL: whoever mentions it writes to the owner. */
  readonly me: URL
  /** Where the site is, if that is another home page. */
  readonly site?: URL
}

/** What is there, and by which rules more comes in. */
export interface InboxParts extends ReturnType<typeof openShelves> {
  readonly isHomePage: IsHomePage
  readonly decisions: Decisions
  readonly policy: SenderPolicy
}

/** @throws {ConfigurationError} if a list of the policy holds what is no pattern */
export function openInboxParts({
  store,
  policy: lists,
  me,
  site = me,
}: InboxPartsOptions): InboxParts {
  const isHomePage = createIsHomePage([me, site])
  const decisions = openDecisions(store)
  const policy = createSenderPolicy(compilePolicy(lists), decisions)
  return { ...openShelves(store, isHomePage), isHomePage, decisions, policy }
}
