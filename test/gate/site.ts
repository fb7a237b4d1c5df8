import { createHash } from 'node:crypto'
import { createCallbackEndpoint } from '../../lib/gate/callback.ts'
import {
  createClientLogoEndpoint,
  createClientMetadataEndpoint,
} from '../../lib/gate/client-metadata.ts'
import { createGate } from '../../lib/gate/gate.ts'
import { createInvitationEndpoint } from '../../lib/gate/invitation.ts'
import type { InvitationRule } from '../../lib/gate/invitation-rule.ts'
import { GATE_REGISTER, type GateRegister } from '../../lib/gate/register.ts'
import { createSignInEndpoint } from '../../lib/gate/sign-in.ts'
import { createSignOutEndpoint } from '../../lib/gate/sign-out.ts'
import type { ClaimsOf } from '../../lib/jwt/kinds.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { startSession } from '../../lib/jwt/session.ts'
import { DEFAULT_PATHS } from '../../lib/ledger/site-record.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { findRoute } from '../../lib/web/routes.ts'
import { createWeb } from '../support/web.ts'

export const BOB = 'https://bob.example/'
export const CAROL = 'https://carol.example/'
export const MUM = 'mailto:mum@mail.example'
/** Two gated posts, and two segments that are none. */
export const DINNER = '4x7k2m9qwert'
export const LETTER = 'h3v8n1z5cdfg'
export const NOWHERE = 'zzzzzzzzzzzz'
export const INVITATION = '0123456789abcdefghjkmnpqrs'
export const START = new Date('2026-11-20T12:00:00Z')
const DAY = 24 * 60 * 60 * 1000

/** A word that stands in every private file, and in no answer to those who may not read. */
export const SECRET = 'marzipan'

export const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')

function copy(post: string, reader: number, attachments: readonly string[] = []) {
  const entries = attachments.map((path, at) => [path, `gate/${post}/${reader}/${at}`])
  return { '': `gate/${post}/${reader}/index.html`, ...Object.fromEntries(entries) }
}

export const REGISTER: GateRegister = {
  version: 1,
  posts: {
    [DINNER]: {
      readers: [
        {
          id: BOB,
          name: 'bob.example',
          files: copy(DINNER, 1, [
            'menu.pdf',
            'Menü 1.png',
            'plan/index.html',
            'drawing.svg',
            'note.html',
            'feed.xml',
            'voice.mp3',
            'unknown',
          ]),
        },
        {
          id: MUM,
          name: 'mum',
          files: copy(DINNER, 2, ['menu.pdf', 'for-mum.pdf']),
          invitation: hashOf(INVITATION),
          invited: START.toISOString(),
        },
      ],
    },
    [LETTER]: { readers: [{ id: MUM, name: 'mum', files: copy(LETTER, 1) }] },
  },
}

export interface AliceOptions {
  readonly site?: string
  readonly register?: unknown
  readonly invitations?: InvitationRule
  readonly sites?: Record<string, Endpoint>
  readonly fetch?: Fetch
}

export type Alice = ReturnType<typeof createAlice>

/** Alice's site: a gate with its endpoints, and a clock. */
export function createAlice({
  site: address = 'https://alice.example/',
  register = REGISTER,
  invitations = 30,
  sites = {},
  fetch,
}: AliceOptions = {}) {
  let time = START.getTime()
  let current = register
  const reads: string[] = []
  const now = () => new Date(time)
  const site = new URL(address)
  const store = createMemoryStore({ now })
  const secrets = createSecrets({ keys: [new Uint8Array(32).fill(1)], site, store, now })
  const web = createWeb(sites)
  const options = {
    site,
    me: new URL(address),
    gatePrefix: '/private/',
    paths: DEFAULT_PATHS,
    store,
    secrets,
    fetch: fetch ?? web.fetch,
    now,
    invitations,
    allowLoopback: site.hostname.endsWith('localhost'),
    files: async (name: string) => {
      reads.push(name)
      if (name === GATE_REGISTER) return new TextEncoder().encode(JSON.stringify(current))
      if (name.endsWith('missing')) return undefined
      return new TextEncoder().encode(`<!doctype html><title>Post</title>${SECRET} of ${name}`)
    },
  }
  const under = site.pathname.slice(0, -1)
  const routes = [
    { path: `${under}/private/*`, endpoint: createGate(options) },
    { path: `${under}/indieauth/sign-in`, endpoint: createSignInEndpoint(options) },
    { path: `${under}/indieauth/callback`, endpoint: createCallbackEndpoint(options) },
    { path: `${under}/indieauth/sign-out`, endpoint: createSignOutEndpoint(options) },
    { path: `${under}/indieauth/client.json`, endpoint: createClientMetadataEndpoint(options) },
    { path: `${under}/indieauth/logo.svg`, endpoint: createClientLogoEndpoint() },
    { path: `${under}/invitation/*`, endpoint: createInvitationEndpoint(options) },
  ]
  const endpoint: Endpoint = async (request, context) => {
    const found = findRoute(routes, new URL(request.url).pathname)
    return found ? found(request, context) : new Response('elsewhere', { status: 404 })
  }

  return {
    options,
    endpoint,
    /** Deploy files that were read, in order. */
    reads,
    web,
    ask: (path: string, init?: RequestInit) => endpoint(new Request(new URL(path, site), init)),
    /** With an access token of `me`. */
    async bearer(claims: Partial<ClaimsOf['access-token']> = {}) {
      const token = await secrets.issue('access-token', { me: BOB, scope: ['read'], ...claims })
      return { headers: { authorization: `Bearer ${token}` } }
    },
    /** With the session of `reader`. */
    async session(
      reader: string,
      claims: Partial<ClaimsOf['session']> = {},
    ): Promise<{ headers: Record<string, string> }> {
      const all = { reader, by: 'indieauth', ...claims } as const
      const header = await startSession(all, options)
      return { headers: { cookie: header.split(';')[0] ?? '' } }
    },
    deploy(next: unknown) {
      current = next
    },
    wait(days: number) {
      time += days * DAY
    },
  }
}

/** The register with one thing changed. */
export function changed(change: (register: GateRegister) => void): GateRegister {
  const register = structuredClone(REGISTER)
  change(register)
  return register
}

/** A form as a browser sends it. */
export function form(fields: Record<string, string>, headers: Record<string, string> = {}) {
  return { method: 'POST', body: new URLSearchParams(fields), headers }
}

/** Everything that a client can see of an answer. */
export async function seen(response: Response) {
  return {
    status: response.status,
    headers: [...response.headers],
    body: Buffer.from(await response.arrayBuffer()).toString('latin1'),
  }
}
