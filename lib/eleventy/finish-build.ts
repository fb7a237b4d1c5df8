import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, resolve } from 'node:path'
import { issueLinks, type IssuedLinks } from '../ledger/issue.ts'
import { openLedgerFile } from '../ledger/ledger-file.ts'
import type { Ledger, SiteRecord } from '../ledger/ledger.ts'
import { auditBuild, describeFindings, type BuildAudit } from './audit-build.ts'
import {
  findAttachments,
  findWrittenAttachments,
  type Attachment,
  type AttachmentOptions,
} from './attachments.ts'
import type { BuildState, BuiltPost } from './build-state.ts'
import { isNamedPrivate } from './classification.ts'
import { inputPathOf, type AfterEvent } from './eleventy-config.ts'
import { takeDerivedMedia, type DerivedMediaOptions } from './derived-media.ts'
import { isCi, type PluginEnvironment } from './environment.ts'
import { redirectPages, writeHeaders, writeRedirects, type HostFileOptions } from './host-files.ts'
import { naturalPaths } from '../post/natural-path.ts'
import { noticeFor, type NoticeRenderer } from './notice.ts'
import type { ResolvedOptions } from './options.ts'
import { removePublicCopies } from './public-copies.ts'
import { ownLine } from './quiet-log.ts'
import { openStalePages, type StalePages } from './stale-pages.ts'
import { removeDeadLinks, stampPosts, type StampedPost } from './stamp.ts'
import { describeThirdParty } from './third-party-check.ts'
import { createMint } from './tokens.ts'
import { buildError } from './build-error.ts'

export interface FinishContext {
  readonly pathPrefix: string
  readonly renderNotice: (includes: string | undefined) => Promise<NoticeRenderer | undefined>
}

/** Issues links, stamps the copies out, writes the host's files, and searches the output for leaks. */
export async function finishBuild(
  state: BuildState,
  event: AfterEvent,
  options: ResolvedOptions,
  environment: PluginEnvironment,
  { pathPrefix, renderNotice }: FinishContext,
): Promise<void> {
  const output = posix.normalize(inputPathOf(event.directories.output))
  const input = posix.normalize(inputPathOf(event.directories.input))
  const paths = new Set(state.posts.keys())
  const stale = openStalePages(environment.cwd, output, event.results)
  stale.removeOf(
    paths,
    [...paths].flatMap((path) => naturalPaths(path, input)),
  )
  refuseThirdParty(state, options, output, pathPrefix)

  const { ledger, live, notes } = await issue(state, event, options, environment, pathPrefix)
  for (const note of notes) environment.print(ownLine(note, 'yellow'))

  const host: HostFileOptions = {
    output,
    prefix: options.prefix,
    pathPrefix,
    allowThirdParty: options.thirdParty !== 'error',
    netlify: options.netlify ?? hostIsNetlify(environment),
  }
  const redirects = redirectPages(ledger, host)
  const liveTokens = new Set([...live.values()].flat().map(({ token }): string => token))
  const stamping = { output, prefix: options.prefix, live }
  takeMedia(state, { output, prefix: options.prefix, pathPrefix, input })
  const attaching = attachmentRules(state, input, options, environment)
  const posts = prepare(state, attaching, options, await renderNotice(event.directories.includes))
  const copies = await stampPosts(state, posts, stamping)
  if (state.problems.length > 0) throw buildError(state.problems)

  const kept = new Set([...redirects.keys()].map((path) => path.split('/').at(-2)))
  const isKept = (name: string) => liveTokens.has(name) || kept.has(name)
  removeDeadLinks(stamping, isKept, environment.now())
  for (const [path, html] of redirects) writePage(join(output, path), html)
  writeHeaders(host)
  writeRedirects(ledger, host)
  const attached = [
    ...posts.flatMap(({ attachments }) => attachments),
    ...[...state.posts.values()].flatMap((built) => attachmentsOfUnrendered(built, attaching)),
  ].map(({ source }) => source)
  removePublicCopies(output, options.prefix, input, new Set(attached))
  await refuseLeaks(state, stale, {
    ...{ cwd: environment.cwd, input, output, options, ledger, now: environment.now() },
    attachments: attached,
  })
  report(state, copies, environment)
}

/**
 * Fails the build when anything private is public. What an earlier build left behind is removed
 * first: after a post became private, the lists that named it may not have been built again.
 */
async function refuseLeaks(state: BuildState, stale: StalePages, audit: BuildAudit): Promise<void> {
  const first = await auditBuild(state, audit)
  const removed = stale.removeAmong(first.files)
  const { findings } = removed.length > 0 ? await auditBuild(state, audit) : first
  stale.save()
  if (removed.length > 0) {
    state.warnings.push(
      `${removed.length} page${removed.length === 1 ? '' : 's'} of an earlier build still told of a private post and ${removed.length === 1 ? 'was' : 'were'} removed. The next full build writes what is still needed.`,
    )
  }
  if (findings.length > 0) {
    throw buildError([
      ...describeFindings(findings),
      'To do: do not deploy this folder; remove what names the post, and build again. If one of these is no leak, say why under "auditExceptions" in the options of the plugin.',
    ])
  }
}

function refuseThirdParty(
  state: BuildState,
  { thirdParty }: ResolvedOptions,
  output: string,
  pathPrefix: string,
): void {
  if (thirdParty === 'allow') return
  const found = describeThirdParty(state, output, pathPrefix)
  if (thirdParty === 'warn') state.warnings.push(...found)
  else if (found.length > 0) {
    const remedy = `To do: keep a copy on your own site, leave it out where "isPrivate" is set, or set the option thirdParty: 'warn'.`
    throw buildError(
      found.map((sentence) => `${sentence}, would learn when a recipient reads. ${remedy}`),
    )
  }
}

async function issue(
  state: BuildState,
  event: AfterEvent,
  options: ResolvedOptions,
  environment: PluginEnvironment,
  pathPrefix: string,
): Promise<IssuedLinks> {
  const mint = createMint(
    options.tokens,
    {
      isCi: isCi(environment),
      ledgerPersists: environment.variables['PRIVATE_POSTS_LEDGER_PERSISTS'] === 'true',
      secret: environment.variables['PRIVATE_POSTS_SECRET'],
    },
    options.ledger,
  )
  const site: SiteRecord = {
    me: options.me.href,
    posts: [...options.posts],
    prefix: options.prefix,
    pathPrefix,
    input: posix.normalize(inputPathOf(event.directories.input)),
    output: posix.normalize(inputPathOf(event.directories.output)),
    tokens: options.tokens,
    exposure: options.exposure,
    auditExceptions: options.auditExceptions,
  }
  const store = openLedgerFile(resolve(environment.cwd, options.ledger))
  return store.update(async (before) => {
    const issued = issueLinks(before, {
      privatePosts: [...state.posts.values()].map(({ post, body }) => ({
        post,
        fingerprint: fingerprint(post.path, body),
      })),
      publicPosts: state.publicPosts,
      exists: (path) => existsSync(join(environment.cwd, path)),
      now: environment.now(),
      mint,
    })
    const ledger: Ledger = { ...issued.ledger, site }
    return { ledger, result: { ...issued, ledger } }
  })
}

/** An empty body says nothing about which post it is. */
function fingerprint(path: string, body: string): string {
  const text = body.trim()
  return createHash('sha256')
    .update(text === '' ? `nothing in ${path}` : text)
    .digest('hex')
}

function attachmentRules(
  state: BuildState,
  input: string,
  options: ResolvedOptions,
  { cwd }: PluginEnvironment,
): AttachmentOptions {
  const ledger = resolve(cwd, options.ledger)
  return {
    input,
    isNamedPrivate: (path) => isNamedPrivate(path, input, options.posts),
    isForbidden: (path) => resolve(cwd, path).startsWith(ledger),
    isTemplate: (path) => state.posts.has(path) || state.publicPosts.has(path),
  }
}

/** A post without a page, such as a gated one, has files beside it all the same. */
function attachmentsOfUnrendered(
  { post, body, pages }: BuiltPost,
  attaching: AttachmentOptions,
): readonly Attachment[] {
  return pages.size > 0 ? [] : findWrittenAttachments(post.path, body, attaching)
}

function prepare(
  state: BuildState,
  attaching: AttachmentOptions,
  options: ResolvedOptions,
  renderPartial: NoticeRenderer | undefined,
): StampedPost[] {
  const prepared: StampedPost[] = []
  for (const built of state.posts.values()) {
    const [page] = built.pages.values()
    if (!page) continue
    prepared.push({
      built,
      attachments: attach(built, attaching),
      notice: (recipient) =>
        noticeFor(
          built.post,
          recipient,
          page.language,
          options.text,
          renderPartial,
          page.linksParent,
        ),
    })
  }
  return prepared
}

/** Takes what image plugins made of private pictures out of the public output. */
function takeMedia(state: BuildState, options: DerivedMediaOptions): void {
  const keys = [...state.posts.values()].flatMap((built) =>
    [...built.pages].map(([below, page]) => ({ built, below, page })),
  )
  const taken = takeDerivedMedia(new Map(keys.map((key) => [key, key.page.html])), options)
  for (const [{ built, below, page }, { html, files }] of taken) {
    built.pages.set(below, { ...page, html })
    for (const { destination, bytes } of files) {
      built.files.set(posix.join(below, destination), bytes)
    }
  }
}

/** Finds the files of all of a post's pages, and lets the pages refer to their new places. */
function attach(built: BuiltPost, attaching: AttachmentOptions): readonly Attachment[] {
  const attachments = new Map<string, Attachment>()
  for (const [below, page] of built.pages) {
    const { html } = findAttachments(built.post.path, page.html, attaching, attachments)
    built.pages.set(below, { ...page, html })
  }
  return [...attachments.values()]
}

function hostIsNetlify({ cwd, variables }: PluginEnvironment): boolean | undefined {
  if (variables['NETLIFY'] === 'true') return true
  if (variables['GITHUB_ACTIONS'] === 'true') return false
  return existsSync(join(cwd, 'netlify.toml')) ? true : undefined
}

function report(state: BuildState, copies: number, environment: PluginEnvironment): void {
  for (const warning of new Set(state.warnings)) environment.print(ownLine(warning, 'yellow'))
  const gated = [...state.posts.values()].filter(({ post }) => post.access === 'gate').length
  if (gated > 0) {
    environment.print(
      ownLine(
        `${gated} post${gated === 1 ? '' : 's'} with "access: gate" left out of the output: the gate needs Netlify Functions.`,
        'yellow',
      ),
    )
  }
  const posts = [...state.posts.values()].filter(({ pages }) => pages.size > 0).length
  if (posts === 0) return
  environment.print(
    ownLine(
      `${posts} private post${posts === 1 ? '' : 's'}, ${copies} link${copies === 1 ? '' : 's'}. See them with: private-posts links`,
    ),
  )
}

function writePage(file: string, html: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, html)
}
