import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import { createSecrets } from '../lib/jwt/secrets.ts'
import { openLedgerFile } from '../lib/ledger/ledger-file.ts'
import { readSecretKeys } from '../lib/site/secret-keys.ts'
import { createMemoryStore } from '../lib/store/memory-store.ts'
import type { Fetch } from '../lib/web/fetch.ts'
import { createGuardedFetch } from '../lib/web/guarded-fetch.ts'
import { READERS, type Name, type Neighbour } from './neighbours.ts'

/** A message takes a few milliseconds; ten seconds are for a machine that is busy. */
const PATIENCE = 10_000
const PAUSE = 50

/** The post that goes to everybody, and that everybody answers. */
export const LETTER = '/the-carols.md'

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
type Received = v.InferOutput<typeof Inbox>['messages'][number]

type Neighbours = Readonly<Record<Name, Neighbour>>

/** Asks everybody's inbox what arrived, and Alice's gate what a stranger gets. */
export async function findOut(neighbours: Neighbours): Promise<Findings> {
  const { alice } = neighbours
  const { fetch, close } = createGuardedFetch({ allowLoopback: true })
  try {
    const { deliveries, posts } = await openLedgerFile(alice.ledger).read()
    const sent = deliveries.filter(({ outcome }) => outcome === 'delivered')
    const segment = Object.values(posts).find(({ access }) => access === 'gate')?.gate ?? ''
    const gated = new URL(`private/${segment}/`, alice.url)

    const arrived = new Map<Name, readonly Received[]>()
    for (const { name } of READERS) {
      const sources = sent.filter((each) => isTo(each, neighbours[name])).map(sourceOf)
      arrived.set(name, await readInbox(neighbours[name], fetch, holdsAll(sources)))
    }
    const atBob = arrived.get('bob') ?? []
    const isThere = (each: { source: string; target: string }) =>
      READERS.some(
        ({ name }) =>
          isTo(each, neighbours[name]) &&
          arrived.get(name)?.some(({ source }) => source === each.source),
      )
    const isPrivate = ({ source }: { source: string }) =>
      atBob.some((message) => message.source === source && message.private)
    const publicSources = sent.filter(({ source }) => /\/posts\//.test(new URL(source).pathname))
    const stranger = await fetch(gated)
    const body = await stranger.text()
    const letterOf = (name: Name) =>
      sent.find((each) => each.post.endsWith(LETTER) && isTo(each, neighbours[name]))
    const isAnswerOf = (name: Name) => (message: Received) =>
      message.private &&
      message.source.startsWith(neighbours[name].url.href) &&
      message.target === letterOf(name)?.source
    const answers = await readInbox(alice, fetch, (messages) =>
      READERS.every(({ name }) => messages.some(isAnswerOf(name))),
    )

    const rules: readonly (readonly [string, boolean])[] = [
      [`all ${sent.length} messages are where they belong`, sent.length > 0 && sent.every(isThere)],
      [
        "a link post: Bob's inbox keeps it to himself",
        sent.some((each) => each.source.includes('/p/') && isPrivate(each)),
      ],
      [
        'a gated post: his site proved who it is, and read it',
        sent.some((each) => each.source === gated.href && isPrivate(each)),
      ],
      [
        'a public reply: it waits for him to show it on his site',
        publicSources.some((each) => isThere(each) && !isPrivate(each)),
      ],
      [
        'a stranger at the gate gets 401 and not a word of the post',
        stranger.status === 401 && !body.includes('hens'),
      ],
      ...READERS.map(({ name, title, protocol }): [string, boolean] => [
        `${protocol}: ${title} was told, and has answered`,
        letterOf(name)?.protocol === protocol && answers.some(isAnswerOf(name)),
      ]),
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

/** The copy of Alice's latest letter to all of them that this reader was sent. */
export async function letterTo(reader: Neighbour, letters: ReadonlySet<string>): Promise<string> {
  const { fetch, close } = createGuardedFetch({ allowLoopback: true })
  try {
    const isIt = ({ source }: Received) => letters.has(source)
    const messages = await readInbox(reader, fetch, (all) => all.some(isIt))
    return messages.find(isIt)?.source ?? ''
  } finally {
    await close()
  }
}

function holdsAll(sources: readonly string[]) {
  return (messages: readonly Received[]) =>
    sources.every((source) => messages.some((message) => message.source === source))
}

const sourceOf = ({ source }: { readonly source: string }) => source

/** Whether it was sent to somebody's site: to a page there, or to an address. */
function isTo({ target }: { readonly target: string }, { url }: Neighbour): boolean {
  return target.startsWith(url.href) || target.endsWith(`@${url.host}`)
}

/** Reads an inbox as `private-posts inbox --site` does, until what is expected is there. */
async function readInbox(
  { url, environment }: Neighbour,
  fetch: Fetch,
  isComplete: (messages: readonly Received[]) => boolean,
): Promise<readonly Received[]> {
  const now = () => new Date()
  const store = createMemoryStore({ now })
  const secrets = createSecrets({ keys: readSecretKeys(environment), site: url, store, now })
  let messages: readonly Received[] = []
  for (let waited = 0; waited < PATIENCE; waited += PAUSE) {
    const call = await secrets.issue('call', { purpose: 'inbox' })
    const headers = { authorization: `Bearer ${call}`, accept: 'application/json' }
    const response = await fetch(new URL('inbox', url), { headers })
    messages = v.parse(Inbox, await response.json()).messages
    if (isComplete(messages)) break
    await sleep(PAUSE)
  }
  return messages
}
