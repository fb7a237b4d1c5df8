import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { isCapabilityToken } from '../capability-url/capability-url.ts'
import type { Link } from '../ledger/ledger.ts'
import type { BuildState } from './build-state.ts'
import { fillCopy, type Readership, type StampedPost } from './fill-copy.ts'
import { coverPrefix, isCover } from './folder-covers.ts'

export interface StampOptions extends Readership {
  readonly output: string
  readonly prefix: string
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
  const copies = posts
    .filter(({ built }) => built.post.access === 'link')
    .flatMap((post) =>
      (options.live.get(post.built.post.path) ?? []).map((link) => ({ post, link })),
    )
  if (copies.length > 0) coverPrefix(options)
  await inParallel(copies, ({ post, link }) => stampCopy(state, post, link, options))
  return copies.length
}

/** Removes what stands under the prefix and is no live link. */
export function removeDeadLinks(
  { output, prefix }: Pick<StampOptions, 'output' | 'prefix'>,
  isLive: (token: string) => boolean,
): void {
  const folder = join(output, prefix)
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    const isDead = isCapabilityToken(name.toLowerCase()) && !isLive(name)
    if (isDead) rmSync(join(folder, name), { recursive: true, force: true })
  }
}

/** Removes what a broken build left in a folder where private posts are built. */
export function removeLeftovers(folder: string, now: Date): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    if (isLeftover(folder, name, now)) rmSync(join(folder, name), { recursive: true, force: true })
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
  post: StampedPost,
  link: Link,
  options: StampOptions,
): Promise<void> {
  const pages = await fillCopy(state, post, link, options)
  if (!pages) return
  const folder = openCopyFolder(join(options.output, options.prefix, link.token))
  for (const [below, html] of pages) folder.write(posix.join(below, 'index.html'), html)
  for (const { source, destination } of post.attachments) folder.copy(source, destination)
  for (const [destination, bytes] of post.built.files) folder.write(destination, bytes)
  folder.removeOthers()
}

/** The folder of one link, which is mostly new: then there is nothing in it to compare with, or to remove. */
function openCopyFolder(folder: string) {
  const isNew = mkdirSync(folder, { recursive: true }) !== undefined
  const folders = new Set([folder])
  const kept = new Set<string>()
  return {
    /** Leaves the file alone if it says the same. */
    write(destination: string, content: string | Buffer): void {
      const file = place(destination)
      const isSame = !isNew && existsSync(file) && readFileSync(file).equals(Buffer.from(content))
      if (!isSame) writeFileSync(file, content)
    },

    copy(source: string, destination: string): void {
      const file = place(destination)
      if (!isNew && isSameCopy(source, file)) return
      copyFileSync(source, file, constants.COPYFILE_FICLONE)
    },

    removeOthers(): void {
      if (!isNew) removeExcept(folder, kept)
    },
  }

  function place(destination: string): string {
    kept.add(destination)
    const file = join(folder, destination)
    if (!folders.has(dirname(file))) mkdirSync(dirname(file), { recursive: true })
    folders.add(dirname(file))
    return file
  }
}

function isSameCopy(source: string, file: string): boolean {
  const copy = statSync(file, { throwIfNoEntry: false })
  const original = statSync(source)
  return copy?.size === original.size && copy.mtimeMs >= original.mtimeMs
}

/** What an earlier build put into the folder and this one did not, save covers. */
function removeExcept(folder: string, kept: ReadonlySet<string>): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = posix.relative(folder, posix.join(entry.parentPath, entry.name))
    if (!kept.has(path) && !isCover(join(folder, path))) rmSync(join(folder, path))
  }
}

export async function inParallel<Item>(
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
