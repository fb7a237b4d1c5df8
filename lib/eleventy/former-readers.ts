import { posix } from 'node:path'
import type { GateRegister } from '../gate/register.ts'
import { isGone } from '../ledger/absence.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { ToldAddresses } from './gone-addresses.ts'

interface FormerReaderOptions {
  readonly register: GateRegister
  readonly told: readonly ToldAddresses[]
  /** Where the site lies below its host, and the gated posts below the site. */
  readonly pathPrefix: string
  readonly gatePrefix: string
}

/**
 * By gate, who could read the post once, or was told of it, and may read it no more: the gate tells them that it is
 * gone. Everybody else it tells nothing.
 */
export function formerReaders(
  { posts }: Pick<Ledger, 'posts'>,
  { register, told, pathPrefix, gatePrefix }: FormerReaderOptions,
): Record<string, string[]> {
  const gone = new Map<string, Set<string>>()
  const kept = new Set<string>()
  const add = (gate: string, reader: string) => {
    if (register.posts[gate]?.readers.some(({ id }) => id === reader)) return
    gone.set(gate, (gone.get(gate) ?? new Set()).add(reader))
  }
  for (const record of Object.values(posts)) {
    const { gate, links } = record
    if (gate === undefined) continue
    for (const { recipient, invitation, unbuilt, revoked } of links) {
      if (recipient === null || !invitation) continue
      const isTakenBack = revoked !== undefined || isGone(record)
      if (!isTakenBack) kept.add(`${gate} ${recipient}`)
      else if (!unbuilt) add(gate, recipient)
    }
  }
  const folder = posix.join('/', pathPrefix, gatePrefix, '/')
  for (const { source, reader } of told.flatMap(({ readers }) => readers)) {
    const { pathname } = new URL(source)
    const [gate = ''] = pathname.startsWith(folder) ? pathname.slice(folder.length).split('/') : []
    // Of a draft, nothing is taken back.
    if (gate !== '' && !kept.has(`${gate} ${reader}`)) add(gate, reader)
  }
  const sorted = [...gone].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(sorted.map(([gate, readers]) => [gate, [...readers].sort()]))
}
