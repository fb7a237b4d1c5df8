import { issueCapabilityToken } from '../../lib/capability-url/capability-url.ts'
import { issueLinks, type BuildSight, type IssuedLinks } from '../../lib/ledger/issue.ts'
import type { Ledger, Link } from '../../lib/ledger/ledger.ts'
import { readPost } from '../../lib/post/post.ts'
import type { FrontMatter } from '../../lib/post/visibility.ts'

export const DAY = 24 * 60 * 60 * 1000
export const NOW = new Date('2026-12-01T12:00:00Z')
export const BOB = 'https://bob.example/'
export const CAROL = 'https://carol.example/'
export const MUM = 'mailto:mum@example.com'

/** A source file: its front matter and its text. */
export interface Source extends FrontMatter {
  readonly text?: string
}

/** Builds a site that consists of these files, private unless they say otherwise. */
export function build(
  ledger: Ledger,
  files: Readonly<Record<string, Source>>,
  sight: Partial<BuildSight> = {},
): IssuedLinks {
  const posts = Object.entries(files).map(([path, { text = path, ...data }]) => ({
    path,
    text,
    post: readPost(path, { visibility: 'private', ...data }, RULES),
  }))
  return issueLinks(ledger, {
    privatePosts: posts.flatMap(({ post, text }) => (post ? { post, fingerprint: text } : [])),
    publicPosts: new Map(posts.flatMap(({ path, post }) => (post ? [] : [[path, `/${path}/`]]))),
    exists: (path) => Object.hasOwn(files, path),
    now: NOW,
    mint: issueCapabilityToken,
    ...sight,
  })
}

const RULES = { groups: {}, isNamedPrivate: () => false }

/** Recipient, generation and fate of each link, for comparing. */
export function fates(links: readonly Link[] = []): string[] {
  return links.map(
    ({ recipient, generation, revoked }) =>
      `${recipient ?? 'anyone'} ${generation} ${revoked?.reason ?? 'live'}`,
  )
}

export function tokenOf(ledger: Ledger, postId: string, recipient: string | null): string {
  const links = ledger.posts[postId]?.links ?? []
  const live = links.filter((link) => link.recipient === recipient && !link.revoked)
  if (live.length !== 1 || !live[0]) throw new Error(`${live.length} live links for ${recipient}`)
  return live[0].token
}

export function allTokens({ posts }: Ledger): string[] {
  return Object.values(posts).flatMap(({ links }) => links.map(({ token }) => token))
}
