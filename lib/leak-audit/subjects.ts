import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { PublicSource } from './audit.ts'
import type { AuditedPost } from './evidence.ts'
import { findNamedMedia, type NamedMedia } from './media.ts'
import { sha256 } from './output-files.ts'
import { ifVanished } from '../web/vanished.ts'

/** What the project's folder holds, as `findSources` of the room `post` tells it. */
export interface SiteSources {
  readonly privateSources: readonly {
    readonly path: string
    readonly title?: string
    readonly tags: readonly string[]
    readonly body: string
    readonly summaries?: readonly string[]
    readonly naturalPaths: readonly string[]
  }[]
  readonly attachments: readonly {
    readonly path: string
    readonly naturalPaths: readonly string[]
  }[]
  readonly publicSources: readonly string[]
  readonly publicNaturalPaths: readonly string[]
}

export interface AuditSubjects {
  readonly posts: readonly AuditedPost[]
  readonly publicSources: readonly PublicSource[]
  readonly publicNaturalPaths: readonly string[]
  /** Files outside of private folders that private sources name. */
  readonly media: readonly NamedMedia[]
}

/**
 * Makes of a site's sources what `auditOutput` looks for. An attachment is its own post: which of
 * its neighbours it belongs to, nobody wrote down.
 *
 * @param options.places Names of folders that are private as a whole. That there is such a folder is no secret.
 */
export async function describeSubjects(
  { privateSources, attachments, publicSources, publicNaturalPaths }: SiteSources,
  { root, places = [] }: { readonly root: string; readonly places?: readonly string[] },
): Promise<AuditSubjects> {
  const files = attachments.map(async ({ path, naturalPaths }) => ({
    ...{ post: path, slugs: [], naturalPaths, tags: [], text: '' },
    attachments: await readAttachment(root, path),
  }))
  return {
    posts: [
      ...privateSources.map(({ path, body, ...source }) => ({
        ...source,
        post: path,
        text: body,
        slugs: slugsOf(source.naturalPaths).filter((slug) => !places.includes(slug)),
        attachments: [],
      })),
      ...(await Promise.all(files)),
    ],
    publicSources: publicSources.map((path) => ({
      path,
      read: () => readFile(join(root, path)).catch(ifVanished(Buffer.alloc(0))),
    })),
    publicNaturalPaths,
    media: await findNamedMedia(
      root,
      privateSources.map(({ path }) => path),
      publicSources,
    ),
  }
}

/** The last name of each path that is not `index`. */
function slugsOf(paths: readonly string[]): string[] {
  const slugs = paths.map((path) => {
    const name = basename(path).replace(/(?:\.11ty)?\.[a-z0-9]{1,5}$/i, '')
    return name === 'index' ? basename(dirname(path)) : name
  })
  return [...new Set(slugs)].filter((slug) => slug !== '' && slug !== '.')
}

async function readAttachment(root: string, path: string): Promise<AuditedPost['attachments']> {
  const bytes = await readFile(join(root, path)).catch(ifVanished(Buffer.alloc(0)))
  return bytes.length === 0 ? [] : [{ path, sha256: sha256(bytes) }]
}
