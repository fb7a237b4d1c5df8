import type { Ledger } from '../ledger/ledger.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import {
  elements,
  isElement,
  attribute,
  textOf,
  type HtmlDocument,
  type HtmlElement,
} from '../web/html.ts'
import { pageIdentity } from '../web/page-identity.ts'
import { pagePath, type BuiltPage, type BuiltSite } from './built-site.ts'
import { mainOf } from './content.ts'
import { addressesOf, linksOf, propertyOf } from '../web/h-entry.ts'
import { parsePage } from './own-words.ts'
import { isAuthors, isBelow, type Plan } from './plan.ts'
import { speakable } from './report.ts'

/** Why a page that links to other sites is no post from which anybody is told. */
export type WhyLeftOut = 'no-entry' | 'several-entries' | 'listed-entry' | 'other-permalink'

/** A page whose links nobody is told of. */
export interface LeftOut {
  /** The path of the page, as the rows of deliveries have it. */
  readonly post: string
  readonly why: WhyLeftOut
  /** What its entries are called, or where the one it has says that it stands. */
  readonly names: readonly string[]
  /** How many pages of others it links to, of which no post tells. */
  readonly links: number
}

/** What is known of a site besides its plan. */
export interface Survey {
  readonly leftOut: readonly LeftOut[]
  /** How many pages there are. */
  readonly pages: number
  /** Private posts without a page, such as drafts. */
  readonly unbuilt: number
}

/** Pages of the host, and what is around a text on every page. */
const NO_POSTS = ['404.html', '410.html']
const AROUND = ['nav', 'header', 'footer', 'aside']
const MAX_NAME = 40

/** What the author should know of a build that nobody is told of. Parses the pages that are no posts. */
export async function surveySite(
  site: BuiltSite,
  { posts }: Ledger,
  settings: SiteRecord,
  plan: Plan,
): Promise<Survey> {
  const unbuilt = Object.values(posts).filter(({ absent }) => absent !== undefined).length
  return { ...(await findLeftOut(site, settings, plan)), unbuilt }
}

/** Finds the pages that link to other sites in what they are about, and whose links no post of the site tells of. */
async function findLeftOut(
  site: BuiltSite,
  settings: SiteRecord,
  { deliveries, posts }: Plan,
): Promise<Pick<Survey, 'leftOut' | 'pages'>> {
  const open = deliveries.filter(({ exposure }) => exposure === 'public')
  const told = new Set(open.map(({ target }) => pageIdentity(target)))
  const leftOut: LeftOut[] = []
  let pages = 0
  for (const listed of await site.list()) {
    const { path } = listed
    const isPrivate = isBelow(path, settings.prefix) || isBelow(path, settings.gatePrefix)
    if (isPrivate || NO_POSTS.includes(path)) continue
    pages += 1
    if (posts?.has(listed.url.href)) continue
    const page = site.read(listed)
    // Parsing is what takes the time.
    if (!/href\s*=\s*["']?\s*(https?:)?\/\//i.test(page.html)) continue
    const found = whyLeftOut(page, site)
    const links = new Set(
      (found?.links ?? [])
        .filter((target) => !isAuthors(target, settings, site.url))
        .map((target) => pageIdentity(target))
        .filter((target) => !told.has(target)),
    ).size
    if (found && links > 0) {
      const { why, names } = found
      leftOut.push({ post: speakable(pagePath(page.path)), why, names, links })
    }
  }
  return { leftOut, pages }
}

function whyLeftOut(
  { html, url }: BuiltPage,
  site: BuiltSite,
): (Pick<LeftOut, 'why' | 'names'> & { readonly links: readonly URL[] }) | undefined {
  const { document, search } = parsePage(html, url, site.shown)
  if (leadsElsewhere(document)) return undefined
  if (search.entry) {
    const names = addressesOf(search.entry, document, url).map(({ href }) => speakable(href))
    return { why: 'other-permalink', names, links: linksOf(search.entry, document, url) }
  }
  const { others } = search
  if (others.length > 0) {
    const names = others.map((entry) => nameOf(entry, document, url)).filter((name) => name !== '')
    const links = others.flatMap((entry) => linksOf(entry, document, url))
    return { why: others.length > 1 ? 'several-entries' : 'listed-entry', names, links }
  }
  const main = mainOf(document)
  const around = new Set(
    [...elements(main)]
      .filter((element) => isElement(element, ...AROUND))
      .flatMap((element) => linksOf(element, document, url).map(({ href }) => href)),
  )
  const links = linksOf(main, document, url).filter(({ href }) => !around.has(href))
  return { why: 'no-entry', names: [], links }
}

/** A page in the place of one that has moved, for those who come by its old address. */
function leadsElsewhere(document: HtmlDocument): boolean {
  return [...elements(document)].some(
    (element) =>
      isElement(element, 'meta') && attribute(element, 'http-equiv')?.toLowerCase() === 'refresh',
  )
}

/** By what its author recognises an entry. */
function nameOf(entry: HtmlElement, document: HtmlDocument, page: URL): string {
  const name = propertyOf(entry, 'p-name')
  const [address] = addressesOf(entry, document, page)
  const text = (name && textOf(name)) || address?.href || attribute(entry, 'id') || textOf(entry)
  const line = speakable(text.replace(/\s+/g, ' ').trim())
  return line.length <= MAX_NAME ? line : `${line.slice(0, MAX_NAME).trimEnd()}…`
}
