/**
 * `webmention-handler` as its documentation sets it up, with a storage in memory: it verifies what it was told as soon
 * as it can. `node peer-receiver.ts PORT`
 *
 * @module
 */
import dns from 'node:dns'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { WebMentionHandler } from 'webmention-handler'

interface Pending {
  readonly source: string
  readonly target: string
}
type Storage = NonNullable<ConstructorParameters<typeof WebMentionHandler>[0]['storageHandler']>

// Not every system knows that all names below `localhost` are this machine.
const { lookup } = dns
const lookupHere = (hostname: string, ...rest: unknown[]) =>
  Reflect.apply(lookup, dns, [hostname.endsWith('.localhost') ? 'localhost' : hostname, ...rest])
Object.assign(dns, { lookup: lookupHere })

const port = Number(process.argv[2])
let pending: Pending[] = []
/** By target and source. */
const mentions = new Map<string, Map<string, unknown>>()
const ofPage = (target: string) => {
  const page = mentions.get(target) ?? new Map<string, unknown>()
  mentions.set(target, page)
  return page
}
const storage = {
  addPendingMention: async (mention: Pending) => (pending.push(mention), mention),
  async getNextPendingMentions() {
    const next = pending
    pending = []
    return next
  },
  getMentionsForPage: async (page: string) => [...ofPage(page).values()],
  async storeMentionForPage(page: string, mention: Pending) {
    ofPage(page).set(mention.source, mention)
    return mention
  },
  async deleteMention({ source, target }: Pending) {
    ofPage(target).delete(source)
    return null
  },
} as unknown as Storage
const handler = new WebMentionHandler({
  supportedHosts: [`localhost:${port}`],
  storageHandler: storage,
})

let isWorking = false
const work = async () => {
  if (isWorking) return
  isWorking = true
  while (pending.length > 0) await handler.processPendingMentions()
  isWorking = false
}

createServer(async (request, response) => {
  if (request.method !== 'POST') {
    const count = [...mentions.values()].reduce((sum, page) => sum + page.size, 0)
    response.end(String(count))
    return
  }
  const form = new URLSearchParams(await text(request))
  try {
    const { code } = await handler.addPendingMention(
      form.get('source') ?? '',
      form.get('target') ?? '',
    )
    response.writeHead(code).end('accepted')
    void work()
  } catch (error) {
    response.writeHead(400).end(String(error))
  }
}).listen(port, '127.0.0.1')
