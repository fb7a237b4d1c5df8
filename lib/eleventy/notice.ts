import type { Recipient } from '../post/audience.ts'
import type { PrivatePost } from '../post/post.ts'
import { parseUserAddress } from '../web/user-address.ts'
import { noticeText, type NoticeText } from './notice-text.ts'
import { viewOf, type RecipientView } from './recipient-data.ts'

/** What the notice tells; a partial of the site's own gets the same. */
export interface NoticeContext {
  readonly text: string
  readonly visibility: PrivatePost['visibility']
  readonly recipient: RecipientView | undefined
  /** The others, if the author shows them. */
  readonly others: readonly RecipientView[]
  readonly expires: Date | undefined
  readonly language: string
}

/** Renders the inside of the notice: the built-in one, or the site's own partial. */
export type NoticeRenderer = (context: NoticeContext) => Promise<string>

/**
 * The notice on one recipient's copy, as HTML.
 *
 * Whatever the partial does, the copy says `p-visibility` and links its recipient as `u-audience`:
 * the link is what a webmention receiver looks for.
 */
export async function noticeFor(
  post: PrivatePost,
  recipient: Recipient | undefined,
  language: string | undefined,
  texts: Readonly<Record<string, NoticeText>>,
  renderPartial: NoticeRenderer | undefined,
  linksParent: boolean,
): Promise<string> {
  const words = noticeText(texts, language)
  const others = post.showAudience
    ? post.recipients.filter(({ id }) => id !== recipient?.id).map(viewOf)
    : []
  const context: NoticeContext = {
    text: post.visibility === 'unlisted' ? words.unlisted : words.private,
    visibility: post.visibility,
    recipient: recipient ? viewOf(recipient) : undefined,
    others,
    expires: post.expires,
    language: isLanguageTag(language) ? language : 'en',
  }
  const inside = renderPartial ? await renderPartial(context) : builtIn(context, words)
  const audience = /[up]-audience/.test(inside) || !recipient ? '' : hCard(viewOf(recipient))
  const reply = linksParent ? '' : replyLink(post, recipient)
  return `<aside class="private-post-notice">${inside}${audience}${reply}<data class="p-visibility" value="${post.visibility}"></data></aside>`
}

/**
 * The link to the post that this one answers, on the copy of its author alone: it may be a secret of
 * theirs, and a receiver believes in a reply only if it finds the link.
 */
function replyLink(
  { inReplyTo, replyProperty = 'in-reply-to', visibility }: PrivatePost,
  recipient: Recipient | undefined,
): string {
  // A message has no page that anybody could follow a link to.
  if (!inReplyTo || !/^https?:$/.test(inReplyTo.protocol)) return ''
  const homes = recipient ? [recipient.url?.host, parseUserAddress(recipient.id)?.domain] : []
  const isTheirs = visibility === 'unlisted' || homes.includes(inReplyTo.host)
  if (!isTheirs) return ''
  return `<p>↩ <a class="u-${replyProperty}" href="${escapeHtml(inReplyTo.href)}" rel="noreferrer noopener">${escapeHtml(inReplyTo.host)}</a></p>`
}

function builtIn(context: NoticeContext, words: NoticeText): string {
  const { text, recipient, others, expires, language } = context
  const addressed = recipient ? `${escapeHtml(text)}, ${hCard(recipient)}` : escapeHtml(text)
  const company = others.length > 0 ? ` ${escapeHtml(words.and)} ${list(others, language)}` : ''
  const until = expires
    ? `<p>${escapeHtml(words.until)} <time datetime="${expires.toISOString()}">${lastDay(expires, language)}</time>.</p>`
    : ''
  return `<p>${addressed}${company}.</p>${until}`
}

function hCard({ name, url }: RecipientView): string {
  const text = escapeHtml(name)
  return /^https?:/.test(url)
    ? `<a class="u-audience h-card" href="${escapeHtml(url)}" rel="noreferrer noopener">${text}</a>`
    : `<span class="p-audience h-card">${text}</span>`
}

function list(people: readonly RecipientView[], language: string): string {
  const parts = new Intl.ListFormat(language).formatToParts(people.map((_, index) => String(index)))
  return parts
    .map(({ type, value }) => {
      const person = type === 'element' ? people[Number(value)] : undefined
      return person ? hCard(person) : escapeHtml(value)
    })
    .join('')
}

/** The last day on which the link works. */
function lastDay(expires: Date, language: string): string {
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' })
  return escapeHtml(format.format(new Date(expires.getTime() - 1)))
}

function isLanguageTag(language: string | undefined): language is string {
  return language !== undefined && /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(language)
}

export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character)
}
