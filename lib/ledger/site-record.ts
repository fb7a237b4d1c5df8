import * as v from 'valibot'

/** Where each endpoint lies, below the root of the site. */
export const DEFAULT_PATHS = {
  webmention: '/webmention',
  indieauth: '/indieauth/',
  invitation: '/invitation/',
  inbox: '/inbox',
  mentions: '/mentions.json',
} as const

export const SitePaths = v.object({
  /** `POST` takes webmentions; below it are the status pages. */
  webmention: v.optional(v.string(), DEFAULT_PATHS.webmention),
  /** The issuer: metadata, auth, token, introspect, revoke, ticket, sign-in, callback, sign-out, client.json. */
  indieauth: v.optional(v.string(), DEFAULT_PATHS.indieauth),
  /** Invitation links are `/invitation/<token>`. */
  invitation: v.optional(v.string(), DEFAULT_PATHS.invitation),
  inbox: v.optional(v.string(), DEFAULT_PATHS.inbox),
  mentions: v.optional(v.string(), DEFAULT_PATHS.mentions),
})
export type SitePaths = v.InferOutput<typeof SitePaths>

/** Lists of address patterns (micromatch) over `host/path` of whoever writes; allow wins over deny. */
export const PolicyRecord = v.object({
  allow: v.optional(v.array(v.string()), []),
  deny: v.optional(v.array(v.string()), []),
  hold: v.optional(v.array(v.string()), []),
  /** What becomes of everybody else. */
  otherwise: v.optional(v.picklist(['accept', 'hold', 'reject']), 'hold'),
})
export type PolicyRecord = v.InferOutput<typeof PolicyRecord>

export const ProfileRecord = v.object({
  name: v.optional(v.string()),
  /** Addresses on the web. */
  photo: v.optional(v.pipe(v.string(), v.url())),
  url: v.optional(v.pipe(v.string(), v.url())),
  email: v.optional(v.string()),
})

export const SiteRecord = v.object({
  me: v.string(),
  posts: v.array(v.string()),
  prefix: v.string(),
  gatePrefix: v.optional(v.string(), '/private/'),
  pathPrefix: v.string(),
  input: v.string(),
  output: v.string(),
  /** How the plugin mints: `rotate` has to do as it does. */
  tokens: v.optional(v.picklist(['random', 'derived']), 'random'),
  exposure: v.picklist(['refuse', 'warn', 'allow']),
  paths: v.optional(SitePaths, {}),
  /** The owner's authorization server: ours, none, or another's, whose address this is. */
  indieauth: v.optional(v.union([v.boolean(), v.string()]), true),
  /** What the owner's server tells clients of them, where they ask and the owner agrees. */
  profile: v.optional(ProfileRecord, {}),
  policy: v.optional(PolicyRecord, {}),
  /** How long an invitation works: once, or for so many days. */
  invitations: v.optional(v.union([v.literal('once'), v.number()]), 30),
  auditExceptions: v.array(
    v.object({ file: v.string(), kind: v.string(), post: v.string(), why: v.string() }),
  ),
})
/** What a build says that leaves out the options for its functions. */
export const SITE_DEFAULTS = {
  gatePrefix: '/private/',
  paths: DEFAULT_PATHS,
  indieauth: true,
  profile: {},
  policy: { allow: [], deny: [], hold: [], otherwise: 'hold' },
  invitations: 30,
} satisfies Partial<v.InferInput<typeof SiteRecord>>

/** What the last build was told, so that the command line and the functions need no second configuration. */
export type SiteRecord = v.InferOutput<typeof SiteRecord>
