/**
 * Private messages by mutual discovery of `rel=pm`: both home pages say where their owner's messages are
 * handled, and neither side believes the other before it has looked there. The document names no field and no format:
 * what comes is read by all names that its words suggest (`pm-fields.ts`), and what goes out carries them.
 *
 * Here Alice writes to Bob. Each has a home page and, perhaps on another host, a "pm" endpoint
 * ({@link createPmEndpoint}). All requests are forms, but for the message itself.
 *
 * 1. {@link discoverPmEndpoint} – Bob's home page names his endpoint: in a `Link` header, or else its HTML
 * 2. {@link announceRequest} – `message`, `from`, and perhaps `to`: "I have something for you". Bob's endpoint answers 202,
 *    whatever it thinks of it, and then looks at the home page of `from` for Alice's endpoint
 * 3. {@link checkRequest} – `check`, `from`, `to`: is there such a message? 200 or 404
 * 4. {@link deliveryRequest} – `message`, `deliver_to`, `token`, and perhaps `to`: then bring it here, with this token. 202
 * 5. {@link discoverPmEndpoint} – only the endpoint that Bob's home page names gets it, if it is `deliver_to` letter by letter,
 *    or at that host where `deliver_to` is no more than a host
 * 6. {@link handOver} – the message as jf2, with `Authorization: Bearer <token>`; as a form and as JSON with the token in it,
 *    where that is not understood. 201, once
 *
 * Alice's side: `delivery.ts` does 1 and 2 wherever the site is deployed from, once `own-home.ts` has seen that her
 * page names her endpoint; `answer-request.ts` does 5 and 6 where the site is served. Bob's side: `answer-announcement.ts` does 2 to 4, `push.ts` takes the message.
 *
 * The alternate example of the document: Alice adds `standing=true` to 2. Bob then may add `standing_token`
 * and `expires_in` to 4. With it every further message needs 5 and 6 only (`bring.ts`;
 * `own-message.ts` for a machine away from the site, which has no tokens), until it expires or Bob revokes it with
 * {@link revokeStanding}, which the first message after he has blocked her calls. A 401 sends her back to step 1. Whoever
 * has a token of Bob's can end it by RFC 7009 (`token`) at his endpoint.
 *
 * Where the documents are silent, or disagree, this is what was decided:
 *
 * - Step 2 is sent by whoever deploys Alice's site: her home page itself is a file.
 * - A message is named `<letter id>.<unguessable name>`. The second half is made with Alice's secret for this
 *   one recipient, so to know the name is to have been told it. What is asked about another name, or for
 *   another person, is answered like what never was. Nothing is fetched before an answer.
 * - `from` and `to` are https profile URLs. A home page may redirect over https; that of `from` only on its
 *   own host (with or without `www.`), or else every open redirect there could write in Alice's name.
 * - The first link decides, as everywhere else: a second one is a fallback for nobody.
 * - An endpoint is https and names no credentials. Redirects of a POST are not followed: a token is for the
 *   endpoint that the home page names.
 * - What names a message is never a revocation: that has `token` and nothing else beside it that RFC 7009 does not have.
 *   What cannot be understood is answered 400 with what is missing.
 * - `message` is the name of a message in steps 2 to 4. In step 6, which is "the message contents and secret", it is what the
 *   message says, unless it is the name that was announced.
 * - Two names of one field that say different things are refused.
 * - What is sent with a token of ours is a message, whatever else it has. The token may also come in the address or in the
 *   JSON; and all fields in the address, where the body is empty.
 * - The name of a message is whatever its sender calls it, a URL as well: it is compared, and read for nothing else.
 * - A form that has the name of a message and nobody's address is step 3 if there is such a message, or else incomplete.
 * - A form from the owner of the endpoint to somebody else is step 3, which may come as a GET as well.
 * - Step 3 is our own addition of a form; the document has the step but no form, and one known profile of it
 *   leaves the check to step 4. Where the answer is that of somebody who knows no such form (400, 405, 415, 422,
 *   501, or 2xx), step 4 follows. Nothing depends on it: the token is of use to Alice's own endpoint alone.
 * - A token is for one message of one sender to one recipient. `uid` of the message is the name that was announced;
 *   its `author` is `from`, or below it. A push with anything else is refused, and spends nothing.
 * - A message with the same `uid` replaces the earlier one: that is how an update comes. A recipient's endpoint
 *   that asks again gets it again; what it gets is always the letter of the site as it is deployed now.
 * - A peer that is down at step 6 is tried again for as long as the token lives (10 minutes), and after that
 *   the message is announced anew, a few times.
 * - An announcement that nobody has answered within a day counts as refused: we look at a home page for 17 hours.
 * - A denied sender gets every answer that others get. A push of theirs is taken, and forgotten.
 *
 * What is kept in the store, all of it hashed in its keys:
 *
 * | key | what | how long |
 * | --- | --- | --- |
 * | `pm-queue/…` | announcements to be looked into, requests to be answered; tokens in it are sealed | until done |
 * | `pm-queue-done/…` | requests that were answered | the life of their token |
 * | `pm-push/…` | that a single token is spent, and the message until the inbox has it | the life of the token |
 * | `pm-sent/…` | what became of a message of ours | 30 days |
 * | `pm-family/…` | by sender: to which family their standing tokens belong | 31 days |
 * | `peer-token/…` | the standing tokens that others gave us, sealed | as they say, at most 30 days |
 * | `rate-pm-…/…` | counters | a minute |
 *
 * @see https://indieweb.org/private-messaging-brainstorming
 * @see [JF2 Post Serialization Format](https://jf2.spec.indieweb.org/)
 * @module
 */
import type { MessageSink } from '../delivery/message.ts'
import type { Secrets } from '../jwt/secrets.ts'
import type { SitePaths } from '../ledger/site-record.ts'
import type { DeployFiles } from '../store/deploy-files.ts'
import type { Store } from '../store/store.ts'
import type { Fetch } from '../web/fetch.ts'
import type { PmLimits } from './limits.ts'
import type { Profiles } from './message-name.ts'

/** Where somebody's own endpoint is, and who they are. */
export interface PmPlace {
  /** The owner's profile URL: the home page that names the endpoint. */
  readonly me: URL
  /** Where the site is served, with a slash at its end. */
  readonly site: URL
  readonly paths: Pick<SitePaths, 'pm'>
}

export interface PmOptions extends PmPlace {
  readonly secrets: Secrets
  readonly store: Store
  /** The letters that the build left for the functions. */
  readonly files: DeployFiles
  readonly fetch: Fetch
  readonly sink: MessageSink
  /** The owner's block list, asked for the sender and for their endpoint. */
  readonly isDenied: (address: string) => boolean | Promise<boolean>
  readonly now: () => Date
  /** The recipients' profile URLs, by their ids, where an id is none. */
  readonly profiles?: Profiles
  /** What the owner is called in messages; by default their host. */
  readonly name?: string
  /** For development only: http and any port on this machine. */
  readonly allowLoopback?: boolean
  readonly limits?: Partial<PmLimits>
}

/** What a call of our own has to be for, to be told what became of a message. */
export const CALL_PURPOSE = 'pm'

/** The URL of our own endpoint: what our home page has to name, and what a request wants delivered to. */
export function pmAddress({ site, paths }: Pick<PmPlace, 'site' | 'paths'>): URL {
  return new URL(paths.pm.replace(/^\//, ''), site)
}
