import * as v from 'valibot'
import { validateGroups } from '../post/audience.ts'
import { ConfigurationError } from '../web/errors.ts'
import { NOTICE_TEXTS, type NoticeText } from './notice-text.ts'

const Path = v.pipe(v.string(), v.nonEmpty())

/** One that can match no file would leave private posts public. */
const Glob = v.pipe(
  v.string(),
  v.regex(
    /^(?![\\/])(?![a-z]:)[^\\\s](?:[^\\]*[^\\\s])?$/i,
    'a glob from the project or the input folder, with slashes, such as "private/**"',
  ),
)

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

const OptionsSchema = v.strictObject({
  /** The author's profile URL. */
  me: v.pipe(
    v.string('the profile URL of the author, such as "https://alice.example/"'),
    v.url('a URL such as "https://alice.example/"'),
    v.regex(/^https?:\/\//i, 'a URL of the web, such as "https://alice.example/"'),
  ),
  /** Globs of files that are private even without front matter; from the project or the input folder. */
  posts: v.optional(v.union([Glob, v.array(Glob)]), 'private/**'),
  groups: v.optional(v.record(v.string(), v.array(v.string())), {}),
  prefix: v.optional(Prefix, '/p/'),
  gatePrefix: v.optional(Prefix, '/private/'),
  tokens: v.optional(v.picklist(['random', 'derived']), 'random'),
  ledger: v.optional(Path, 'private-posts.ledger.json'),
  exposure: v.optional(v.picklist(['refuse', 'warn', 'allow']), 'refuse'),
  thirdParty: v.optional(v.picklist(['error', 'warn', 'allow']), 'error'),
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
  readonly text: Readonly<Record<string, NoticeText>>
}

/** @throws {ConfigurationError} naming the option, what it should be and what it is. */
export function resolveOptions(options: unknown): ResolvedOptions {
  const result = v.safeParse(OptionsSchema, options ?? {})
  if (!result.success) throw new ConfigurationError(describe(result.issues[0]))

  const { me, posts, text, ...rest } = result.output
  validateGroups(rest.groups)
  return {
    ...rest,
    me: new URL(me),
    posts: (typeof posts === 'string' ? [posts] : posts).flatMap(withFolder),
    text: mergeTexts(text),
  }
}

/** Who names a folder means what is in it. */
function withFolder(glob: string): string[] {
  if (glob.endsWith('/')) return [`${glob}**`]
  const last = glob.split('/').at(-1) ?? ''
  return /[*?{}()[\]!]/.test(last) ? [glob] : [glob, `${glob}/**`]
}

function describe(issue: v.BaseIssue<unknown>): string {
  const name = v.getDotPath(issue) ?? 'options'
  const received = issue.received === 'undefined' ? 'nothing' : issue.received
  const isUnknown = issue.type === 'strict_object' && issue.expected === 'never'
  return isUnknown
    ? `Option "${name}" of eleventy-plugin-private-posts is not known. To do: correct or remove it.`
    : `Option "${name}" of eleventy-plugin-private-posts is ${received}: ${issue.message}. To do: correct it in your Eleventy configuration.`
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
