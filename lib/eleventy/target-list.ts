import { posix } from 'node:path'
import { pathHash, TARGETS_FILE, type Targets } from '../webmention/targets.ts'
import type { BuildState } from './build-state.ts'
import type { DeployOutput } from './deploy-output.ts'
import type { Readership } from './fill-copy.ts'
import { listFiles } from './output-media.ts'
import { isTombstoneFile } from './tombstones.ts'

/** What a host shows in the place of a page is none that anybody writes about. */
const NO_PAGES = ['404.html', '410.html']

export interface TargetListOptions {
  /** Output folder, from the project's root. */
  readonly output: string
  readonly prefix: string
  readonly gatePrefix: string
  /** Where the site lies below its host. */
  readonly pathPrefix: string
}

/** Lists the pages that can be mentioned, for the receiver of webmentions, as hashes of their paths. */
export async function writeTargetList(
  state: BuildState,
  readership: Readership,
  options: TargetListOptions,
  deploy: DeployOutput,
): Promise<void> {
  const { pathPrefix } = options
  const hash = (path: string) => pathHash(urlPathOf(posix.join('/', pathPrefix, path)))
  const targets: Targets = {
    version: 1,
    public: [...new Set(publicPages(options).map(hash))].sort(),
    private: [...new Set(privatePages(state, readership, options).map(hash))].sort(),
  }
  await deploy.write(TARGETS_FILE, `${JSON.stringify(targets)}\n`)
}

/** Every page of the output, whatever made it: an incremental build tells only of what it built anew. */
function publicPages({ output, prefix }: TargetListOptions): string[] {
  const below = prefix.slice(1)
  return listFiles(output, (folder) => `${folder}/`.startsWith(below))
    .filter((name) => /\.html?$/i.test(name) && !name.startsWith(below) && !NO_PAGES.includes(name))
    .filter((name) => !isTombstoneFile(posix.join(output, name)))
}

function privatePages(
  state: BuildState,
  { live, gates }: Readership,
  { prefix, gatePrefix }: TargetListOptions,
): string[] {
  return [...live].flatMap(([path, links]) => {
    const gate = gates.get(path)
    const folders =
      gate === undefined
        ? links.map(({ token }) => `${prefix}${token}/`)
        : [`${gatePrefix}${gate}/`]
    const pages = ['', ...(state.posts.get(path)?.pages.keys() ?? [])]
    return links.length === 0 ? [] : folders.flatMap((folder) => pages.map((page) => folder + page))
  })
}

/** The path as the address of the page has it. */
function urlPathOf(path: string): string {
  const address = encodeURI(path).replace(/[?#]/g, encodeURIComponent)
  return new URL(address, 'https://alice.example').pathname
}
