import type { PartIndex } from './part-index.ts'
import type { ArrivedData } from './published-data.ts'
import type { PublicTemplate, Sources } from './sources.ts'
import { referencesOf, withoutUnprinted } from './template-references.ts'

export interface Reach {
  /** Templates and parts, each without what it never prints. */
  readonly texts: readonly { readonly path: string; readonly text: string }[]
  /** Keys of global data that any of them names. */
  readonly names: ReadonlySet<string>
  /** The published templates that reach a template or part; a template reaches itself. */
  usersOf(path: string): readonly string[]
}

export interface ReachOptions {
  readonly parts: PartIndex
  /** Keys of global data. */
  readonly keys: ReadonlySet<string>
  readonly arrived: ArrivedData | undefined
  readonly read: (path: string) => Promise<string>
}

/** Follows layouts, includes, macros and modules from the published templates to whatever they reach. */
export async function reachParts(
  sources: Sources,
  published: readonly PublicTemplate[],
  { parts, keys, arrived, read }: ReachOptions,
): Promise<Reach> {
  const texts = new Map<string, string>()
  const names = new Set<string>()
  /** By a part, what names it. */
  const namedBy = new Map<string, Set<string>>()
  const queue: string[] = []

  const take = (path: string, source: string, layout: unknown) => {
    if (texts.has(path)) return
    const text = withoutUnprinted(path, source)
    texts.set(path, text)
    const { parts: named, names: used } = referencesOf(path, text, keys)
    for (const name of used) names.add(name)
    for (const name of typeof layout === 'string' ? [...named, layout] : named) {
      for (const part of parts.find(name, path)) {
        namedBy.set(part, (namedBy.get(part) ?? new Set()).add(path))
        queue.push(part)
      }
    }
  }
  for (const { path, text, data } of published) {
    take(path, text, arrived?.dataOf(path)?.['layout'] ?? data?.['layout'])
  }
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (texts.has(path)) continue
    const known = sources.parts.get(path)
    take(path, known?.text ?? (await read(path)), known?.data?.['layout'])
  }

  const isTemplate = new Set(published.map(({ path }) => path))
  return {
    texts: [...texts].map(([path, text]) => ({ path, text })),
    names,
    usersOf(path) {
      const users = new Set([path])
      for (const user of users) for (const other of namedBy.get(user) ?? []) users.add(other)
      return [...users].filter((user) => isTemplate.has(user))
    },
  }
}
