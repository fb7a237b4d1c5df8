import { createHash } from 'node:crypto'
import type { Message } from '../delivery/message.ts'
import { parseWebUrl } from '../web/parse-url.ts'
import { domainUrl } from '../web/user-address.ts'
import { conversationId } from './conversation.ts'
import { displayHtml } from './formatted.ts'
import type { IntertalkMessage } from './message.ts'

export interface InboxMessageOptions {
  /** The provider that it verifiably came from. */
  readonly domain: string
  readonly warnings: readonly string[]
  /** The owner's profile URL. */
  readonly me: URL
  readonly site: URL
}

/** As inboxes have it: what stands on the web has its page's address, and what answers a page of ours is a reply. */
export async function inboxMessageOf(
  message: IntertalkMessage,
  { domain, warnings, me, site }: InboxMessageOptions,
): Promise<Message> {
  const { from, to, sentAt, message: text, inReplyTo } = message
  const answered = pageOf(inReplyTo)
  const isOurs = answered !== undefined && [me.origin, site.origin].includes(answered.origin)
  const isPage = isOurs && ![me.href, site.href].includes(answered.href)
  const html = await displayHtml(message)
  const isNamed = answered !== undefined || inReplyTo?.startsWith('intertalk:') === true
  return {
    protocol: 'intertalk',
    source: sourceOf(message, domain),
    sender: from,
    audience: to,
    target: isOurs ? answered.href : me.href,
    author: { name: from },
    type: isPage ? 'reply' : 'message',
    privacy: 'private',
    host: domain,
    text,
    ...(html !== undefined && { html }),
    published: sentAt,
    ...(inReplyTo !== undefined && isNamed && { inReplyTo }),
    ...(!isPage && { threadRoot: `intertalk:${conversationId(message)}` }),
    ...(warnings.length > 0 && { warnings }),
  }
}

/** The message's name for ever: what its sender calls it, or else a hash of what it says and when it was sent. */
export function nameOfMessage({ id, ...message }: IntertalkMessage): string {
  if (id !== undefined) return id
  const { from, sentAt, message: text, messageFormatted = '', format = '' } = message
  const parts = [conversationId(message), from, sentAt, text, messageFormatted, format]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** No inbox keeps a message with longer addresses than that; they grow when they are spelt as URLs. */
const MAX_URL = 2048
const MAX_NAME = 1024

function pageOf(text: string | undefined): URL | undefined {
  const url = text === undefined ? undefined : parseWebUrl(text)
  return url && url.href.length <= MAX_URL ? url : undefined
}

/** Where it can be read, if that is at the sender's own provider: nobody else's page is theirs to name. */
function sourceOf(message: IntertalkMessage, domain: string): string {
  const page = pageOf(message.url)
  if (page?.origin === domainUrl(domain).origin) return page.href
  const name = nameOfMessage(message)
  const spelt = encodeURIComponent(name)
  const short = createHash('sha256').update(name).digest('hex')
  return `intertalk:${message.from}/${spelt.length <= MAX_NAME ? spelt : short}`
}
