/**
 * Pictures that an image plugin made beside private pages, kept for the next build: there the page lies in another
 * folder, and each picture would be encoded anew.
 *
 * Only names as eleventy-img makes them are kept, since they are a hash of the source's bytes and of the options:
 * another picture has another name.
 *
 * @module
 */
import { hash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { cacheFolderOf } from '../ledger/state-folder.ts'
import { makePrivateFolder, OWNER_ONLY_FILE } from '../store/private-folder.ts'
import { systemCodeOf } from '../store/store-error.ts'
import type { BuiltPost } from './build-state.ts'

const FOLDER = 'pictures'
/** A hash of ten letters, the width, the format. */
const MADE_NAME = /^(?:\d+\/)?([\w-]{10})-\d+\.(?:avif|webp|jpeg|png|gif|svg)$/
/** The path of a picture below the post, and the hash of its bytes, in one name. */
const KEPT_NAME = /^(.+)~([0-9a-f]{64})$/

export interface KeptPictures {
  /** Puts what the last build made for a post where this one will look for it: once a post, before it is rendered. */
  putBack(built: BuiltPost, folder: string): void
  /** Of the files beside a rendered post, those that are its own: what was put back and no page names is not. */
  keep(built: BuiltPost, files: ReadonlyMap<string, Buffer>): Map<string, Buffer>
  /** Forgets the pictures of all other posts. */
  forgetOthers(posts: Iterable<BuiltPost>): void
}

/** Opens what is kept beside a ledger. It may be empty or damaged: pictures are then made again. */
export function openKeptPictures(ledger: string): KeptPictures {
  const root = join(cacheFolderOf(ledger), FOLDER)
  /** The bytes that were put back, by post and path. */
  const back = new Map<BuiltPost, ReadonlyMap<string, Buffer>>()
  const placeOf = ({ post }: BuiltPost) => join(root, keyOf(post.path))

  return {
    putBack(built, folder) {
      if (back.has(built)) return
      const pictures = readWhole(placeOf(built))
      back.set(built, pictures)
      for (const [path, content] of pictures) {
        const file = join(folder, path)
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, content)
      }
    },

    keep(built, files) {
      const before = back.get(built) ?? new Map<string, Buffer>()
      const isNamed = (path: string) =>
        [...built.pages.values()].some(({ rendered }) => rendered.includes(posix.basename(path)))
      const isOwn = (path: string, content: Buffer) =>
        isNamed(path) || before.get(path)?.equals(content) !== true
      // A page that was not rendered says nothing of its pictures.
      if (built.pages.size > 0) {
        const made = [...files].filter(([path]) => MADE_NAME.test(path) && isNamed(path))
        const source = made.length === 0 ? '' : sourceOf(built)
        write(
          placeOf(built),
          made.filter(([path]) => isHash(path, source)),
        )
      }
      return new Map([...files].filter(([path, content]) => isOwn(path, content)))
    },

    forgetOthers(posts) {
      const known = new Set([...posts].map(({ post }) => keyOf(post.path)))
      whereUsable(() => {
        const others = namesIn(root).filter((name) => name !== '.gitignore' && !known.has(name))
        for (const name of others) remove(join(root, name))
      })
    },
  }
}

/** Pictures by their path below the post; none that is damaged. */
function readWhole(place: string): Map<string, Buffer> {
  const pictures = new Map<string, Buffer>()
  whereUsable(() => {
    for (const name of namesIn(place)) {
      const [, encoded = '', sum] = KEPT_NAME.exec(name) ?? []
      const path = encoded.replace('%2F', '/')
      if (!MADE_NAME.test(path)) continue
      const content = readFileSync(join(place, name))
      if (hashOf(content) === sum) pictures.set(path, content)
      else rmSync(join(place, name))
    }
  })
  return pictures
}

function write(place: string, pictures: readonly (readonly [string, Buffer])[]): void {
  const contents = new Map(
    pictures.map(([path, content]) => [`${path.replace('/', '%2F')}~${hashOf(content)}`, content]),
  )
  whereUsable(() => {
    const there = new Set(namesIn(place))
    for (const name of there) {
      if (name !== '.gitignore' && !contents.has(name)) remove(join(place, name))
    }
    if (contents.size === 0) return remove(place)
    const folders = [place]
    while (folders.length < 4) folders.unshift(dirname(folders[0] ?? place))
    folders.forEach(makePrivateFolder)
    for (const [name, content] of contents) {
      if (!there.has(name)) writeFileSync(join(place, name), content, { mode: OWNER_ONLY_FILE })
    }
  })
}

/** A full disk, or a folder of another user: then there is nothing kept, and pictures are made again. */
function whereUsable(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error
  }
}

/** A name that the source itself gives may stay the same while the picture changes. */
function isHash(path: string, source: string): boolean {
  const [, word = ''] = MADE_NAME.exec(path) ?? []
  return /[a-z]/.test(word) && /[A-Z]/.test(word) && !source.includes(word)
}

function sourceOf({ post, body }: BuiltPost): string {
  const text = existsSync(post.path) ? readFileSync(post.path, 'utf8') : ''
  return [post.path, body, text].join('\n')
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}

function remove(place: string): void {
  rmSync(place, { recursive: true, force: true })
}

function keyOf(path: string): string {
  return hash('sha256', path, 'hex')
}

function hashOf(content: Buffer): string {
  return hash('sha256', content, 'hex')
}
