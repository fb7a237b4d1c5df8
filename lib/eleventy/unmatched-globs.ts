import { existsSync, readdirSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import micromatch from 'micromatch'
import { nearest } from '../post/nearest.ts'
import { inputPathOf } from './eleventy-config.ts'
import { isNamedPrivate, isNegated, positive } from './named-private.ts'
import { withFolder } from './options.ts'

/** So many names tell what is meant. */
const NAMED_AT_MOST = 5
/** What an exception fits by default. */
const ANYTHING = '**'

export interface PostGlobs {
  /** What the author wrote under `posts`; the default is nobody's entry. */
  readonly entries: readonly string[]
  /** Folder of the sources, from the project's root. */
  readonly input: string
  readonly cwd: string
  /** Input paths of all templates. */
  readonly templates: readonly string[]
}

/** An entry that matches no file, and what its author probably meant. */
export interface UnmatchedEntry {
  readonly entry: string
  readonly meant: string | undefined
}

/**
 * Entries of `posts` that match no file: a folder's name with a typing error would leave private posts public.
 * A folder without a template matches nothing yet, and may be there for the first post.
 */
export function findUnmatched({ entries, input, cwd, templates }: PostGlobs): UnmatchedEntry[] {
  return entries.flatMap((entry) => {
    const isNamed = nameRule(entry, input)
    const isMatch = isNegated(entry) ? takingRule(entry, input) : isNamed
    if (templates.some(isMatch)) return []
    const folders = [...new Set(['.', inputPathOf(input)])].map((root) =>
      posix.join(root, folderOf(entry)),
    )
    const files = folderOf(entry) === '' ? [] : folders.flatMap((folder) => filesIn(cwd, folder))
    if (files.some(isMatch) || isEmptyFolder(folders, cwd, templates, positive(entry))) return []
    const similar = [...templates, ...files].find(isNamed)
    const meant = similar === undefined ? meantBy(entry, input, templates) : `!${similar}`
    return [{ entry, meant }]
  })
}

/** Which files an entry names, whether or not it begins with "!". */
function nameRule(entry: string, input: string): (path: string) => boolean {
  const globs = withFolder(positive(entry))
  return (path) => isNamedPrivate(path, input, globs)
}

/** Which files an entry that begins with "!" would take out of all: there, small and capital letters differ. */
function takingRule(entry: string, input: string): (path: string) => boolean {
  const globs = withFolder(positive(entry)).map((glob) => `!${glob}`)
  return (path) => !isNamedPrivate(path, input, [ANYTHING, ...globs])
}

/** What {@link findUnmatched} finds, as sentences for the author of the configuration. */
export function describeUnmatched(globs: PostGlobs): string[] {
  return findUnmatched(globs).map((unmatched) => {
    const { entry } = unmatched
    return `Option "posts" of eleventy-plugin-private-posts: ${JSON.stringify(entry)} matches no file, so a post that you mean by it would be ${isNegated(entry) ? 'private' : 'public'}. To do: ${remedyFor(unmatched)}.`
  })
}

function remedyFor({ entry, meant }: UnmatchedEntry): string {
  if (meant)
    return `write ${JSON.stringify(meant)} in your Eleventy configuration, if you mean that`
  const remedy = 'correct or remove the entry in your Eleventy configuration'
  return folderOf(entry) === '' || isNegated(entry)
    ? remedy
    : `${remedy}; or make the folder, if it is not there yet`
}

/** Templates of the folder of a glob that the glob leaves out, though it names others there. */
export function describeLeftOut(
  { entries, input, templates }: PostGlobs,
  isPublic: (path: string) => boolean,
): string[] {
  const excluded = entries.filter(isNegated).flatMap((entry) => withFolder(positive(entry)))
  return entries.flatMap((entry) => {
    const folder = folderOf(entry)
    if (isNegated(entry) || folder === '' || !/[*?{}()[\]]/.test(entry)) return []
    const isBelow = (path: string) => isNamedPrivate(path, input, [`${folder}/**`])
    const isCaught = (path: string) => isNamedPrivate(path, input, withFolder(entry))
    if (!templates.some(isCaught)) return []
    const left = templates.filter(
      (path) => isBelow(path) && isPublic(path) && !isNamedPrivate(path, input, excluded),
    )
    if (left.length === 0) return []
    const named = left.slice(0, NAMED_AT_MOST).join(', ')
    const more = left.length > NAMED_AT_MOST ? `, and ${left.length - NAMED_AT_MOST} more` : ''
    return [
      `Option "posts": ${JSON.stringify(entry)} leaves out what else is in ${folder}/, which is public: ${named}${more}. To do: write ${JSON.stringify(`${folder}/**`)}; or, if it is meant for everybody, write "visibility: public" there, or an entry that begins with "!".`,
    ]
  })
}

/** The folder that a glob begins with: `private` of `private/*.md`. */
function folderOf(entry: string): string {
  const names = posix.normalize(inputPathOf(positive(entry))).split('/')
  const at = names.findIndex((name) => /[*?{}()[\]!]/.test(name))
  return names.slice(0, at === -1 ? -1 : at).join('/')
}

function isEmptyFolder(
  folders: readonly string[],
  cwd: string,
  templates: readonly string[],
  entry: string,
): boolean {
  const isWhole = !/[*?{}()[\]!]/.test(entry)
  const places = isWhole ? folders.map((folder) => posix.join(folder, posix.basename(entry))) : []
  return [...folders.filter(() => !isWhole && folderOf(entry) !== ''), ...places].some(
    (folder) =>
      existsSync(join(cwd, folder)) && !templates.some((path) => path.startsWith(`${folder}/`)),
  )
}

/** The same with the nearest name of a folder that there is. */
function meantBy(entry: string, input: string, templates: readonly string[]): string | undefined {
  const folder = folderOf(entry) || (/[*?{}()[\]!]/.test(entry) ? '' : positive(entry))
  const [first = '', ...rest] = folder.split('/')
  if (first === '') return undefined
  const root = `${inputPathOf(input).replace(/\/$/, '')}/`
  const below = templates.flatMap((path) =>
    path.startsWith(root) ? [path, path.slice(root.length)] : [path],
  )
  const folders = new Set(
    below.flatMap((path) => {
      const names = path.split('/').slice(0, -1)
      return names.map((_, at) => names.slice(0, at + 1).join('/'))
    }),
  )
  // The folder may also lie deeper than the entry says.
  const deeper = [...folders].find((name) => name.endsWith(`/${folder}`))
  const meant = nearest(folder, [...folders]) ?? deeper
  if (meant === undefined || meant === folder) return undefined
  return entry.replace([first, ...rest].join('/'), meant)
}

function filesIn(cwd: string, folder: string): string[] {
  try {
    return readdirSync(join(cwd, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
      posix.join(folder, path.split(sep).join('/')),
    )
  } catch {
    // A folder that is not there has no files.
    return []
  }
}

/** Exceptions of the audit that fit no file of the output, or no post. */
export async function describeUnmatchedExceptions(
  exceptions: readonly { readonly file: string; readonly post: string }[],
  listFiles: () => Promise<readonly string[]>,
  posts: readonly string[],
): Promise<string[]> {
  const files = exceptions.some(({ file }) => file !== ANYTHING) ? await listFiles() : []
  const lacks = (glob: string, paths: readonly string[]) => {
    const isMatch = micromatch.matcher(glob.replace(/^\.?\//, ''), { dot: true })
    return glob !== ANYTHING && !paths.some((path) => isMatch(path))
  }
  const describe = (key: string, glob: string, what: string) =>
    `Option "auditExceptions" of eleventy-plugin-private-posts: "${key}" is ${JSON.stringify(glob)}, which matches no ${what}. To do: correct or remove the entry in your Eleventy configuration.`
  return exceptions.flatMap(({ file, post }) => [
    ...(lacks(file, files) ? [describe('file', file, 'file of the output')] : []),
    ...(lacks(post, posts) ? [describe('post', post, 'post')] : []),
  ])
}
