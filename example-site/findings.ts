import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import { createSecrets } from '../lib/jwt/secrets.ts'
import { openLedgerFile } from '../lib/ledger/ledger-file.ts'
import { readSecretKeys } from '../lib/site/secret-keys.ts'
import { createMemoryStore } from '../lib/store/memory-store.ts'
import { createGuardedFetch } from '../lib/web/guarded-fetch.ts'
import type { Neighbour } from './neighbours.ts'

/** Bob looks at each mention in a few milliseconds; ten seconds are for a machine that is busy. */
const PATIENCE = 10_000
const PAUSE = 50

/** What the example shows: what is as it should be, and what is not. */
export interface Findings {
  readonly seen: readonly string[]
  readonly missing: readonly string[]
  /** The address of a post behind Alice's gate. */
  readonly gated: string
}

const Inbox = v.object({
  messages: v.array(v.object({ source: v.string(), target: v.string(), private: v.boolean() })),
})
type Received = v.InferOutput<typeof Inbox>['messages']

/** Asks Bob's inbox what arrived, and Alice's gate what a stranger gets. */
export async function findOut(alice: Neighbour, bob: Neighbour): Promise<Findings> {
  const { fetch, close } = createGuardedFetch({ allowLoopback: true })
  try {
    const { deliveries, posts } = await openLedgerFile(alice.ledger).read()
    const sent = deliveries.filter(({ outcome }) => outcome === 'delivered')
    const segment = Object.values(posts).find(({ access }) => access === 'gate')?.gate ?? ''
    const gated = new URL(`private/${segment}/`, alice.url)

    const arrived = await readInbox(bob, fetch, sent.length)
    const isThere = ({ source, target }: { source: string; target: string }) =>
      arrived.some((message) => message.source === source && message.target === target)
    const isGated = ({ source }: { source: string }) => source === gated.href
    const isPrivate = ({ source }: { source: string }) =>
      arrived.some((message) => message.source === source && message.private)
    const publicSources = sent.filter(({ source }) => /\/posts\//.test(new URL(source).pathname))
    const stranger = await fetch(gated)
    const body = await stranger.text()

    const rules: readonly (readonly [string, boolean])[] = [
      [`all ${sent.length} messages are in Bob's inbox`, sent.length > 0 && sent.every(isThere)],
      [
        "a link post: Bob's inbox keeps it to himself",
        sent.some((each) => each.source.includes('/p/') && isPrivate(each)),
      ],
      [
        'a gated post: his site proved who it is, and read it',
        sent.some((each) => isGated(each) && isPrivate(each)),
      ],
      [
        'a public reply: it waits for him to show it on his site',
        publicSources.some((each) => isThere(each) && !isPrivate(each)),
      ],
      [
        'a stranger at the gate gets 401 and not a word of the post',
        stranger.status === 401 && !body.includes('hens'),
      ],
    ]
    return {
      seen: rules.filter(([, holds]) => holds).map(([what]) => what),
      missing: rules.filter(([, holds]) => !holds).map(([what]) => what),
      gated: gated.href,
    }
  } finally {
    await close()
  }
}

/** Reads Bob's inbox as `private-posts inbox --site` does, until what is expected is there. */
async function readInbox(
  { url, environment }: Neighbour,
  fetch: ReturnType<typeof createGuardedFetch>['fetch'],
  expected: number,
): Promise<Received> {
  const now = () => new Date()
  const store = createMemoryStore({ now })
  const secrets = createSecrets({ keys: readSecretKeys(environment), site: url, store, now })
  let messages: Received = []
  for (let waited = 0; waited < PATIENCE; waited += PAUSE) {
    const call = await secrets.issue('call', { purpose: 'inbox' })
    const headers = { authorization: `Bearer ${call}`, accept: 'application/json' }
    const response = await fetch(new URL('inbox', url), { headers })
    messages = v.parse(Inbox, await response.json()).messages
    if (messages.length >= expected) break
    await sleep(PAUSE)
  }
  return messages
}
