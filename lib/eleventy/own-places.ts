import { posix } from 'node:path'
import type { BuildState } from './build-state.ts'
import type { ResolvedOptions } from './options.ts'

/** Files of the output that the plugin writes for the host. */
const HOST_FILES = ['_headers', '_redirects']

/**
 * Private posts whose own address is a place of the plugin: the audit could not tell its files from the post's.
 *
 * @returns Sentences for the author.
 */
export function describeOwnPlaces(
  { posts }: BuildState,
  { prefix }: Pick<ResolvedOptions, 'prefix'>,
): string[] {
  const links = posix.join(prefix, 'index.html').slice(1)
  return [...posts].flatMap(([path, { naturalPaths, data }]) => {
    const what = typeof data['permalink'] === 'string' ? 'permalink' : 'name'
    const isLinks = naturalPaths.has(links)
    const file = HOST_FILES.find((name) => naturalPaths.has(name))
    if (isLinks) {
      return `${path}: by its ${what}, the address of this private post would be ${prefix}, where the private links lie. To do: give it another ${what}, or set the option "prefix" to another path.`
    }
    return file === undefined
      ? []
      : `${path}: by its ${what}, the address of this private post would be /${file}, a file that the plugin writes for the host. To do: give it another ${what}.`
  })
}
