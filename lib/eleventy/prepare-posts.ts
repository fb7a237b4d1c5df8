import { posix, resolve } from 'node:path'
import {
  findAttachments,
  findWrittenAttachments,
  type Attachment,
  type AttachmentOptions,
} from './attachments.ts'
import type { BuildState, BuiltPost } from './build-state.ts'
import { isNamedPrivate } from './classification.ts'
import { stateFolderOf } from '../ledger/state-folder.ts'
import { takeDerivedMedia, type DerivedMediaOptions } from './derived-media.ts'
import type { PluginEnvironment } from './environment.ts'
import type { StampedPost } from './fill-copy.ts'
import { noticeFor, type NoticeRenderer } from './notice.ts'
import type { ResolvedOptions } from './options.ts'

/** What may go with a post, and what must never leave the sources. */
export function attachmentRules(
  state: BuildState,
  input: string,
  options: ResolvedOptions,
  { cwd }: PluginEnvironment,
): AttachmentOptions {
  const ours = [options.ledger, stateFolderOf(options.ledger)].map((path) => resolve(cwd, path))
  return {
    input,
    isNamedPrivate: (path) => isNamedPrivate(path, input, options.posts),
    isForbidden: (path) => ours.some((own) => resolve(cwd, path).startsWith(own)),
    isTemplate: (path) => state.posts.has(path) || state.publicPosts.has(path),
  }
}

/**
 * What a post's source refers to, where its pages do not tell all: a post that this build did not render
 * has none, and of a gated one nothing may be public, even if no page shows it.
 */
export function writtenAttachments(
  { post, body, pages }: BuiltPost,
  attaching: AttachmentOptions,
): readonly Attachment[] {
  const isTold = pages.size > 0 && post.access === 'link'
  return isTold ? [] : findWrittenAttachments(post.path, body, attaching)
}

/** Rendered posts, with the files that go with them and the notice for each of their readers. */
export function preparePosts(
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
export function takeMedia(state: BuildState, options: DerivedMediaOptions): void {
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
