import * as v from 'valibot'
import { UrlText } from '../web/url-text.ts'

/** A queued webmention, as it is kept under `webmention-queue/<id>`. */
export const QueueEntry = v.object({
  version: v.literal(1),
  source: UrlText,
  target: UrlText,
  /** A `code` came along. It is not kept. */
  code: v.boolean(),
  /** The code was good for a token. */
  redeemed: v.boolean(),
  vouch: v.optional(UrlText),
  attempts: v.number(),
  /** How often its page began to be read without an end: counted before, so that it counts if the process ends. */
  unfinished: v.optional(v.number()),
  /** ISO 8601: nobody needs to look before. */
  notBefore: v.pipe(v.string(), v.isoTimestamp()),
  /** What was seen of the source so far is not for its sender. */
  isSecret: v.optional(v.boolean()),
  /** Somebody is at it, until then. */
  lease: v.optional(v.object({ holder: v.string(), until: v.string() })),
  /** It was sent again meanwhile: what is being fetched may be out of date. */
  again: v.boolean(),
})
export type QueueEntry = v.InferOutput<typeof QueueEntry>
