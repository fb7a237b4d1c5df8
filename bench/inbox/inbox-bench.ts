import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { hashPassphrase } from '../../lib/indieauth/owner-passphrase.ts'
import { openFeedAddress } from '../../lib/inbox/feed-address.ts'
import { threadId } from '../../lib/inbox/thread.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { readSecretKeys } from '../../lib/site/secret-keys.ts'
import { createLoad, type Ask } from '../load.ts'
import type { MeasuredServer } from '../measured-server.ts'
import { atMost, progress, type Aim, type Growth, type Report } from '../report.ts'
import { buildServedSite, freePort, SERVE_VARIABLES, serveSite } from '../serve/site.ts'
import { fillInbox, openInbox, targetOf } from './filled-store.ts'

const MESSAGES = [1_000, 10_000, 100_000]
const WARM_UP = 15
const REQUESTS = 30
const FORM = 'application/x-www-form-urlencoded'

interface View {
  readonly name: string
  readonly ask: Ask
}

/** What each view of the inbox costs, however much is in it. */
export async function benchInbox(work: string): Promise<Report> {
  const folder = await buildServedSite(work)
  const store = join(folder, 'inbox-store')
  const port = await freePort()
  const site = new URL(`http://localhost:${port}/`)
  const passphrase = randomBytes(18).toString('base64url')
  const owner = { PRIVATE_POSTS_OWNER: await hashPassphrase(passphrase) }
  const points: { series: string; x: number; y: number }[] = []
  const memory: { x: number; y: number }[] = []
  let filled = 0
  for (const messages of MESSAGES) {
    progress(`inbox: filling up to ${messages} messages`)
    const place = await fill(store, site, { from: filled, to: messages })
    filled = messages
    const server = await serveSite(folder, ['--store', store], owner, port)
    try {
      for (const view of await signIn(server, passphrase, place)) {
        const y = await measure(server, view)
        progress(`inbox: ${messages} messages, ${view.name}: ${y.toFixed(1)} ms`)
        points.push({ series: view.name, x: messages, y })
      }
      memory.push({ x: messages, y: (await server.usage()).residentBytes / 1e6 })
    } finally {
      await server.stop()
    }
  }
  const names = [...new Set(points.map(({ series }) => series))]
  const at = (name: string, messages: number | undefined) =>
    points.find(({ series, x }) => series === name && x === messages)?.y ?? Number.NaN
  const [first, last] = [MESSAGES.at(0), MESSAGES.at(-1)]
  const resident = memory.map(({ y }) => y)
  const aims: Aim[] = [
    ...names.map((name) => atMost(`CPU of ${name}, ${last} messages`, 50, at(name, last), ' ms')),
    atMost(
      `the view that grows most, ${last} messages against ${first}`,
      1.5,
      Math.max(...names.map((name) => at(name, last) / at(name, first))),
      '×',
    ),
    atMost(
      `memory of serve, ${last} messages against ${first}`,
      1.3,
      (resident.at(-1) ?? Number.NaN) / (resident[0] ?? Number.NaN),
      '×',
    ),
  ]
  const growth: Growth = {
    ...{ name: 'inbox', title: 'CPU of a view of the inbox', points },
    ...{ x: 'messages', y: 'CPU milliseconds' },
  }
  return {
    title: 'Views of the inbox in `serve`, by the messages in it',
    columns: ['view: CPU ms', ...MESSAGES.map(String)],
    rows: [
      ...names.map((name) => [name, ...MESSAGES.map((count) => at(name, count).toFixed(1))]),
      ['memory of serve, MB', ...resident.map((megabytes) => megabytes.toFixed(0))],
    ],
    aims,
    profile:
      'what a view costs beyond the messages that it shows is reading entries of the store that it does not show.',
    growth: [growth],
    notes: [
      `CPU of the server for one request: the average of ${REQUESTS}, one after the other, after ${WARM_UP} that do not count. A tenth of the messages are published, the others wait; twenty are about each page. Memory: what is resident after all views, with the pages of the database that were read.`,
    ],
    data: { views: points, memory },
  }
}

interface Filled {
  readonly thread: string
  readonly feed: string
  readonly target: URL
}

async function fill(
  folder: string,
  site: URL,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Filled> {
  const opened = openInbox(folder, site)
  try {
    await fillInbox(opened, site, { from, to })
    const { inbox, store } = opened
    const [entry] = (await inbox.list('public', { page: 0, perPage: 1 })).items
    const thread = entry && (await inbox.threadOf(entry))
    if (!thread) throw new TypeError('an inbox without a thread')
    const now = () => new Date()
    const secrets = createSecrets({ keys: readSecretKeys(SERVE_VARIABLES), site, store, now })
    const address = openFeedAddress(store, secrets, now)
    await address.create()
    return {
      thread: threadId(thread),
      feed: `/inbox/feed/${await address.read()}.xml`,
      target: targetOf(Math.floor(to / 2 / 200) * 200, site),
    }
  } finally {
    await opened.close()
  }
}

/** What the owner sees, and everybody. */
async function signIn(
  { url }: MeasuredServer,
  passphrase: string,
  { thread, feed, target }: Filled,
): Promise<readonly View[]> {
  const load = createLoad(1)
  const { status, cookies } = await load.ask({
    ...{ url: new URL('/inbox', url), method: 'POST' },
    headers: { 'content-type': FORM, origin: url.origin },
    body: new URLSearchParams({ do: 'sign-in', passphrase }).toString(),
  })
  load.close()
  if (cookies.length === 0) throw new TypeError(`nobody was signed in: ${status}`)
  const cookie = cookies.map((each) => each.split(';')[0]).join('; ')
  const view = (name: string, path: string): View => ({
    name,
    ask: { url: new URL(path, url), headers: { cookie } },
  })
  return [
    view('all messages', '/inbox'),
    view('unread messages', '/inbox?show=unread'),
    view('waiting messages', '/inbox?show=held'),
    view('private messages', '/inbox?show=private'),
    view('public messages', '/inbox?show=public'),
    view('a page further down', '/inbox?page=5'),
    view('a thread', `/inbox?thread=${thread}`),
    view('the feed', feed),
    view('/mentions.json?target=', `/mentions.json?target=${encodeURIComponent(target.href)}`),
  ]
}

async function measure(server: MeasuredServer, { name, ask }: View): Promise<number> {
  const load = createLoad(1)
  try {
    const check = async (count: number) => {
      const statuses = await load.run(count, () => ask)
      if (statuses.get(200) !== count) {
        throw new TypeError(`${name} answered ${JSON.stringify([...statuses])}`)
      }
    }
    await check(WARM_UP)
    const before = await server.usage()
    await check(REQUESTS)
    const after = await server.usage()
    return ((after.cpuSeconds - before.cpuSeconds) * 1000) / REQUESTS
  } finally {
    load.close()
  }
}
