/**
 * Notices of sources that cannot be opened: they ask who we are (401), and there is no way to tell them. The
 * owner may have an account there, so they are told that there is something, and open it themselves.
 *
 * A notice says only which host it is and where. Nobody has proven anything by it: it waits for the owner, is
 * private for ever, is one per source, and there are few of one site and in all. Its sender learns nothing of it.
 *
 * @module
 */
import type { Message } from '../delivery/message.ts'
import { createRateLimit, type Rate } from '../store/rate-limit.ts'
import { normalForm } from './equivalence.ts'
import type { WebmentionReceiverOptions } from './receiver.ts'
import { findTarget } from './receiver-target.ts'
import type { Webmention } from './webmention.ts'

const DAY = 24 * 60 * 60
/** A friend at a site that we cannot sign in to seldom writes more often. */
const PER_SITE: Rate = { name: 'unopened-site', limit: 10, seconds: 7 * DAY }
/** Whoever has many domains fills no inbox either. */
const IN_ALL: Rate = { name: 'unopened', limit: 50, seconds: DAY }

/** The name of a source's notice for ever, whichever of our pages it mentions. */
export function noticeKey(source: URL): string {
  return `unopened ${normalForm(source)}`
}

/** Leaves a notice of the source, or brings the one that is there up to date. */
export async function leaveNotice(
  { source, target }: Webmention,
  options: Pick<WebmentionReceiverOptions, 'sink' | 'store' | 'now' | 'site' | 'me' | 'files'>,
): Promise<void> {
  const { sink, store, now, site, me } = options
  // What is on the owner's own site is no news, whoever says so.
  if ([site, me].some(({ host }) => host === source.host)) return
  const page = (await findTarget(target, options))?.page
  // The page has gone since the mention was queued.
  if (!page) return
  const key = noticeKey(source)
  if ((await sink.find(key)) === undefined) {
    const count = createRateLimit(store, now)
    const { siteOf } = await import('../web/same-site.ts')
    // By site, as whoever has a domain has as many hosts as they like.
    if ((await count(PER_SITE, siteOf(source))) !== undefined) return
    if ((await count(IN_ALL, '')) !== undefined) return
  }
  const notice: Message = {
    protocol: 'webmention',
    source: source.href,
    target: page.href,
    author: { name: source.host },
    type: 'unopened',
    privacy: 'private',
    host: source.host,
    text: '',
  }
  await sink.accept(key, notice)
}
