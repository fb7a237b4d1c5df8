import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, posix } from 'node:path'
import { invitationHash } from '../gate/invitation-rule.ts'
import {
  GATE_REGISTER,
  parseGateRegister,
  type GatedPost,
  type GateReader,
  type GateRegister,
} from '../gate/register.ts'
import type { Link } from '../ledger/ledger.ts'
import { isDeployFileName } from '../store/deploy-files.ts'
import type { BuildState, BuiltPost } from './build-state.ts'
import type { DeployOutput } from './deploy-output.ts'
import { fillCopy, type Readership, type StampedPost } from './fill-copy.ts'
import { inParallel } from './stamp.ts'

const NO_POSTS: GateRegister = { version: 1, posts: {} }
/** 128 bits of a hash: as good as the content itself. */
const HASH_LENGTH = 32

/**
 * Takes everybody out of the register who may no longer read, and adds nobody. It comes before anything
 * else is written, so that wherever a build breaks off, nobody is let in whom it would have kept out.
 *
 * @returns What is left of the register of the build before.
 */
export async function narrowRegister(
  state: BuildState,
  readership: Readership,
  deploy: DeployOutput,
): Promise<GateRegister> {
  const before = readRegister(deploy)
  const posts: Record<string, GatedPost> = {}
  for (const built of state.posts.values()) {
    const gate = readership.gates.get(built.post.path)
    const known = gate === undefined ? undefined : before.posts[gate]
    if (gate === undefined || !known) continue
    const links = readership.live.get(built.post.path) ?? []
    const readers = known.readers.flatMap((reader) => {
      const link = links.find(({ recipient }) => recipient === reader.id)
      return link ? [{ ...reader, ...invitationOf(link) }] : []
    })
    posts[gate] = { readers, ...expiryOf(built) }
  }
  const register: GateRegister = { version: 1, posts }
  if (Object.keys(before.posts).length > 0) await save(register, deploy)
  return register
}

/**
 * Writes each gated post's copies, one for each of its readers, with the files that go with it. What a
 * name stands for never changes hands: a reader's folder is called after the reader, a file that all of
 * them share after its content. So no register, old or new, can show anybody the copy of another.
 *
 * @param before Of an incremental build: the posts that it did not render stay as they are.
 * @returns The register, which the caller writes when the build has turned out well.
 */
export async function writeGatedCopies(
  state: BuildState,
  posts: readonly StampedPost[],
  readership: Readership,
  { deploy, before }: { readonly deploy: DeployOutput; readonly before: GateRegister },
): Promise<GateRegister> {
  const register: Record<string, GatedPost> = {}
  const rendered = new Map(posts.map((post) => [post.built.post.path, post]))
  for (const built of state.posts.values()) {
    const gate = readership.gates.get(built.post.path)
    if (gate === undefined) continue
    const post = rendered.get(built.post.path)
    const known = state.event.incremental ? before.posts[gate] : undefined
    const written = post && (await writePost(state, post, gate, readership, deploy))
    const entry = written ?? known
    if (entry && entry.readers.length > 0) register[gate] = entry
  }
  return { version: 1, posts: register }
}

/** Writes the register of a build that has turned out well. */
export async function writeRegister(
  register: GateRegister,
  gone: Readonly<Record<string, string[]>>,
  deploy: DeployOutput,
): Promise<void> {
  await save({ ...register, ...(Object.keys(gone).length > 0 && { gone }) }, deploy)
}

async function save(register: GateRegister, deploy: DeployOutput): Promise<void> {
  await deploy.write(GATE_REGISTER, `${JSON.stringify(register, null, 2)}\n`)
}

/** The deploy files that a register names, itself included. */
export function namedFiles({ posts }: GateRegister): string[] {
  const readers = Object.values(posts).flatMap((post) => post.readers)
  return [GATE_REGISTER, ...readers.flatMap(({ files }) => Object.values(files))]
}

async function writePost(
  state: BuildState,
  post: StampedPost,
  gate: string,
  readership: Readership,
  deploy: DeployOutput,
): Promise<GatedPost> {
  const { built } = post
  const shared = await writeShared(post, gate, deploy)
  const readers: GateReader[] = []
  await inParallel(readership.live.get(built.post.path) ?? [], async (link) => {
    const recipient = built.post.recipients.find(({ id }) => id === link.recipient)
    const pages = recipient && (await fillCopy(state, post, link, readership))
    if (!pages) return
    const files: Record<string, string> = { ...shared }
    for (const [below, html] of pages) {
      const name = posix.join('gate', gate, hashOf(recipient.id).slice(0, 12), pageName(below))
      await deploy.write(name, html)
      files[below] = name
    }
    readers.push({ id: recipient.id, name: recipient.name, files, ...invitationOf(link) })
  })
  const order = built.post.recipients.map(({ id }) => id)
  readers.sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id))
  return { readers, ...expiryOf(built) }
}

/** Attachments, and what image plugins made of them, by their path below the post. */
async function writeShared(
  { built, attachments }: StampedPost,
  gate: string,
  deploy: DeployOutput,
): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  await inParallel(attachments, async ({ source, destination }) => {
    await write(destination, await readFile(source))
  })
  await inParallel([...built.files], ([destination, bytes]) => write(destination, bytes))
  return files

  async function write(destination: string, bytes: Uint8Array): Promise<void> {
    const name = posix.join('gate', gate, 'files', hashOf(bytes) + extensionOf(destination))
    await deploy.write(name, bytes)
    files[destination] = name
  }
}

function readRegister(deploy: DeployOutput): GateRegister {
  const bytes = deploy.read(GATE_REGISTER)
  if (!bytes) return NO_POSTS
  try {
    return parseGateRegister(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch {
    // fail closed because a register that cannot be read lets nobody in
    return NO_POSTS
  }
}

function invitationOf({ token, issued }: Link): Pick<GateReader, 'invitation' | 'invited'> {
  return { invitation: invitationHash(token), invited: issued }
}

function expiryOf({ post }: BuiltPost): Pick<GatedPost, 'expires'> {
  return post.expires ? { expires: post.expires.toISOString() } : {}
}

function pageName(below: string): string {
  const name = `${below}index.html`
  return isDeployFileName(name) ? name : `${hashOf(below)}.html`
}

function extensionOf(destination: string): string {
  const extension = extname(destination).toLowerCase()
  return /^\.[a-z0-9]{1,8}$/.test(extension) ? extension : ''
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, HASH_LENGTH)
}
