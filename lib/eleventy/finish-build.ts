import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, resolve } from 'node:path'
import type { GateRegister } from '../gate/register.ts'
import { UNKNOWN_POST } from '../leak-audit/finding.ts'
import { listOutputFiles } from '../leak-audit/output-files.ts'
import { naturalPaths } from '../post/natural-path.ts'
import { TARGETS_FILE } from '../webmention/targets.ts'
import { describeUnsearchable } from '../leak-audit/leak-sentences.ts'
import { auditBuild, type BuildAudit } from './audit-build.ts'
import type { BuildState, BuiltPost } from './build-state.ts'
import { buildError } from './build-error.ts'
import { writeDeployFiles } from './deploy-build.ts'
import { isExpired, markBuilt } from '../ledger/issue.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { deployFolderOf } from '../ledger/state-folder.ts'
import { countText } from '../web/count-text.ts'
import { openDeployOutput } from './deploy-output.ts'
import { refuseEndpointPages } from './endpoint-pages.ts'
import { inputPathOf, type AfterEvent, type BuildEvent } from './eleventy-config.ts'
import { isRunByNetlify, type PluginEnvironment } from './environment.ts'
import type { Readership } from './fill-copy.ts'
import { coverFolders } from './folder-covers.ts'
import { hostIsNetlify, requireGate, siteOfBuild } from './gate-host.ts'
import { narrowRegister, writeGatedCopies } from './gated-copies.ts'
import { redirectPages, writeHeaders, writeRedirects, type HostFileOptions } from './host-files.ts'
import { issueBuildLinks } from './issue-links.ts'
import { toldIn, type ToldAddresses } from './gone-addresses.ts'
import { readTold } from './told-file.ts'
import type { Mention } from './mention-list.ts'
import type { NoticeRenderer } from './notice.ts'
import type { ResolvedOptions } from './options.ts'
import { attachmentRules, preparePosts, readMarkedAnswers } from './prepare-posts.ts'
import { ownLine, printWarnings } from './quiet-log.ts'
import { sortMedia } from './sort-media.ts'
import { openStalePages, type StalePages } from './stale-pages.ts'
import { removeDeadLinks, removeLeftovers, stampPosts } from './stamp.ts'
import { writeStaticKeys } from './static-keys.ts'
import { describeUnmatchedExceptions } from './unmatched-globs.ts'
import { findOwnHosts } from './own-hosts.ts'
import { followRenames } from './renamed-assets.ts'
import type { PageSources } from './content-policy.ts'
import { takeBack } from './take-back.ts'
import { openPolicies } from './third-party-check.ts'

export interface FinishContext {
  readonly pathPrefix: string
  /** A plugin that renames files after Eleventy has written them. */
  readonly bundler: string | undefined
  /** Those that layouts were given. */
  readonly mentions: readonly Mention[]
  readonly renderNotice: (includes: string | undefined) => Promise<NoticeRenderer | undefined>
}

/**
 * Issues links, stamps the copies out, writes the host's files, searches the output for leaks, and writes
 * what travels with the deploy.
 */
export async function finishBuild(
  state: BuildState,
  event: AfterEvent,
  options: ResolvedOptions,
  environment: PluginEnvironment,
  { pathPrefix, bundler, mentions, renderNotice }: FinishContext,
): Promise<void> {
  const output = posix.normalize(inputPathOf(event.directories.output))
  const input = posix.normalize(inputPathOf(event.directories.input))
  const { prefix, gatePrefix } = options
  const paths = new Set(state.posts.keys())
  const stale = openStalePages(environment.cwd, output, event.results)
  stale.removeOf(
    paths,
    [...paths].flatMap((path) => naturalPaths(path, input)),
  )
  requireGate(state, options, environment)
  followRenames(state, event, { output, pathPrefix, options })
  const sources = limitThirdParty(state, options, environment, { output, pathPrefix })
  warnOfLostLedger(options, environment)
  warnOfPath(state, options, pathPrefix)

  readMarkedAnswers(state, options)
  const { ledger, notes, built, saveBuilt, ...readership } = await issueBuildLinks(
    state,
    event,
    options,
    environment,
    pathPrefix,
  )
  if (ledger.site) {
    const { results } = event
    refuseEndpointPages({ options, environment, settings: ledger.site, output, results })
    await writeStaticKeys({ options, environment, settings: ledger.site, output })
  }
  for (const note of notes) environment.print(ownLine(note, 'yellow'))
  const deploy = openDeployOutput(deployFolder(options, environment), environment.now)
  const before = await narrowRegister(state, readership, deploy)

  const host: HostFileOptions = {
    output,
    prefix,
    pathPrefix,
    sources,
    netlify: hostIsNetlify(options, environment),
  }
  const redirects = redirectPages(ledger, host)
  const stamping = { output, prefix, ...readership }
  const attaching = attachmentRules(state, input, options, environment)
  const places = { output, input, pathPrefix, bundler, stale, attaching }
  const media = sortMedia(state, event, options, environment, places)
  if (state.problems.length > 0) throw buildError(state.problems)
  const renderPartial = await renderNotice(event.directories.includes)
  const posts = preparePosts(state, media.files, options, renderPartial)
  media.warn()
  const copies = await stampPosts(state, posts, stamping)
  const register = await writeGatedCopies(state, posts, readership, { deploy, before })
  if (state.problems.length > 0) throw buildError(state.problems)

  const kept = new Set([...redirects.keys()].map((path) => path.split('/').at(-2)))
  const live = liveTokens(readership)
  removeDeadLinks(stamping, (name) => live.has(name) || kept.has(name))
  for (const folder of [prefix, gatePrefix]) {
    removeLeftovers(join(output, folder), environment.now())
  }
  for (const [path, html] of redirects) writePage(join(output, path), html)
  const takenBack = takeBack(markBuilt(ledger, built), toldAddresses(ledger, environment), {
    ...{ cwd: environment.cwd, host, gatePrefix, stale, now: environment.now() },
    isComplete: !event.incremental && (event.runMode ?? 'build') === 'build',
  })
  coverFolders(stamping)
  writeHeaders(host)
  writeRedirects(ledger, takenBack.rules, host)
  await refuseLeaks(state, stale, {
    ...{ cwd: environment.cwd, input, output, options, ledger, now: environment.now() },
    attachments: media.attached(posts),
    sites: [options.me, siteOfBuild(pathPrefix, options, environment)],
    deployFolder: deploy.folder,
    results: event.results,
    pages: stale.pages(event.incremental),
  })

  const saved = await saveBuilt(takenBack.pages)
  const made = { output, register, readership, ledger: saved, takenBack, deploy, pathPrefix }
  await writeDeployFiles(state, event, { ...made, mentions }, options, environment)
  report(state, { copies, register }, environment)
}

function deployFolder({ ledger }: ResolvedOptions, { cwd }: PluginEnvironment): string {
  return deployFolderOf(resolve(cwd, ledger))
}

/** What this build's ledger knows, and the one that the functions keep on Netlify. */
function toldAddresses(ledger: Ledger, environment: PluginEnvironment): readonly ToldAddresses[] {
  const elsewhere = isRunByNetlify(environment) ? readTold(environment.cwd) : undefined
  return [...(elsewhere ? [elsewhere] : []), toldIn(ledger)]
}

/** Tokens that open a page of the output. */
function liveTokens({ live, gates }: Readership): Set<string> {
  const links = [...live].filter(([path]) => !gates.has(path)).flatMap(([, some]) => some)
  return new Set(links.map(({ token }) => token))
}

/** Who writes to `alice@alice.example` asks that host, and knows of no path below it. */
function warnOfPath(state: BuildState, { address }: ResolvedOptions, pathPrefix: string): void {
  if (address === undefined || pathPrefix === '/') return
  state.warnings.push(
    `Option "address": the site lies at ${pathPrefix}, and intertalk and FMTP know nothing but hosts: they are off. To do: move the site to the root of a host, or remove the option.`,
  )
}

/** Without its ledger, a site gives everybody another link, and nobody would know why. */
function warnOfLostLedger(options: ResolvedOptions, environment: PluginEnvironment): void {
  const { ledger, tokens } = options
  const { cwd, print } = environment
  if (tokens === 'derived' || existsSync(resolve(cwd, ledger))) return
  if (!existsSync(join(deployFolder(options, environment), TARGETS_FILE))) return
  const text = `${ledger} is gone, although this site was built before: every private link is a new one now, the old ones stop working with the next deploy, and nobody knows any more who was told what. To do: if you did not mean this, restore it from your version control and build again.`
  print(ownLine(text, 'yellow'))
}

/**
 * Fails the build when anything private is public. What an earlier build left behind is removed
 * first: after a post became private, the lists that named it may not have been built again.
 */
async function refuseLeaks(state: BuildState, stale: StalePages, audit: BuildAudit): Promise<void> {
  const first = await auditBuild(state, audit)
  const removed = stale.removeAmong(first.files)
  const { findings, sentences, unsearchable } =
    removed.length > 0 ? await auditBuild(state, audit) : first
  stale.save()
  state.warnings.push(...describeUnsearchable(unsearchable))
  if (removed.length > 0) state.warnings.push(describeRemoved(removed, state.event))
  const unmatched = await unmatchedExceptions(state, audit)
  if (findings.length === 0 && unmatched.length > 0) throw buildError(unmatched)
  if (findings.length > 0) {
    throw buildError([
      ...sentences,
      ...unmatched,
      'To do: do not deploy this folder; take the link, the quotation or the name out of the public source, or make the post public, and build again. If one of these is no leak, say why under "auditExceptions" in the options of the plugin.',
    ])
  }
}

/** @param sources Of each page that was removed. */
function describeRemoved(sources: readonly string[], { incremental }: BuildEvent): string {
  const from = [...new Set(sources)].join(', ')
  const removed = `Removed ${countText(sources.length, 'page')} that told of a private post, made by an earlier build from ${from}`
  return incremental
    ? `${removed}. An incremental build does not make such pages again, so that the output lacks them now. To do: build again without --incremental.`
    : `${removed}, and not by this one.`
}

/** A server of Eleventy's own copies no files, and an incremental build tells only of what is new. */
async function unmatchedExceptions(
  { event, posts, publicPosts }: BuildState,
  { cwd, output, options, ledger, attachments }: BuildAudit,
): Promise<string[]> {
  if (event.incremental || (event.runMode ?? 'build') !== 'build') return []
  const recorded = Object.values(ledger.posts).map(({ path }) => path)
  return describeUnmatchedExceptions(
    options.auditExceptions,
    () => listOutputFiles(resolve(cwd, output)),
    [...posts.keys(), ...publicPosts.keys(), ...recorded, ...attachments, UNKNOWN_POST],
  )
}

/** Opens the content policy for what private pages load from elsewhere, or stops the build because of it. */
function limitThirdParty(
  state: BuildState,
  { thirdParty, me }: ResolvedOptions,
  { variables }: PluginEnvironment,
  place: { readonly output: string; readonly pathPrefix: string },
): PageSources {
  if (state.posts.size === 0) return new Map()
  const own = findOwnHosts({ ...place, me, variables, addresses: state.siteAddresses })
  const { sentences, sources } = openPolicies(state, { ...place, site: me, own })
  if (thirdParty === 'warn') state.warnings.push(...sentences)
  if (thirdParty === 'error' && sentences.length > 0) {
    throw buildError([
      ...sentences,
      `To do: keep a copy on your own site, leave it out where "isPrivate" is set, write a link in the place of a frame, or set the option thirdParty: 'warn'.`,
    ])
  }
  return sources
}

function report(
  state: BuildState,
  { copies, register }: { readonly copies: number; readonly register: GateRegister },
  environment: PluginEnvironment,
): void {
  printWarnings(state.warnings, environment)
  const readable = [...state.posts.values()].filter(
    ({ post }) => !isExpired(post, environment.now()),
  )
  const alone = readable.filter(({ post }) => post.isOnlyMe).length
  if (alone > 0) {
    const [have, them] = alone === 1 ? ['has', 'it'] : ['have', 'them']
    environment.print(
      ownLine(
        `${countText(alone, 'private post')} ${have} no audience: only you can read ${them}. See your links with: private-posts links`,
      ),
    )
  }
  const isOpen = ({ post, pages }: BuiltPost) => post.access === 'link' && pages.size > 0
  const open = readable.filter(isOpen).length
  if (open > 0) {
    environment.print(
      ownLine(
        `${countText(open, 'private post')}, ${countText(copies, 'link')}. See them with: private-posts links`,
      ),
    )
  }
  const drafts = state.drafts.size
  if (drafts > 0) {
    environment.print(
      ownLine(`${countText(drafts, 'private draft')} without a page: no link, and nobody is told.`),
    )
  }
  const gated = Object.values(register.posts)
  if (gated.length === 0) return
  const readers = new Set(gated.flatMap((post) => post.readers.map(({ id }) => id))).size
  environment.print(
    ownLine(
      `${countText(gated.length, 'gated post')}, ${countText(readers, 'reader')}, none of it in the output. Invitations for those who cannot sign in: private-posts links`,
    ),
  )
}

function writePage(file: string, html: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, html)
}
