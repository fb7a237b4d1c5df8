import type { KnownRecipients } from './known-recipients.ts'
import type { PrivatePost } from './post.ts'
import { impliedRecipient } from './reply.ts'

/** Those by which a page tells what its post answers. What it answers in words comes before the others. */
export const MARKED_PROPERTIES = ['in-reply-to', 'like-of', 'repost-of', 'bookmark-of'] as const

/** What a private post answers by the markup of its page, be it written in its text or made by a shortcode. */
export interface MarkedAnswer {
  readonly property: (typeof MARKED_PROPERTIES)[number]
  readonly url: URL
}

/**
 * The post with what its page answers, as if that stood under `inReplyTo`: the author of the parent joins the
 * audience. Who bookmarks a page does not speak to its author: a bookmark adds nobody, and an unlisted one is told
 * to nobody.
 */
export function withMarkedAnswer(
  post: PrivatePost,
  { property, url }: MarkedAnswer,
  known: KnownRecipients,
): PrivatePost {
  const isBookmark = property === 'bookmark-of'
  if (post.inReplyTo || (isBookmark && post.visibility === 'unlisted')) return post
  const answer = { inReplyTo: url, replyProperty: property, isMarked: true }
  if (isBookmark || post.visibility === 'unlisted') return { ...post, ...answer }
  const { isOnlyMe, ...rest } = post
  const named = isOnlyMe ? [] : post.recipients
  const implied = impliedRecipient(named, { url, isMessage: false, property }, known)
  if (!implied) return { ...post, ...answer }
  return { ...rest, ...answer, recipients: [...named, implied], impliedRecipient: implied }
}
