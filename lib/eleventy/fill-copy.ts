import type { Link } from '../ledger/ledger.ts'
import type { Recipient } from '../post/audience.ts'
import type { Attachment } from './attachments.ts'
import type { BuildState, BuiltPost } from './build-state.ts'
import { escapeHtml } from './notice.ts'

/** A rendered post with everything that its copies need. */
export interface StampedPost {
  readonly built: BuiltPost
  readonly attachments: readonly Attachment[]
  /** The notice on the copy for `recipient`. */
  readonly notice: (recipient: Recipient | undefined) => Promise<string>
}

/** Who may read what, by input path. */
export interface Readership {
  /** Live links; of a gated post, the invitations of its readers. */
  readonly live: ReadonlyMap<string, readonly Link[]>
  /** Names of gated posts below the gate's prefix. */
  readonly gates: ReadonlyMap<string, string>
}

/**
 * Fills in a post's pages for one of its readers: their name, and the addresses of what else they may
 * read. Problems go into the build's state.
 *
 * @returns The pages by their path below the post, or `undefined` if there was a problem.
 */
export async function fillCopy(
  state: BuildState,
  { built, notice }: StampedPost,
  link: Link,
  { live, gates }: Readership,
): Promise<ReadonlyMap<string, string> | undefined> {
  const recipient = built.post.recipients.find(({ id }) => id === link.recipient)
  const noticeHtml = await notice(recipient)
  const filled = new Map<string, string>()

  for (const [below, { html }] of built.pages) {
    const page = state.placeholders.fill(html, (kind, number) => {
      if (kind === 'page') return nameOf(number)
      if (kind === 'notice') return noticeHtml
      return escapeHtml((kind === 'name' ? recipient?.name : recipient?.url?.href) ?? '')
    })
    if (state.placeholders.isLeftIn(page)) {
      state.problems.push(
        `${built.post.path}: its layout changes "recipient" or the page's address with a filter, so that it cannot be filled in. To do: print {{ recipient.name }} and {{ recipient.url }} as they are.`,
      )
      return undefined
    }
    filled.set(below, page)
  }
  return filled

  /** What the post with that number is called in an address that this reader may use. */
  function nameOf(number: number): string {
    const isOwn = number === built.number
    const other = isOwn ? built : state.posts.get(state.paths.get(number) ?? '')
    const { path = '', visibility } = other?.post ?? {}
    const theirs = isOwn
      ? link
      : live
          .get(path)
          ?.find(({ recipient: id }) => id === link.recipient || visibility === 'unlisted')
    if (theirs) return gates.get(path) ?? theirs.token
    if (other?.post.recipients.some(({ id }) => id === link.recipient)) {
      const problem = `${built.post.path} links to ${path}, to which one of its readers has no link: they joined a group after it was written, or you took their link back. To do: private-posts share ${path} <recipient> (or rotate), or remove the link.`
      if (!state.problems.includes(problem)) state.problems.push(problem)
      return ''
    }
    state.problems.push(
      `${built.post.path} links to ${other ? path : 'a private post'}, which not everybody who may read the first may read. To do: remove the link, or give both the same audience.`,
    )
    return ''
  }
}
