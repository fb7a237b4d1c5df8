import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { AuditInput, PublicSource } from './audit-input.ts'
import { findNamedMedia } from './media.ts'
import { sha256 } from './output-files.ts'
import { ifVanished } from '../web/vanished.ts'

/** What the project's folder holds, as the room `post` tells it. */
export interface SiteSources {
  readonly privateSources: readonly {
    readonly path: string
    readonly title?: string
    readonly tags: readonly string[]
    readonly body: string
    readonly summaries?: readonly string[]
    readonly values?: readonly string[]
    readonly recipients?: readonly string[]
    readonly naturalPaths: readonly string[]
  }[]
  readonly attachments: readonly {
    readonly path: string
    readonly naturalPaths: readonly string[]
  }[]
  /** All files that are not private; most of them are published nowhere. */
  readonly publicSources: readonly string[]
  /** What is really published, with its text. */
  readonly published: readonly PublicSource[]
  readonly publicNaturalPaths: readonly string[]
}

export type AuditSubjects = Required<
  Pick<AuditInput, 'posts' | 'publicSources' | 'publicNaturalPaths' | 'publicFiles' | 'media'>
>

export interface SubjectOptions {
  readonly root: string
  /** Names of folders that are private as a whole. That there is such a folder is no secret. */
  readonly places?: readonly string[]
  /** All files of the output. */
  readonly files: readonly string[]
}

/**
 * Makes of a site's sources what `auditOutput` looks for. An attachment is its own post: which of
 * its neighbours it belongs to, nobody wrote down.
 */
export async function describeSubjects(
  { privateSources, attachments, published, publicNaturalPaths, publicSources }: SiteSources,
  { root, places = [], files }: SubjectOptions,
): Promise<AuditSubjects> {
  const contents = await Promise.all(
    attachments.map(async ({ path, naturalPaths }) => {
      const bytes = await readFile(join(root, path)).catch(ifVanished(Buffer.alloc(0)))
      return { path, naturalPaths, bytes }
    }),
  )
  return {
    posts: [
      ...privateSources.map(({ path, body, ...source }) => ({
        ...source,
        post: path,
        text: body,
        slugs: slugsOf(source.naturalPaths).filter((slug) => !places.includes(slug)),
        attachments: [],
      })),
      ...contents.map(({ path, naturalPaths, bytes }) => ({
        ...{ post: path, slugs: [], naturalPaths, tags: [], text: '' },
        attachments: bytes.length === 0 ? [] : [{ path, sha256: sha256(bytes) }],
      })),
    ],
    publicSources: published,
    publicNaturalPaths,
    media: await findNamedMedia(
      root,
      privateSources.map(({ path }) => path),
      publicSources,
    ),
    publicFiles: await findPublicCopies(publicSources, contents, { root, files }),
  }
}

/**
 * Files of the site that are the same as a private one and are published for their own sake: a logo
 * that lies beside a letter, too.
 */
async function findPublicCopies(
  candidates: readonly string[],
  attachments: readonly { readonly naturalPaths: readonly string[]; readonly bytes: Buffer }[],
  { root, files }: SubjectOptions,
): Promise<Set<string>> {
  const hashes = new Set<string>()
  if (attachments.length === 0) return hashes
  const sizes = new Set(attachments.map(({ bytes }) => bytes.length))
  const natural = new Set(attachments.flatMap(({ naturalPaths }) => naturalPaths))
  const output = new Set(files.filter((path) => !natural.has(path)))
  for (const path of candidates) {
    if (!endsOf(path).some((end) => output.has(end))) continue
    const { size } = await stat(join(root, path)).catch(ifVanished({ size: -1 }))
    if (sizes.has(size)) hashes.add(sha256(await readFile(join(root, path))))
  }
  return hashes
}

/** `img/a.png` and `a.png`: a passthrough rule may leave out the first folders. */
function endsOf(path: string): string[] {
  const names = path.split('/')
  return names.map((_, at) => names.slice(at).join('/'))
}

/** The last name of each path that is not `index`. */
function slugsOf(paths: readonly string[]): string[] {
  const slugs = paths.map((path) => {
    const name = basename(path).replace(/(?:\.11ty)?\.[a-z0-9]{1,5}$/i, '')
    return name === 'index' ? basename(dirname(path)) : name
  })
  return [...new Set(slugs)].filter((slug) => slug !== '' && slug !== '.')
}
