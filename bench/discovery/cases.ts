import { fill, pathOf } from '../../test/webmention/rocks.ts'
import { uncovered } from '../../test/webmention/uncovered-vectors.ts'
import { rocks, type Target } from '../../test/webmention/vectors.ts'
import type { Discover } from './libraries.ts'

export interface Case {
  readonly id: string
  readonly suite: 'webmention.rocks' | 'extra'
  readonly path: string
  readonly isTimed: boolean
  isRight(found: string | undefined, target: URL): boolean | Promise<boolean>
}

/** `crash`: it would have ended the process, or never answered. */
export type Outcome = 'right' | 'wrong' | 'crash'

/** On loopback, a hundred times longer than the slowest. */
const PATIENCE = 3000

/** All cases: 1–22 of webmention.rocks, its 23rd, and those of our own tests. */
export const CASES: readonly Case[] = [
  ...rocks.map((target) => caseOf(target, 'webmention.rocks')),
  {
    id: '23',
    suite: 'webmention.rocks',
    path: '/test/23/page',
    isTimed: false,
    isRight: takesWebmention,
  },
  ...uncovered.map((target) => caseOf(target, 'extra')),
]

function caseOf(target: Target, suite: Case['suite']): Case {
  return {
    id: target.id,
    suite,
    path: pathOf(target),
    isTimed: suite === 'webmention.rocks',
    isRight(found, { href, origin }) {
      if (target.endpoint === undefined) return found === undefined
      const expected = new URL(fill(target.endpoint, target, origin), href)
      return found !== undefined && URL.canParse(found) && new URL(found).href === expected.href
    },
  }
}

/** The endpoint of the 23rd has another name each time; whether it is the right one, it says itself. */
async function takesWebmention(found: string | undefined, { origin }: URL): Promise<boolean> {
  if (found === undefined || !URL.canParse(found) || new URL(found).origin !== origin) return false
  const body = new URLSearchParams({ source: 'https://alice.example/', target: found })
  return (await fetch(found, { method: 'POST', body })).status === 202
}

/** Runs one case. To report an error is not to find an endpoint, and right where there is none. */
export async function runCase(
  discover: Discover,
  { path, isRight }: Case,
  origin: URL,
): Promise<Outcome> {
  const target = new URL(path, origin)
  let timer: NodeJS.Timeout | undefined
  const crash = new Promise<Outcome>((resolve) => {
    timer = setTimeout(resolve, PATIENCE, 'crash')
    process.setUncaughtExceptionCaptureCallback(() => resolve('crash'))
  })
  const outcome = async (): Promise<Outcome> => {
    const found = await discover(target).catch(() => undefined)
    return (await isRight(found ?? undefined, target)) ? 'right' : 'wrong'
  }
  try {
    const first = await Promise.race([crash, outcome()])
    // What a library throws after it has answered still ends the process.
    const turn = new Promise<Outcome>((resolve) => setTimeout(resolve, 5, first))
    return await Promise.race([crash, turn])
  } finally {
    clearTimeout(timer)
    process.setUncaughtExceptionCaptureCallback(null)
  }
}
