import { issueCapabilityToken } from '../../lib/capability-url/capability-url.ts'
import {
  issueLinks,
  markBuilt,
  type BuildSight,
  type IssuedLinks,
  type SeenPost,
} from '../../lib/ledger/issue.ts'
import type { Ledger, Link } from '../../lib/ledger/ledger.ts'
import { groupMembers, type Groups } from '../../lib/post/audience.ts'
import { readPost } from '../../lib/post/post.ts'
import type { FrontMatter } from '../../lib/post/visibility.ts'

export const DAY = 24 * 60 * 60 * 1000
export const NOW = new Date('2026-12-01T12:00:00Z')
export const BOB = 'https://bob.example/'
export const CAROL = 'https://carol.example/'
export const MUM = 'mailto:mum@example.com'

/** A source file: its front matter and its text, and what the build makes of it. */
export interface Source extends FrontMatter {
  readonly text?: string
  readonly page?: SeenPost['page']
}

/** Builds a site that consists of these files, private unless they say otherwise, and writes all their pages. */
export function build(
  ledger: Ledger,
  files: Readonly<Record<string, Source>>,
  { options = {}, ...sight }: Partial<BuildSight> & { options?: { groups?: Groups } } = {},
): IssuedLinks {
  const posts = Object.entries(files).map(([path, { text = path, page = 'written', ...data }]) => ({
    path,
    text,
    page,
    post: readPost(path, { visibility: 'private', ...data }, { ...RULES, ...options }),
  }))
  const issued = issueLinks(ledger, {
    privatePosts: posts.flatMap(({ post, text, page }) =>
      post ? { post, fingerprint: text, page } : [],
    ),
    publicPosts: new Map(posts.flatMap(({ path, post }) => (post ? [] : [[path, `/${path}/`]]))),
    sourceAt: (path) => (Object.hasOwn(files, path) ? 'text' : 'nothing'),
    groups: groupMembers(options.groups ?? {}, {}),
    now: NOW,
    mint: issueCapabilityToken,
    ...sight,
  })
  return { ...issued, ledger: markBuilt(issued.ledger, issued.built) }
}

const RULES = { me: new URL('https://alice.example/'), groups: {}, isNamedPrivate: () => false }

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
