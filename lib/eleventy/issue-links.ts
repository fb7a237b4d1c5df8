import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, posix, resolve } from 'node:path'
import { issueLinks, type IssuedLinks } from '../ledger/issue.ts'
import { openLedgerFile } from '../ledger/ledger-file.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import type { BuildState } from './build-state.ts'
import { inputPathOf, type BuildEvent } from './eleventy-config.ts'
import { isCi, type PluginEnvironment } from './environment.ts'
import type { ResolvedOptions } from './options.ts'
import { createMint } from './tokens.ts'

/** Brings the ledger in step with what this build saw, and tells it what the site is like. */
export async function issueBuildLinks(
  state: BuildState,
  { directories }: BuildEvent,
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
    input: posix.normalize(inputPathOf(directories.input)),
    output: posix.normalize(inputPathOf(directories.output)),
    tokens: options.tokens,
    exposure: options.exposure,
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
