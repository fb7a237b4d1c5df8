import { posix } from 'node:path'
import { elements, isElement } from '../web/html.ts'
import type { BuildState } from './build-state.ts'
import type { MarkCopiedPage } from './carried-media.ts'
import type { ResolvedOptions } from './options.ts'
import type { OwnHosts } from './own-hosts.ts'
import { markHead, stripTelling } from './private-head.ts'
import { loadedResources } from './third-party.ts'

export interface CopiedPageOptions {
  readonly pathPrefix: string
  readonly hosts: OwnHosts
  readonly options: Pick<ResolvedOptions, 'me' | 'thirdParty'>
}

/** Marks pages that Eleventy copied as they are, and that go with a private post. */
export function createPageMarker(
  state: BuildState,
  { pathPrefix, hosts, options }: CopiedPageOptions,
): MarkCopiedPage {
  return ({ post, number }, file, page) => {
    const all = [...elements(page)]
    const address = new URL(posix.join('/', pathPrefix, file), options.me)
    if (all.some((element) => isElement(element, 'base'))) {
      state.problems.push(
        `${post.path}: ${file} is public, although only private posts name it, and its <base> keeps it from going with the post (media). To do: take the <base> out of it, or name it on a public page, if it is meant for everybody.`,
      )
    }
    const loads = loadedResources(page, address)
    const foreign = loads.filter(({ url }) => url.origin !== address.origin && !hosts.has(url))
    if (foreign.length > 0) {
      const origins = [...new Set(foreign.map(({ url }) => url.origin))].join(', ')
      const said = options.thirdParty === 'error' ? state.problems : state.warnings
      said.push(
        `${post.path}: ${file} goes with the post and loads something from ${origins}, which stays blocked there. To do: keep a copy on your own site.`,
      )
    }
    stripTelling(page, address, state.placeholders.page(number))
    for (const element of all) if (isElement(element, 'head')) markHead(element)
  }
}
