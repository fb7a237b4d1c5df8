import type { WorkLimits } from '../store/queue-room.ts'

/** How much the endpoint takes on. */
export interface PmLimits extends WorkLimits {
  /** Requests of one client's network in a minute. A friend's server sends a few for each message. */
  readonly perClient: number
  /** Announcements of one sender's host in a minute, and requests for one endpoint's host: each makes us fetch from there. */
  readonly perHost: number
}

export const PM_LIMITS: PmLimits = {
  perClient: 240,
  perHost: 60,
  waiting: 1_000,
  waitingPerHost: 100,
  retrying: 2_000,
}

/** Milliseconds for finding an endpoint, with all redirects of the home page. */
export const DISCOVERY_TIMEOUT = 10_000
/** Milliseconds for one request to a peer's endpoint. */
export const PEER_TIMEOUT = 10_000
/** Milliseconds for one piece of queued work: a backstop, since every request in it has its own limit. */
export const WORK_TIMEOUT = 45_000
/** Milliseconds, well over that: whoever takes over a piece takes it from the dead. */
export const LEASE = 90_000

/** A post may be long; what is longer still is a book. */
export const MAX_MESSAGE_BYTES = 256 * 1024
/** Some URLs, a name and two tokens. */
export const MAX_FORM_BYTES = 16 * 1024
/** The protocol has a dozen, with their aliases some twenty; what is not known is left unread. */
export const MAX_FIELDS = 100
export const MAX_URL_LENGTH = 2048
/** Longer than any token that we have seen, and short enough for a header. */
export const MAX_TOKEN_LENGTH = 4096

/** Seconds from one look at a sender's home page to the next: a site that is down over night is still heard. */
export const ANNOUNCEMENT_RETRIES: readonly number[] = [30, 120, 600, 3600, 4 * 3600, 12 * 3600]
/** The same for a message that is waited for: the token lives 10 minutes. */
export const REQUEST_RETRIES: readonly number[] = [5, 15, 30, 60, 120, 240]
/** Milliseconds: how long a token of a peer is taken to live. What it says of itself is the peer's own secret. */
export const REQUEST_LIFETIME = 10 * 60 * 1000
/** So often the same letter is announced again, because its recipient's server could not take it in time. */
export const MAX_RENEWALS = 3
/** Milliseconds that an announcement may go unanswered: a little longer than we would take over one. */
export const ANNOUNCEMENT_LIFETIME = 24 * 60 * 60 * 1000
/** Milliseconds that it is remembered what became of a message of ours. */
export const STATE_LIFETIME = 30 * 24 * 60 * 60 * 1000
