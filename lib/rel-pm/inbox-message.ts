import type { Message } from '../delivery/message.ts'
import { parseWebUrl } from '../web/parse-url.ts'
import { findLetter } from './message-name.ts'
import { isSamePerson } from './profile.ts'
import type { ReceivedEntry } from './received-entry.ts'
import type { PmOptions } from './rel-pm.ts'

/** What the inbox calls a message that stands nowhere on the web, before its name. */
const SCHEME = 'pm:'

/** Names a sender's message in the inbox for ever. */
export function inboxKey(from: URL, uid: string): string {
  return `rel-pm ${from.href} ${uid}`
}

type Place = Pick<PmOptions, 'me' | 'site' | 'files' | 'secrets'>

/** The message for the inbox: from whom it verifiably is, and what it answers. */
export async function inboxMessage(
  entry: ReceivedEntry & { readonly uid: string },
  from: URL,
  place: Place,
): Promise<Message> {
  const { uid, authorName, audience, published, title, url, text, html } = entry
  const inReplyTo = await answered(entry.inReplyTo, from, place)
  const page = inReplyTo === undefined ? undefined : ownPage(inReplyTo, place)
  return {
    protocol: 'rel-pm',
    source: url?.href ?? SCHEME + uid,
    sender: from.href,
    ...(audience.length > 0 && { audience }),
    target: page?.href ?? place.me.href,
    author: { name: authorName ?? nameOf(from), url: from.href },
    type: page ? 'reply' : 'message',
    privacy: 'private',
    host: from.host,
    ...(title !== undefined && { title }),
    text,
    ...(html !== undefined && { html }),
    ...(published !== undefined && { published }),
    ...(inReplyTo !== undefined && { inReplyTo }),
  }
}

/** What it answers: preferably something of ours. A message of ours that is named stands for its page. */
async function answered(
  candidates: readonly string[],
  from: URL,
  place: Place,
): Promise<string | undefined> {
  const resolved: string[] = []
  for (const text of candidates) {
    const url = parseWebUrl(text)
    const name = text.startsWith(SCHEME) ? text.slice(SCHEME.length) : text
    const own = url ? undefined : await findLetter(name, from, place)
    if (url) resolved.push(url.href)
    else if (own) resolved.push(own.letter.url)
    else if (text.startsWith(SCHEME)) resolved.push(text)
  }
  return resolved.find((text) => ownPage(text, place)) ?? resolved[0]
}

/** A page of our site; the home page is nobody's post. */
function ownPage(text: string, { site, me }: Place): URL | undefined {
  const url = parseWebUrl(text)
  if (!url || url.origin !== site.origin || !url.pathname.startsWith(site.pathname)) {
    return undefined
  }
  url.hash = ''
  return isSamePerson(url, me) || isSamePerson(url, site) ? undefined : url
}

function nameOf({ host, pathname }: URL): string {
  return host + pathname.replace(/\/$/, '')
}
