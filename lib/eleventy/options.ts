import * as v from 'valibot'
import {
  DEFAULT_PATHS,
  PolicyRecord,
  ProfileRecord,
  type ProtocolName,
} from '../ledger/site-record.ts'
import { validatePolicy } from '../policy/policy.ts'
import { validateGroups } from '../post/audience.ts'
import { nearest } from '../post/nearest.ts'
import { ConfigurationError } from '../web/errors.ts'
import { onlyTakeOut } from './named-private.ts'
import { NOTICE_TEXTS, type NoticeText } from './notice-text.ts'
import { PROTOCOL_OPTION_KEYS, PROTOCOL_OPTIONS, resolveRecipients } from './protocol-options.ts'

const Path = v.pipe(v.string(), v.nonEmpty())

/** One that can match no file would leave private posts public. */
const Glob = v.pipe(
  v.string(),
  v.regex(
    /^(?![\\/])(?![a-z]:)[^\\\s](?:[^\\]*[^\\\s])?$/i,
    'a glob from the project or the input folder, with slashes, such as "private/**"',
  ),
)

const DEFAULT_POSTS = 'private/**'

/** `/p/`: at least one segment, a slash at both ends, nothing that a URL would have to escape. */
const Prefix = v.pipe(
  v.string(),
  v.regex(
    /^\/([a-z0-9][a-z0-9_.~-]*\/)+$/,
    'a lower-case path with a slash at both ends, such as /p/',
  ),
)

const AuditException = v.strictObject({
  file: v.optional(v.string(), '**'),
  kind: v.optional(v.string(), '*'),
  post: v.optional(v.string(), '**'),
  why: v.pipe(v.string(), v.minLength(8, 'a sentence that says why this is no leak')),
})

const NoticeTextSchema = v.partial(
  v.strictObject({
    private: v.string(),
    unlisted: v.string(),
    and: v.string(),
    until: v.string(),
  } satisfies Record<keyof NoticeText, v.GenericSchema<string>>),
)

/** Where a function answers: nothing that a URL would have to escape. */
const EndpointPath = v.pipe(
  v.string(),
  v.regex(/^\/[a-z0-9][a-z0-9_.~-]*(\/[a-z0-9_.~-]+)*$/, 'a lower-case path such as /webmention'),
)

const MentionsSource = v.strictObject({
  /** A feed in jf2; by default the site's own `/mentions.json`. */
  url: v.optional(v.pipe(v.string(), v.url(), v.regex(/^https?:\/\//i))),
  webmentionIo: v.optional(
    v.strictObject({
      domain: v.pipe(v.string(), v.nonEmpty()),
      /** Name of the environment variable that holds the token of webmention.io. */
      tokenVariable: v.optional(
        v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]*$/, 'a name such as WEBMENTION_IO_TOKEN')),
      ),
    }),
  ),
  /** How long what was fetched is as good as new. */
  cacheSeconds: v.optional(v.pipe(v.number(), v.minValue(0))),
})

const OptionsSchema = v.strictObject({
  /** The author's profile URL. */
  me: v.pipe(
    v.string('the profile URL of the author, such as "https://alice.example/"'),
    v.url('a URL such as "https://alice.example/"'),
    v.regex(/^https?:\/\//i, 'a URL of the web, such as "https://alice.example/"'),
  ),
  /** Globs of files that are private even without front matter; from the project or the input folder. */
  posts: v.optional(v.union([Glob, v.array(Glob)])),
  groups: v.optional(v.record(v.string(), v.array(v.string())), {}),
  prefix: v.optional(Prefix, '/p/'),
  gatePrefix: v.optional(Prefix, '/private/'),
  tokens: v.optional(v.picklist(['random', 'derived']), 'random'),
  ledger: v.optional(Path, 'private-posts.ledger.json'),
  exposure: v.optional(v.picklist(['refuse', 'warn', 'allow']), 'refuse'),
  /** What becomes of a delivered link that is found in public. */
  onExposure: v.optional(v.picklist(['report', 'rotate']), 'report'),
  thirdParty: v.optional(v.picklist(['error', 'warn', 'allow']), 'error'),
  /** Where the functions answer. */
  paths: v.optional(
    v.strictObject({
      webmention: v.optional(EndpointPath, DEFAULT_PATHS.webmention),
      indieauth: v.optional(Prefix, DEFAULT_PATHS.indieauth),
      invitation: v.optional(Prefix, DEFAULT_PATHS.invitation),
      inbox: v.optional(EndpointPath, DEFAULT_PATHS.inbox),
      mentions: v.optional(EndpointPath, DEFAULT_PATHS.mentions),
      pm: v.optional(EndpointPath, DEFAULT_PATHS.pm),
      messages: v.optional(EndpointPath, DEFAULT_PATHS.messages),
      keys: v.optional(EndpointPath, DEFAULT_PATHS.keys),
      token: v.optional(EndpointPath, DEFAULT_PATHS.token),
      fmtp: v.optional(EndpointPath, DEFAULT_PATHS.fmtp),
    }),
    {},
  ),
  ...PROTOCOL_OPTIONS,
  /** The owner's authorization server: ours (`true`), none, or the address of another's. */
  indieauth: v.optional(
    v.union(
      [v.boolean(), v.pipe(v.string(), v.url(), v.regex(/^https?:\/\//i))],
      'true, false, or the address of your own IndieAuth server',
    ),
    true,
  ),
  /** What your own server tells other sites of you, if they ask and you agree; FMTP shows name and photo to all. */
  profile: v.optional(ProfileRecord, {}),
  /** Who may write to the inbox: lists of address patterns. */
  policy: v.optional(PolicyRecord, {}),
  /** How long an invitation to a gated post works: `once`, or for so many days. */
  invitations: v.optional(
    v.union(
      [v.literal('once'), v.pipe(v.number(), v.integer(), v.minValue(1))],
      "'once', or a number of days",
    ),
    30,
  ),
  /** Whether public mentions are fetched at build time, and from where. */
  mentions: v.optional(v.union([v.boolean(), MentionsSource]), false),
  /** Whether the host is Netlify; by default it is asked of the environment. */
  netlify: v.optional(v.boolean()),
  /** Words of the notice, by language; what is missing is taken from the built-in ones. */
  text: v.optional(v.record(v.string(), NoticeTextSchema), {}),
  /** Findings of the leak audit that the author has looked at and accepts. */
  auditExceptions: v.optional(v.array(AuditException), []),
})

/** What a site's author may set. */
export type PrivatePostsOptions = v.InferInput<typeof OptionsSchema>

/** The same with every default in its place. */
export interface ResolvedOptions extends Omit<
  v.InferOutput<typeof OptionsSchema>,
  'me' | 'posts' | 'text'
> {
  readonly me: URL
  readonly posts: readonly string[]
  /** What the author wrote under `posts`; nothing of the default. */
  readonly postEntries: readonly string[]
  readonly text: Readonly<Record<string, NoticeText>>
  /** What `send` and `inbox` have learned of addresses that look like others. */
  readonly isKnownSecret?: (url: URL) => boolean
}

/** @throws {ConfigurationError} naming the option, what it should be and what it is. */
export function resolveOptions(options: unknown): ResolvedOptions {
  const result = v.safeParse(OptionsSchema, options ?? {})
  if (!result.success) throw new ConfigurationError(describe(result.issues[0]))

  const { me, posts, text, ...rest } = result.output
  const entries = posts === undefined ? [] : [posts].flat()
  refuseOnlyTaken(entries)
  validateGroups(rest.groups)
  validatePolicy(rest.policy)
  refuseSharedPlaces(rest)
  return {
    ...rest,
    recipients: resolveRecipients(rest.recipients, rest),
    me: new URL(me),
    posts: (posts === undefined ? [DEFAULT_POSTS] : entries).flatMap(withFolder),
    postEntries: entries,
    text: mergeTexts(text),
  }
}

/**
 * Each place has one owner: behind the gate, no capability URL would open, and no function answer.
 *
 * @throws {ConfigurationError}
 */
function refuseSharedPlaces({
  prefix,
  gatePrefix,
  paths,
  protocols,
}: Pick<ResolvedOptions, 'prefix' | 'gatePrefix' | 'paths' | 'protocols'>): void {
  const used = Object.entries(paths).filter(([name]) => isUsed(name, protocols))
  const named = used.map(([name, path]) => [`paths.${name}`, path] as const)
  const places = Object.entries({ prefix, gatePrefix, ...Object.fromEntries(named) })
  for (const [name, place] of places) {
    const other = places.find(
      ([otherName, otherPlace]) =>
        otherName !== name &&
        `${place.replace(/\/$/, '')}/`.startsWith(`${otherPlace.replace(/\/$/, '')}/`),
    )
    if (!other) continue
    throw new ConfigurationError(
      `Options "${other[0]}" and "${name}" of eleventy-plugin-private-posts share a place: ${other[1]} and ${place}. To do: give each its own.`,
    )
  }
}

/** Where a protocol would answer that the site does not speak, nobody does. */
const PATH_PROTOCOLS: Readonly<Record<string, ProtocolName>> = {
  pm: 'rel-pm',
  messages: 'intertalk',
  keys: 'intertalk',
  token: 'intertalk',
  fmtp: 'fmtp',
}

function isUsed(path: string, protocols: readonly ProtocolName[]): boolean {
  const protocol = PATH_PROTOCOLS[path]
  return protocol === undefined || protocols.includes(protocol)
}

/** What is taken out has to be taken out of something. */
function refuseOnlyTaken(entries: readonly string[]): void {
  if (!onlyTakeOut(entries)) return
  throw new ConfigurationError(
    'Option "posts" of eleventy-plugin-private-posts has only entries that begin with "!", so that it makes nothing private. To do: name first what is private, such as "private/**".',
  )
}

/** Who names a folder means what is in it. */
export function withFolder(glob: string): string[] {
  if (glob.endsWith('/')) return [`${glob}**`]
  const last = glob.split('/').at(-1) ?? ''
  return /[*?{}()[\]]/.test(last) ? [glob] : [glob, `${glob}/**`]
}

/** Options whose keys and values name people: build logs are read by others. */
const OF_PEOPLE = ['recipients', 'groups', 'policy', 'auditExceptions']

function describe(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? 'options'
  const isOfPeople = OF_PEOPLE.some((option) => path.split('.')[0] === option)
  const name = path.startsWith('recipients.') ? entryOf(issue) : path
  const isHidden = isOfPeople && /^"/.test(issue.received ?? '')
  const message = isHidden ? issue.message.replace(/ but received "[^]*$/, '') : issue.message
  const received =
    issue.received === 'undefined' ? 'nothing' : isHidden ? '(not shown)' : issue.received
  if (name === 'me' && issue.received === 'undefined') {
    return 'Option "me" of eleventy-plugin-private-posts is missing: the address of your site, by which others know you. To do: write eleventyConfig.addPlugin(privatePosts, { me: "https://your-site.example/" }).'
  }
  const isUnknown = issue.type === 'strict_object' && issue.expected === 'never'
  const meant = isUnknown ? meantBy(path) : undefined
  return isUnknown
    ? `Option "${name}" of eleventy-plugin-private-posts is not known. To do: ${meant ? `write "${meant}", if you mean that` : 'correct or remove it'}.`
    : `Option "${name}" of eleventy-plugin-private-posts is ${received}: ${message}. To do: correct it in your Eleventy configuration.`
}

/** `recipients, entry 2, address`: the key names a person. */
function entryOf({ path }: v.BaseIssue<unknown>): string {
  const [option, record, ...below] = path ?? []
  const keys = Object.keys(Object(option?.value))
  const entry = `entry ${keys.indexOf(String(record?.key)) + 1}`
  return ['recipients', entry, ...below.map(({ key }) => String(key))].join(', ')
}

function meantBy(name: string): string | undefined {
  const [option = '', ...below] = name.split('.')
  const last = below.at(-1)
  if (last === undefined) return nearest(name, Object.keys(OptionsSchema.entries))
  const known = option === 'paths' ? Object.keys(DEFAULT_PATHS) : PROTOCOL_OPTION_KEYS[option]
  return nearest(last, known ?? [])
}

function mergeTexts(
  texts: Readonly<Record<string, { [Key in keyof NoticeText]?: string | undefined }>>,
): Record<string, NoticeText> {
  const merged: Record<string, NoticeText> = { ...NOTICE_TEXTS }
  for (const [language, words] of Object.entries(texts)) {
    const base = merged[language] ?? NOTICE_TEXTS.en
    merged[language] = {
      private: words.private ?? base.private,
      unlisted: words.unlisted ?? base.unlisted,
      and: words.and ?? base.and,
      until: words.until ?? base.until,
    }
  }
  return merged
}
