import { resolve } from 'node:path'
import { findWrittenAttachments, type AttachmentOptions } from './attachments.ts'
import type { BuildState, BuiltPost } from './build-state.ts'
import { withMarkedAnswer } from '../post/marked-answer.ts'
import { isNamedPrivate } from './named-private.ts'
import { stateFolderOf } from '../ledger/state-folder.ts'
import type { PluginEnvironment } from './environment.ts'
import type { StampedPost } from './fill-copy.ts'
import { noticeFor, type NoticeRenderer } from './notice.ts'
import type { ResolvedOptions } from './options.ts'
import { attachFiles, type PageFilesOptions } from './page-files.ts'

/** Adds to each post what its page answers by its markup: before anybody gets a link. */
export function readMarkedAnswers({ posts }: BuildState, { recipients }: ResolvedOptions): void {
  for (const [path, built] of posts) {
    const answer = built.pages.get('')?.answer
    if (answer)
      posts.set(path, { ...built, post: withMarkedAnswer(built.post, answer, recipients) })
  }
}

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
    folders: new Map(),
  }
}

/** Sources of the files that a post's text refers to, or that lie in a folder that it has for itself. */
export function writtenAttachments(
  { post, body }: BuiltPost,
  attaching: AttachmentOptions,
): readonly string[] {
  return findWrittenAttachments(post.path, body, attaching).map(({ source }) => source)
}

/** Rendered posts, with the files that go with them and the notice for each of their readers. */
export function preparePosts(
  state: BuildState,
  files: (built: BuiltPost) => PageFilesOptions,
  options: ResolvedOptions,
  renderPartial: NoticeRenderer | undefined,
): StampedPost[] {
  const prepared: StampedPost[] = []
  for (const built of state.posts.values()) {
    const [page] = built.pages.values()
    if (!page) continue
    prepared.push({
      built,
      attachments: attachFiles(built, files(built)),
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
