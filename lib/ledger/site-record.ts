import * as v from 'valibot'

/** Where each endpoint lies, below the root of the site. */
export const DEFAULT_PATHS = {
  webmention: '/webmention',
  indieauth: '/indieauth/',
  invitation: '/invitation/',
  inbox: '/inbox',
  mentions: '/mentions.json',
  pm: '/pm',
  messages: '/messages',
  keys: '/keys',
  token: '/token',
  fmtp: '/fmtp',
} as const

/** Every protocol that can carry a post, in the order in which they are tried unless the author says otherwise. */
export const PROTOCOLS = [
  'private-webmention',
  'webmention',
  'rel-pm',
  'intertalk',
  'fmtp',
] as const
export type ProtocolName = (typeof PROTOCOLS)[number]

export const SitePaths = v.object({
  /** `POST` takes webmentions; below it are the status pages. */
  webmention: v.optional(v.string(), DEFAULT_PATHS.webmention),
  /** The issuer: metadata, auth, token, introspect, revoke, ticket, sign-in, callback, sign-out, client.json, logo.svg. */
  indieauth: v.optional(v.string(), DEFAULT_PATHS.indieauth),
  /** Invitation links are `/invitation/<token>`. */
  invitation: v.optional(v.string(), DEFAULT_PATHS.invitation),
  inbox: v.optional(v.string(), DEFAULT_PATHS.inbox),
  mentions: v.optional(v.string(), DEFAULT_PATHS.mentions),
  /** rel=pm: announcements, requests and messages. */
  pm: v.optional(v.string(), DEFAULT_PATHS.pm),
  /** intertalk: messages, and for local users the stream of them. */
  messages: v.optional(v.string(), DEFAULT_PATHS.messages),
  /** intertalk: the provider's keys; below it one key each. */
  keys: v.optional(v.string(), DEFAULT_PATHS.keys),
  /** intertalk: where local users sign in. */
  token: v.optional(v.string(), DEFAULT_PATHS.token),
  /** FMTP: everything of it is below. */
  fmtp: v.optional(v.string(), DEFAULT_PATHS.fmtp),
})
export type SitePaths = v.InferOutput<typeof SitePaths>

const Patterns = v.array(
  v.string(
    'a pattern is a text with the wildcards "*", "**", "?" and "[…]", such as "*@chat.example"; regular expressions are not known',
  ),
)

/** Lists of address patterns (micromatch) over `host/path` of whoever writes; allow wins over deny. */
export const PolicyRecord = v.object({
  allow: v.optional(Patterns, []),
  deny: v.optional(Patterns, []),
  hold: v.optional(Patterns, []),
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

/** What the author knows of a recipient besides their name in the audience. By recipient id. */
export const RecipientRecord = v.object({
  /** Their profile URL, where the audience has their address. */
  profile: v.optional(v.string()),
  /** Their `user@domain` in intertalk and FMTP, where the audience has their profile. */
  address: v.optional(v.string()),
  /** The only protocol by which they are told. */
  protocol: v.optional(v.picklist(PROTOCOLS)),
})
export type RecipientRecord = v.InferOutput<typeof RecipientRecord>

/** What the site says of itself in FMTP, and whom it asks for help. */
const FmtpSettings = v.object({
  /** Whether messages to the owner have to be encrypted to their key. */
  encrypt: v.optional(v.picklist(['required', 'optional', 'none']), 'optional'),
  /** The server to ask for what cannot be reached directly: its domain. */
  parent: v.optional(v.string()),
  /** Domains of the servers that may ask us. */
  children: v.optional(v.array(v.string()), []),
  /** The best way to make contact, where it is not the domain's own server. */
  contact: v.optional(v.string()),
  /** `online`, `away`, or a sentence. */
  status: v.optional(v.string()),
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
  /** What becomes of a link that is found in public. */
  onExposure: v.optional(v.picklist(['report', 'rotate']), 'report'),
  paths: v.optional(SitePaths, {}),
  /** The owner's `user@domain` in intertalk and FMTP; by default made of the site's host. */
  address: v.optional(v.string()),
  /** Which protocols the site speaks, in the order in which recipients are tried. */
  protocols: v.optional(v.array(v.picklist(PROTOCOLS)), [...PROTOCOLS]),
  recipients: v.optional(v.record(v.string(), RecipientRecord), {}),
  fmtp: v.optional(FmtpSettings, {}),
  /** The owner's authorization server: ours, none, or another's, whose address this is. */
  indieauth: v.optional(v.union([v.boolean(), v.string()]), true),
  /** What the owner's server tells clients of them, where they ask and the owner agrees; FMTP shows name and photo to all. */
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
  onExposure: 'report',
  paths: DEFAULT_PATHS,
  protocols: [...PROTOCOLS],
  recipients: {},
  fmtp: { encrypt: 'optional', children: [] },
  indieauth: true,
  profile: {},
  policy: { allow: [], deny: [], hold: [], otherwise: 'hold' },
  invitations: 30,
} satisfies Partial<v.InferInput<typeof SiteRecord>>

/** What the last build was told, so that the command line and the functions need no second configuration. */
export type SiteRecord = v.InferOutput<typeof SiteRecord>
