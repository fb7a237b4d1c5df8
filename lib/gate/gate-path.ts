import { decodeSegment } from '../web/path-segment.ts'

/** What a path below the gate's prefix means. */
export interface GatePath {
  /** Which post. */
  readonly segment: string
  /** Which file below it: `''` is the page itself; `undefined` where even its slash is missing. */
  readonly file: string | undefined
}

/** Reads a request's path. `undefined`: it can mean no file of a gated post. */
export function parseGatePath(pathname: string, posts: URL): GatePath | undefined {
  if (!pathname.startsWith(posts.pathname)) return undefined
  const segments: string[] = []
  for (const encoded of pathname.slice(posts.pathname.length).split('/')) {
    const segment = decodeSegment(encoded)
    if (segment === undefined) return undefined
    segments.push(segment)
  }
  const [segment = '', ...below] = segments
  return { segment, file: below.length > 0 ? below.join('/') : undefined }
}

/** A deploy file, or that the address lacks its slash. */
export type FoundFile =
  { readonly path: string; readonly deployFile: string } | { readonly isFolder: true }

/**
 * Finds a file of a reader's copy as a static host would: the very one, a folder's index, or the folder.
 *
 * @param files Deploy files by their path below the post.
 */
export function findFile(
  files: Readonly<Record<string, string>>,
  path: string | undefined,
): FoundFile | undefined {
  if (path === undefined) return { isFolder: true }
  const isFolder = path === '' || path.endsWith('/')
  for (const candidate of isFolder
    ? [path, `${path}index.html`]
    : [path, ...(path === 'index.html' ? [''] : [])]) {
    const deployFile = Object.hasOwn(files, candidate) ? files[candidate] : undefined
    if (deployFile !== undefined) return { path: candidate, deployFile }
  }
  if (isFolder) return undefined
  const folders = [`${path}/`, `${path}/index.html`]
  return folders.some((folder) => Object.hasOwn(files, folder)) ? { isFolder: true } : undefined
}
