import { posix } from 'node:path'
import { KEY_NAME_PREFIX } from '../intertalk/intertalk.ts'
import type { ProtocolName, SiteRecord } from '../ledger/site-record.ts'

/** What Netlify reads of a function before it runs it: where it answers, or when it runs. */
type FunctionConfig =
  | { readonly path: readonly string[]; readonly preferStatic?: true }
  | { readonly schedule: string }
  | { readonly background: true }
  | Readonly<Record<string, never>>

/** A function of ours that a site uses. `name` is its module in `eleventy-plugin-private-posts/functions/`. */
export interface NetlifyFunction {
  readonly name: string
  readonly config: FunctionConfig
}

/** What the functions will find in their environment. */
export interface FunctionEnvironment {
  readonly hasSecret: boolean
  readonly hasOwner: boolean
}

/** What was cut off is taken up again soon; often enough for a person, seldom enough for the bill. */
const SWEEP_SCHEDULE = '*/10 * * * *'
const RETRY_SCHEDULE = '*/15 * * * *'

/**
 * Decides which functions a site uses. Without a secret to sign with there is none.
 *
 * Authorizing other software as the owner needs their passphrase, and is left to another server where
 * the owner has one.
 */
export function netlifyFunctions(
  { gatePrefix, pathPrefix, paths, indieauth, protocols }: SiteRecord,
  { hasSecret, hasOwner }: FunctionEnvironment,
): readonly NetlifyFunction[] {
  if (!hasSecret) return []
  const at = (path: string) => posix.join('/', pathPrefix, path)
  const issuer = (...names: readonly string[]) => names.map((name) => at(paths.indieauth + name))
  const tree = (path: string) => [at(path).replace(/\/$/, ''), `${at(`${path}/`)}*`]
  const authorizes = indieauth === true && hasOwner
  const speaks = (name: ProtocolName) => protocols.includes(name)
  // Both know a server by its domain alone.
  const isRoot = at('') === '/'

  return [
    { name: 'gate', config: { path: tree(gatePrefix) } },
    { name: 'invitation', config: { path: tree(paths.invitation) } },
    ...['sign-in', 'callback', 'sign-out', 'token', 'ticket'].map((name) => ({
      name,
      config: { path: issuer(name) },
    })),
    ...(authorizes ? authorization() : []),
    {
      name: 'indieauth',
      config: {
        path: [
          at(paths.indieauth).replace(/\/$/, ''),
          ...issuer('', 'metadata', 'client.json', 'logo.svg', 'introspect', 'revoke'),
        ],
      },
    },
    ...(speaks('webmention') || speaks('private-webmention')
      ? [{ name: 'webmention', config: { path: tree(paths.webmention) } }]
      : []),
    { name: 'mentions', config: { path: [at(paths.mentions)] } },
    { name: 'inbox', config: { path: tree(paths.inbox) } },
    ...(speaks('rel-pm') ? [{ name: 'pm', config: { path: tree(paths.pm) } }] : []),
    ...(speaks('intertalk') && isRoot ? intertalk() : []),
    ...(speaks('fmtp') && isRoot ? [{ name: 'fmtp', config: { path: tree(paths.fmtp) } }] : []),
    // Only the site itself calls these, by their own address.
    { name: 'outbound', config: {} },
    { name: 'work', config: { background: true } },
    { name: 'deliver', config: { background: true } },
    { name: 'retry', config: { schedule: RETRY_SCHEDULE } },
    { name: 'sweep', config: { schedule: SWEEP_SCHEDULE } },
  ]

  /** Another server of the author's may have its metadata there: a page goes first. */
  function authorization(): NetlifyFunction[] {
    const wellKnown = [at(''), at(paths.indieauth)].flatMap((path) => {
      const place = posix.join('/.well-known/oauth-authorization-server', path)
      return [place.replace(/\/$/, ''), place]
    })
    return [
      { name: 'authorization', config: { path: issuer('auth', 'authorize') } },
      { name: 'well-known', config: { path: wellKnown, preferStatic: true } },
    ]
  }

  function intertalk(): NetlifyFunction[] {
    return [
      { name: 'messages', config: { path: [at(paths.messages)] } },
      { name: 'keys', config: { path: [...tree(paths.keys), at(`${KEY_NAME_PREFIX}*`)] } },
      ...(hasOwner ? [{ name: 'messages-token', config: { path: [at(paths.token)] } }] : []),
    ]
  }
}
