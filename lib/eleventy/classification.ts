import { refuseRolledOverExpiry } from '../post/expiry.ts'
import { foldWord } from '../post/look-alikes.ts'
import { namesIn } from '../post/known-recipients.ts'
import type { LinkedNames } from '../post/linked-names.ts'
import { readPost, type PrivatePost } from '../post/post.ts'
import { naturalPaths } from '../post/natural-path.ts'
import { postError } from '../post/post-error.ts'
import { privateValues } from '../post/private-values.ts'
import { withMarkedParent } from '../post/reply-markup.ts'
import type { HeadRules } from '../post/raw-head.ts'
import { isScript } from '../post/script-data.ts'
import { ConfigurationError } from '../web/errors.ts'
import { buildError } from './build-error.ts'
import type { BuildState, BuiltPost } from './build-state.ts'
import { noteDrafts } from './drafts-in-public.ts'
import { inputPathOf, type CascadeData } from './eleventy-config.ts'
import { hideTags, withTags } from './hidden-tags.ts'
import { isNamedPrivate } from './named-private.ts'
import type { ResolvedOptions } from './options.ts'
import { recipientData } from './recipient-data.ts'
import { secretRulesFor } from './secret-rules.ts'
import { refuseUnread } from './source-head.ts'
import { isRecord } from '../web/record.ts'

/** What a preprocessor changed in a template's data, kept so that the next build starts from the author's. */
const AUTHORS_DATA = Symbol('data as the author wrote it')
/** Data that decides privacy: a value computed later would come too late. */
const MUST_NOT_BE_COMPUTED = [
  'visibility',
  'private',
  'audience',
  'recipients',
  'access',
  'expires',
  'showAudience',
]

export interface ClassificationOptions {
  readonly options: ResolvedOptions
  /** Names of the collections that the site's configuration declares. */
  readonly isDeclaredCollection: (name: string) => boolean
  /** The source of a template, front matter included; `undefined` if it is no file. */
  readonly readSource: (path: string) => string | undefined
  /** The same, no further than its front matter may reach. */
  readonly readHead: (path: string) => string | undefined
  /** How the site's configuration wants front matter to be written. */
  readonly headRules: () => HeadRules
  /** Follows symbolic links. */
  readonly namesOf: LinkedNames
  /** Whether another preprocessor may have changed the data since it was looked at. */
  readonly mayHaveChanged: () => boolean
  /** Keys of the data of the whole site. */
  readonly globalKeys: () => ReadonlySet<string>
}

/**
 * Looks at one template's data before Eleventy makes anything of it. What cannot be read yet may be mended by a
 * preprocessor of the author's, and is judged by {@link classifyTemplate}.
 */
export function lookAtTemplate(
  state: BuildState,
  data: CascadeData,
  body: unknown,
  options: ClassificationOptions,
): void {
  try {
    findPrivatePost(state, data, body, options)
    state.lookedAt.add(data)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
  }
}

/**
 * Classifies one template after all other preprocessors, whatever the template language. A private one gets
 * the data of a private page; while the public site is built, it is left out.
 *
 * @returns `false` when the template must not be built now.
 * @throws {ConfigurationError} when the post cannot be classified.
 */
export function classifyTemplate(
  state: BuildState,
  data: CascadeData,
  body: unknown,
  options: ClassificationOptions,
): false | undefined {
  const path = inputPathOf(data.page.inputPath)
  const isKnown = state.lookedAt.has(data) && !options.mayHaveChanged()
  const built = isKnown ? state.posts.get(path) : findPrivatePost(state, data, body, options)
  if (!built && state.posts.has(path)) {
    throw buildError([
      `${path}: a preprocessor made this private post public while the site was being built. To do: write what decides on its visibility in its front matter or in a directory data file.`,
    ])
  }
  if (!built) {
    refuseUnread(path, sourceHead(path, body, options), data, headRules(options))
    if (!state.publicPosts.has(path)) state.publicPosts.set(path, '')
    state.publicData ??= data
    noteDrafts(state, path, data)
    state.templateData.set(path, data)
    return undefined
  }
  const { post } = built
  if (post.expires) refuseRolledOverExpiry(path, options.readSource(path))
  if (!state.isPublicSiteBuilt) {
    // A preprocessor made it private after its tags had been counted.
    if (data.collections) hideTags(data.collections, data['tags'], options.isDeclaredCollection)
    return false
  }
  exclude(state, built, data)
  return undefined
}

function findPrivatePost(
  state: BuildState,
  data: CascadeData,
  body: unknown,
  context: ClassificationOptions,
): BuiltPost | undefined {
  const { options, readSource, globalKeys, namesOf } = context
  restoreAuthorsData(data)
  const path = inputPathOf(data.page.inputPath)
  refuseComputed(path, data)
  const source = typeof body === 'string' ? body : (readSource(path) ?? '')
  const secrets = secretRulesFor(path, options)
  const head = () => sourceHead(path, body, context)
  const post = readPost(path, withMarkedParent(data, source, secrets), {
    me: options.me,
    isGlobal: (key) => globalKeys().has(key) && !hasKey(head() ?? '', key),
    groups: options.groups,
    recipients: options.recipients,
    secrets,
    isNamedPrivate: (file) =>
      namesOf(file).some((name) =>
        isNamedPrivate(name, state.event.directories.input, options.posts),
      ),
  })
  if (!post) return undefined
  refuseUnread(path, head(), data, headRules(context))
  refuseNamelessGate(post)
  return addPost(state, {
    ...{ post, data, body: source },
    values: privateValues(data, (key) => globalKeys().has(key)),
  })
}

/** The head of a source; of a script, all of it; of a virtual template, what Eleventy has of it. */
function sourceHead(
  path: string,
  body: unknown,
  { readHead, readSource }: ClassificationOptions,
): string | undefined {
  if (isScript(path)) return readSource(path)
  return readHead(path) ?? (typeof body === 'string' ? body : undefined)
}

function headRules({ headRules, options }: ClassificationOptions): HeadRules {
  return { ...headRules(), known: namesIn(options.groups, options.recipients) }
}

function addPost(
  state: BuildState,
  source: Pick<BuiltPost, 'post' | 'body' | 'data' | 'values'>,
): BuiltPost {
  const { post, data } = source
  const known = state.posts.get(post.path)
  const natural = naturalPaths(post.path, inputPathOf(state.event.directories.input), {
    permalink: data['permalink'],
    ...(post.title === undefined ? {} : { title: post.title }),
  })
  const built: BuiltPost = {
    number: known?.number ?? state.posts.size,
    ...source,
    naturalPaths: known?.naturalPaths ?? new Set(natural),
    pages: new Map(),
    files: new Map(),
  }
  state.posts.set(post.path, built)
  state.paths.set(built.number, post.path)
  return built
}

/** What a private page's layout finds in its data. */
function exclude(state: BuildState, { number, post }: BuiltPost, data: CascadeData): void {
  const ours = {
    eleventyExcludeFromCollections: true,
    eleventyNavigation: undefined,
    isPrivate: true,
    visibility: post.visibility,
    ...recipientData(state.placeholders, number, post),
  }
  const computed = Object.entries(
    isRecord(data['eleventyComputed']) ? data['eleventyComputed'] : {},
  )
  const theirs = Object.fromEntries(computed.filter(([key]) => !Object.hasOwn(ours, key)))
  overlay(data, { ...ours, eleventyComputed: theirs })
  data.collections = withTags(data.collections ?? {}, data['tags'])
}

function overlay(data: CascadeData, changes: Readonly<Record<string, unknown>>): void {
  const authors = Object.keys(changes).map((key) => [key, Object.hasOwn(data, key), data[key]])
  data[AUTHORS_DATA] = authors
  Object.assign(data, changes)
}

/** An incremental build hands over data that an earlier build has already changed. */
function restoreAuthorsData(data: CascadeData): void {
  const authors = data[AUTHORS_DATA] as [string, boolean, unknown][] | undefined
  if (!authors) return
  for (const [key, was, value] of authors) {
    if (was) data[key] = value
    else delete data[key]
  }
  delete data[AUTHORS_DATA]
}

function refuseComputed(path: string, data: CascadeData): void {
  const computed = data['eleventyComputed']
  if (!isRecord(computed)) return
  const names = new Map(MUST_NOT_BE_COMPUTED.map((name) => [foldWord(name), name]))
  const key = Object.keys(computed).find((name) => names.has(foldWord(name)))
  if (key === undefined) return
  throw postError(path, `eleventyComputed.${key}`, '(computed)', {
    problem: 'who may read a post must be known before anything is computed',
    remedy: `write "${names.get(foldWord(key))}" in the front matter or in a directory data file`,
  })
}

/** Whether the head of a source has a line with this key: what the site says of it, the post says too. */
function hasKey(head: string, key: string): boolean {
  return head.split('\n').some((line) => foldWord(line.split(/[:=]/)[0] ?? '') === foldWord(key))
}

/** The gate asks who is there; an unlisted post is for whoever has its link. */
function refuseNamelessGate({ path, visibility, access }: PrivatePost): void {
  if (visibility === 'private' || access === 'link') return
  throw postError(path, 'access', access, {
    problem: 'the gate asks who is there, and an unlisted post names nobody',
    remedy: 'write "visibility: private" and an audience, or remove the line',
  })
}
