import type { Message } from '../delivery/message.ts'
import { parseUrl } from '../web/parse-url.ts'
import { webUrl } from './page-address.ts'

/**
 * Marks what a message says of its author as a claim, where their page is on another site than the one that the
 * message came from. Who somebody says to be gives them no rights: decisions go by where a message came from.
 */
export async function withClaim(message: Message): Promise<Message> {
  const { via: _, url, ...author } = message.author
  const page = webUrl(url)
  if (!page) return { ...message, author }
  const isOwn = await isOnSiteOf(page, message.host)
  return { ...message, author: { ...author, url: page.href, ...(!isOwn && { via: message.host }) } }
}

async function isOnSiteOf(page: URL, host: string): Promise<boolean> {
  const origin = parseUrl(`https://${host}/`)
  if (page.host === host || !origin) return page.host === host
  const { isSameSite } = await import('../web/same-site.ts')
  return isSameSite(page, origin)
}

/** Where a message says that it and its author are at home besides the host that it came from: block lists apply. */
export function claimedPlaces({ author, url, host }: Message): string[] {
  const places = [author.via === undefined ? undefined : author.url, url]
  return places.flatMap((place) =>
    place === undefined || webUrl(place)?.host === host ? [] : [place],
  )
}
