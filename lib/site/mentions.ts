import { createMentionsEndpoint } from '../inbox/mentions-endpoint.ts'
import { createIsHomePage } from '../inbox/page-address.ts'
import { createPublishedPages } from '../inbox/published-pages.ts'
import { createPublished } from '../inbox/published.ts'
import type { Endpoint } from '../web/endpoint.ts'
import { partsOf, type SiteOptions } from './site-options.ts'

/** `/mentions.json`. It opens only what everybody may see. */
export function mentionsOf(options: SiteOptions): Endpoint {
  const { store, me, site } = partsOf(options)
  const pages = createPublishedPages(store)
  const isHomePage = createIsHomePage([me, site])
  return createMentionsEndpoint({ inbox: createPublished({ pages, isHomePage }) })
}
