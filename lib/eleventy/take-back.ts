import { posix } from 'node:path'
import type { GateRegister } from '../gate/register.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { GONE_FILE, type GoneList } from '../webmention/gone-list.ts'
import { pathHash } from '../webmention/targets.ts'
import type { DeployOutput } from './deploy-output.ts'
import { formerReaders } from './former-readers.ts'
import {
  fileOf,
  findGonePages,
  findLostLinks,
  goneLinks,
  type GoneLink,
  type PageSight,
  type ToldAddresses,
} from './gone-addresses.ts'
import { ownRedirects, type HostFileOptions } from './host-files.ts'
import { readOwnRedirects } from './own-redirects.ts'
import type { StalePages } from './stale-pages.ts'
import { writeTombstones } from './tombstones.ts'

const LONG_AGO = new Date(0).toISOString()

/** What a build has taken back. */
export interface TakenBack {
  /** For the ledger: pages that others were told of and that are gone, with the moment since when. */
  readonly pages: Readonly<Record<string, string>>
  /** URL paths for the rules of a host that can answer 410. */
  readonly rules: readonly string[]
  /** By gate, whom the gate tells that the post is gone. */
  readersOf(register: GateRegister): Record<string, string[]>
  /** Writes the list of what is gone for whoever serves the site with its functions. */
  writeList(deploy: DeployOutput): Promise<void>
}

export interface TakeBackOptions {
  readonly cwd: string
  readonly host: HostFileOptions
  readonly gatePrefix: string
  readonly stale: StalePages
  /** Whether everything was built: else a page that is not there may only not have been looked at. */
  readonly isComplete: boolean
  readonly now: Date
}

/**
 * Finds what is gone, removes what an earlier build left of it, and puts a tombstone in its place where the host may
 * have no status codes of the author's choice.
 */
export function takeBack(
  ledger: Ledger,
  told: readonly ToldAddresses[],
  { cwd, host, gatePrefix, stale, isComplete, now }: TakeBackOptions,
): TakenBack {
  const { output, prefix, pathPrefix, netlify } = host
  const links = goneLinks(ledger)
  const sight: PageSight = { output, pathPrefix, prefix, gatePrefix, left: stale.left, now }
  const isMoved = readOwnRedirects(ownRedirects(output), cwd)
  const lost = findLostLinks(ledger, sight, isMoved)
  const pages = isComplete ? findGonePages(told, ledger, sight, lost) : (ledger.gone ?? {})
  const shown = Object.entries(pages).filter(([path]) => !isMoved(`/${path}`))

  const isShown = new Set(shown.map(([path]) => path))
  // What is back, maybe under the other spelling of its address, has no tombstone any more.
  const before = told.flatMap(({ gone }) => Object.keys(gone))
  const files = [...new Set([...before, ...Object.keys(pages)])].flatMap((path) => {
    const file = fileOf(path)
    const since = (isShown.has(path) && pages[path]) || LONG_AGO
    return file === undefined ? [] : [{ file, since }]
  })
  // What may come back has no page of any kind, so that nothing is there but its link.
  const copies = links
    .filter(({ mayReturn }) => !mayReturn)
    .map(({ token, since }) => ({ file: `${prefix.slice(1)}${token}/index.html`, since }))
  if (isComplete) stale.removeAmong(new Set(files.map(({ file }) => file)))
  const all = isComplete ? [...files, ...copies] : copies
  // Netlify would show the tombstone where the rule stands that answers 410.
  writeTombstones(
    output,
    netlify === true ? all.map(({ file }) => ({ file, since: LONG_AGO })) : all,
    now,
  )

  return {
    pages,
    rules: [
      ...links.map(({ token }) => `${prefix}${token}/*`),
      ...shown.map(([path]) => `/${path}`),
    ],
    readersOf: (register) => formerReaders(ledger, { register, told, pathPrefix, gatePrefix }),
    writeList: (deploy) =>
      deploy.write(
        GONE_FILE,
        `${JSON.stringify(listOf([...links, ...expiring(ledger)], shown, host))}\n`,
      ),
  }
}

/** Links that still work, with the moment when they cease to. */
function expiring({ posts }: Ledger): GoneLink[] {
  return Object.values(posts).flatMap(({ links }) =>
    links.flatMap(({ token, revoked, invitation, expires }) =>
      expires === undefined || revoked || invitation ? [] : [{ token, since: expires }],
    ),
  )
}

function listOf(
  links: readonly GoneLink[],
  pages: readonly (readonly [path: string, since: string])[],
  { prefix, pathPrefix }: HostFileOptions,
): GoneList {
  const hash = (path: string) => pathHash(posix.join('/', pathPrefix, path))
  const paths = [
    ...links.map(({ token, since }) => [hash(`${prefix}${token}/`), since] as const),
    ...pages.map(([path, since]) => [hash(path), since] as const),
  ]
  return { version: 1, paths: Object.fromEntries(paths.toSorted()) }
}
