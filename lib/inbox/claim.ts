import type { Message } from '../delivery/message.ts'
import { parseUrl } from '../web/parse-url.ts'
import { webUrl } from './page-address.ts'

/** A name of these letters says nothing of hosts, and hides nothing. */
const PLAIN_NAME = /^(?!.*\bvia\b)[\w '-]*$/i

/**
 * Marks what a message says of its author as a claim, where their page or the permalink of the post is on another site
 * than the one that the message came from. Who somebody says to be gives them no rights: decisions go by where a
 * message came from.
 */
export async function withClaim(message: Message): Promise<Message> {
  const { host } = message
  const { via: _, url, ...given } = message.author
  const origin = parseUrl(`https://${host}/`)
  const isOwn = async (place: URL | undefined) =>
    place === undefined || isOnSiteOf(place, host, origin)
  const page = webUrl(url)
  const isOwnPage = await isOwn(page)
  const ownName = await ownNameOf(given.name, origin)
  const name =
    isOwnPage || !page ? ownName : ownName || page.host + page.pathname.replace(/\/$/, '')
  // Who goes by the name of the host claims nothing.
  const isClaim = !isOwnPage || (!['', host].includes(name) && !(await isOwn(webUrl(message.url))))
  const author = { ...given, name, ...(page && { url: page.href }), ...(isClaim && { via: host }) }
  return { ...message, author }
}

async function ownNameOf(name: string, origin: URL | undefined): Promise<string> {
  if (!origin || PLAIN_NAME.test(name)) return name
  const { ownName } = await import('../web/author-name.ts')
  return ownName(name, origin)
}

async function isOnSiteOf(page: URL, host: string, origin: URL | undefined): Promise<boolean> {
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
