/**
 * FMTP, "Flexible Message Transfer Protocol": objects of people, servers and messages, signed by the domain
 * that they are of, handed from server to server. The document has no framing, no algorithms and no encodings;
 * we bind it to HTTPS, with objects in JSON, at `/fmtp` of whichever host answers for the domain.
 *
 * The example conversation of the document, step by step:
 *
 * 1. "checks its cache for lost@lenore.org" – `findUser` in route.ts: cache, parent's cache, domain, parent
 * 2. "looks up fmtpkey.lenore.org, and caches the public key" – {@link findDomainKeys}
 * 3. "Hi, I'm poe.net. Here's my hash." – {@link buildGreeting}, sent by connection.ts
 * 4. "Lenore verifies the hash" – {@link verifyGreeting}
 * 5. "Nice to meet you, poe.net." – {@link answerGreeting}; "Poe verifies the hash" – {@link verifyGreetingAnswer}
 * 6. "Do you know lost@lenore.org?" – {@link findObject}
 * 7. "This is edgar@poe.net. Here is a message for lost@lenore.org" – {@link receiveObjects}; "Thanks." – 202
 * 8. "an existing logged-in connection from lost@lenore.org" – the inbox
 *
 * What the document leaves open, and what we make of it:
 *
 * - **ENCRYPTED-KEY and HASH** are a signature in the words of their time ("decrypt this with the public key").
 *   HASH is base64url of SHA-256 over the RFC 8785 form of the object without HASH, KEY and SIGNATURE; SIGNATURE
 *   is Ed25519 over `fmtp1\n<TYPE>\n<domain>\n<HASH>`, the domain in small letters; KEY hints at the domain's key.
 *   That the document's key "contains the user address" becomes: the domain signed is that of ADDRESS or FROM.
 * - **The key** is a record as in key-record.ts. DNS is authoritative: only where neither name exists is the
 *   domain asked over HTTPS; where DNS fails, the answer is "come back later" (503).
 * - **The greeting** is for one server (TO) at one host (AT), at one time (TIME, five minutes) and once (NONCE);
 *   its answer is for one greeting (ANSWERS). A session is a bearer token of ten minutes that is good for what follows.
 * - **Who may bring an object.** Any server that has greeted: a parent does it for its children. Who the object
 *   is from is decided by its signature alone. Both, author and bringer, are held against the blacklist.
 * - **BLACKLIST, WHITELIST and POLICY** are the inbox's lists: deny, allow (which supersedes), and what becomes
 *   of everybody else: accept, reject, or confirm, which there is called hold. They are enforced and never
 *   shown: who is on the blacklist gets the answer that everybody gets, and so does who writes to somebody who
 *   is not there. Only POLICY is published.
 * - **Public objects** are the owner, the server and public posts; TO of a public post names its author. A private post's object is for a server that
 *   a recipient of it has their address at. What is not there, and what is not for you, is the same 404.
 * - **Encryption** (ENCRYPT-METHOD) is a compact JWE of the content (encryption.ts), whose `apu` names the
 *   message: it cannot be taken out and signed by somebody else.
 * - **A message** is named by its ID for ever. The same ID with another HASH replaces it; with the same one, it
 *   is the same message and nothing happens; an older version that somebody else brings again is no news.
 *
 * Answers: 200 · 202 taken (whoever it is for, whatever becomes of it) · 400 not of the expected form · 401 no
 * greeting, or none that holds · 403 an object that its domain has not signed, that contradicts itself, is for
 * nobody here, or is not encrypted as it has to be · 404 · 413 · 415 · 429 · 503 a key could not be asked for.
 *
 * Kept in the store:
 *
 * | key | what | for how long |
 * | --- | --- | --- |
 * | `fmtp-key/…` | a domain's keys, and when they changed | an hour; that it was known, 90 days; that it has none, five minutes |
 * | `fmtp-nonce/…` | a greeting that was here | until its TIME is too old |
 * | `fmtp-seen/…` | the HASHes of a message | 400 days |
 * | `fmtp-top/…` | the first message of the thread that a message stands in | 400 days |
 * | `fmtp-object/…` | user objects that were looked up, or brought by their own server with a message | see cache.ts |
 * | `fmtp-mx/…`, `fmtp-server/…` | a domain's exchangers; which of its servers answered | five minutes; an hour |
 * | `fmtp-relay/…` | what waits to be carried for a child | see relay-queue.ts |
| `fmtp-status/told` | the STATUS that buddies were told | for ever |
 * | `peer-token/…` | our sessions with other servers, sealed | until they are over |
 * | `rate-fmtp-…/…` | who has come how often | a minute |
 *
 * @see FMTP, founding document 004
 * @module
 */
import type { MessageSink } from '../delivery/message.ts'
import type { Secrets } from '../jwt/secrets.ts'
import type { SitePaths, SiteRecord } from '../ledger/site-record.ts'
import type { DeployFiles } from '../store/deploy-files.ts'
import type { Store } from '../store/store.ts'
import type { DnsResolver } from '../web/dns.ts'
import type { Fetch } from '../web/fetch.ts'
import type { UserAddress } from '../web/user-address.ts'

/** What a server of FMTP has to know of its site. */
export interface FmtpOptions {
  readonly site: URL
  /** The owner's profile URL. */
  readonly me: URL
  /** The owner's address: their domain is the server's. */
  readonly address: UserAddress
  readonly settings: Pick<SiteRecord, 'profile' | 'policy' | 'fmtp' | 'recipients'>
  readonly paths: Pick<SitePaths, 'fmtp'>
  readonly secrets: Secrets
  readonly store: Store
  readonly files: DeployFiles
  readonly fetch: Fetch
  readonly resolver: DnsResolver
  readonly sink: MessageSink
  /** Whether the owner wants nothing from that address or domain. */
  readonly isDenied: (address: string) => Promise<boolean>
  readonly now: () => Date
  readonly allowLoopback?: boolean
}

/** A server that has proved its name in a greeting. */
export interface FmtpSession {
  readonly server: string
}
