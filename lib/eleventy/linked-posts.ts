import type { LinkedNames } from '../post/linked-names.ts'
import type { BuildState } from './build-state.ts'

/**
 * Files that are a private post by one name and a public one by another: what their folder says of them differs.
 *
 * @param namesOf Follows symbolic links.
 */
export function describeLinked({ posts, publicPosts }: BuildState, namesOf: LinkedNames): string[] {
  const fileOf = (path: string) => namesOf(path).at(-1) ?? path
  const privates = new Map([...posts.keys()].map((path) => [fileOf(path), path]))
  return [...publicPosts].flatMap(([path, url]) => {
    const other = privates.get(fileOf(path))
    if (other === undefined || url === '') return []
    return [
      `${path}: it is the same file as ${other}, by a symbolic link; the one is public, and the other private. To do: say in the front matter of the file who may read it, or remove the link.`,
    ]
  })
}
