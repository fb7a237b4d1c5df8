import { constants, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { isCapabilityToken } from '../capability-url/capability-url.ts'
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

export interface StampOptions {
  readonly output: string
  readonly prefix: string
  /** Live links by input path. */
  readonly live: ReadonlyMap<string, readonly Link[]>
}

/** Open files at a time: enough to keep the disk busy, far below any system's limit. */
const CONCURRENCY = 32
/** An hour: no site of the size that this is made for takes so long. */
const LONGEST_BUILD = 60 * 60 * 1000

/** Writes each post below each of its capability URLs, and nothing else of it anywhere. */
export async function stampPosts(
  state: BuildState,
  posts: readonly StampedPost[],
  options: StampOptions,
): Promise<number> {
  const byNumber = new Map([...state.posts.values()].map((built) => [built.number, built]))
  const copies = posts.flatMap((post) =>
    (options.live.get(post.built.post.path) ?? []).map((link) => ({ post, link })),
  )
  await inParallel(copies, ({ post, link }) => stampCopy(state, post, link, byNumber, options))
  return copies.length
}

/** Removes what stands under the prefix and is no live link: revoked ones, and rests of a broken build. */
export function removeDeadLinks(
  { output, prefix }: StampOptions,
  isLive: (token: string) => boolean,
  now: Date,
): void {
  const folder = join(output, prefix)
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    const isDead = isCapabilityToken(name.toLowerCase()) && !isLive(name)
    if (isDead || isLeftover(folder, name, now)) {
      rmSync(join(folder, name), { recursive: true, force: true })
    }
  }
}

/** The stand-in of a build that broke off; a young one belongs to a build that runs beside this one. */
function isLeftover(folder: string, name: string, now: Date): boolean {
  if (!/^uu[pnrm][0-9a-z]{23}$/.test(name)) return false
  const written = statSync(join(folder, name), { throwIfNoEntry: false })
  return written !== undefined && now.getTime() - written.mtimeMs > LONGEST_BUILD
}

async function stampCopy(
  state: BuildState,
  { built, attachments, notice }: StampedPost,
  link: Link,
  byNumber: ReadonlyMap<number, BuiltPost>,
  options: StampOptions,
): Promise<void> {
  const folder = join(options.output, options.prefix, link.token)
  const recipient = built.post.recipients.find(({ id }) => id === link.recipient)
  const noticeHtml = await notice(recipient)
  const kept = new Set<string>()

  for (const [below, { html }] of built.pages) {
    const page = state.placeholders.fill(html, (kind, number) => {
      if (kind === 'page') return tokenOf(number)
      if (kind === 'notice') return noticeHtml
      return escapeHtml((kind === 'name' ? recipient?.name : recipient?.url?.href) ?? '')
    })
    if (state.placeholders.isLeftIn(page)) {
      state.problems.push(
        `${built.post.path}: its layout changes "recipient" or the page's address with a filter, so that it cannot be filled in. To do: print {{ recipient.name }} and {{ recipient.url }} as they are.`,
      )
      return
    }
    kept.add(posix.join(below, 'index.html'))
    await writeIfChanged(join(folder, below, 'index.html'), page)
  }
  for (const { source, destination } of attachments) {
    kept.add(destination)
    await copyIfChanged(source, join(folder, destination))
  }
  for (const [destination, bytes] of built.files) {
    kept.add(destination)
    await writeIfChanged(join(folder, destination), bytes)
  }
  removeExcept(folder, kept)

  /** The token by which this recipient may read the post with that number. */
  function tokenOf(number: number): string {
    if (number === built.number) return link.token
    const other = byNumber.get(number)
    const links = other ? (options.live.get(other.post.path) ?? []) : []
    const theirs = links.find(
      ({ recipient: id }) => id === link.recipient || other?.post.visibility === 'unlisted',
    )
    if (theirs) return theirs.token
    state.problems.push(
      `${built.post.path} links to ${other?.post.path ?? 'a private post'}, which ${link.recipient ?? 'not everybody who has its link'} may not read. To do: remove the link, or add the recipient to that post's audience.`,
    )
    return ''
  }
}

async function writeIfChanged(file: string, content: string | Buffer): Promise<void> {
  const bytes = Buffer.from(content)
  if (existsSync(file) && readFileSync(file).equals(bytes)) return
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, bytes)
}

async function copyIfChanged(source: string, file: string): Promise<void> {
  const original = statSync(source)
  if (existsSync(file)) {
    const copy = statSync(file)
    if (copy.size === original.size && copy.mtimeMs >= original.mtimeMs) return
  }
  await mkdir(dirname(file), { recursive: true })
  await copyFile(source, file, constants.COPYFILE_FICLONE)
}

/** What an earlier build put into the folder and this one did not. */
function removeExcept(folder: string, kept: ReadonlySet<string>): void {
  if (!existsSync(folder)) return
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = posix.relative(folder, posix.join(entry.parentPath, entry.name))
    if (!kept.has(path)) rmSync(join(folder, path))
  }
}

async function inParallel<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values()
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      for (const item of queue) await work(item)
    }),
  )
}
