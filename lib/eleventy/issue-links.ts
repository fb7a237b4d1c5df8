import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, posix, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import {
  issueLinks,
  markBuilt,
  type BuildSight,
  type IssuedLinks,
  type SeenPost,
} from '../ledger/issue.ts'
import { openLedgerFile } from '../ledger/ledger-file.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import { groupMembers } from '../post/audience.ts'
import type { BuildState, BuiltPost } from './build-state.ts'
import { inputPathOf, type BuildEvent } from './eleventy-config.ts'
import { isCi, type PluginEnvironment } from './environment.ts'
import type { ResolvedOptions } from './options.ts'
import { createMint } from './tokens.ts'

export interface BuildLinks extends IssuedLinks {
  /** Writes down that the pages of the links were written, and which pages are gone; returns the ledger that says so. */
  saveBuilt(gone: Readonly<Record<string, string>>): Promise<Ledger>
}

/** Brings the ledger in step with what this build saw, and tells it what the site is like. */
export async function issueBuildLinks(
  state: BuildState,
  { directories }: BuildEvent,
  options: ResolvedOptions,
  environment: PluginEnvironment,
  pathPrefix: string,
): Promise<BuildLinks> {
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
    input: posix.normalize(inputPathOf(directories.input)),
    output: posix.normalize(inputPathOf(directories.output)),
    tokens: options.tokens,
    exposure: options.exposure,
    onExposure: options.onExposure,
    gatePrefix: options.gatePrefix,
    paths: options.paths,
    address: options.address,
    protocols: options.protocols,
    recipients: options.recipients,
    fmtp: options.fmtp,
    indieauth: options.indieauth,
    profile: options.profile,
    policy: options.policy,
    invitations: options.invitations,
    auditExceptions: options.auditExceptions,
  }
  const store = openLedgerFile(resolve(environment.cwd, options.ledger))
  const sourceAt = (path: string) => kindOfSource(join(environment.cwd, path))
  // Before the ledger is locked: others must not wait while sources are read.
  const privatePosts = [...state.posts.values()].flatMap((built) =>
    seenPost(built, state, sourceAt),
  )
  const issued = await store.update(async (before) => {
    const result = issueLinks(before, {
      privatePosts,
      publicPosts: state.publicPosts,
      sourceAt,
      groups: groupMembers(options.groups, options.recipients),
      now: environment.now(),
      mint,
    })
    const ledger: Ledger = { ...result.ledger, site }
    return { ledger, result: { ...result, ledger } }
  })
  return {
    ...issued,
    async saveBuilt(gone) {
      const mark = (before: Ledger) => withGone(markBuilt(before, issued.built), gone)
      const ledger = mark(issued.ledger)
      if (isDeepStrictEqual(ledger, issued.ledger)) return ledger
      await store.update(async (now) => ({ ledger: mark(now), result: undefined }))
      return ledger
    },
  }
}

function withGone({ gone: _, ...ledger }: Ledger, gone: Readonly<Record<string, string>>): Ledger {
  return Object.keys(gone).length === 0 ? ledger : { ...ledger, gone: { ...gone } }
}

/** A file that was emptied is no post without a text and without readers: its author, or a tool, is about to write it. */
function seenPost(
  { post, body, pages }: BuiltPost,
  { event, drafts }: BuildState,
  sourceAt: BuildSight['sourceAt'],
): SeenPost[] {
  if (body.trim() === '' && sourceAt(post.path) === 'empty') return []
  const isUnchanged = event.incremental && !drafts.has(post.path)
  const page = pages.size > 0 ? 'written' : isUnchanged ? 'unchanged' : 'draft'
  return [{ post, fingerprint: fingerprint(post.path, body), page }]
}

function kindOfSource(file: string): ReturnType<BuildSight['sourceAt']> {
  try {
    return readFileSync(file, 'utf8').trim() === '' ? 'empty' : 'text'
  } catch {
    // What cannot be read, a folder too, is no source.
    return 'nothing'
  }
}

/** An empty body says nothing about which post it is. */
function fingerprint(path: string, body: string): string {
  const text = body.trim()
  return createHash('sha256')
    .update(text === '' ? `nothing in ${path}` : text)
    .digest('hex')
}
