/**
 * Receivers that show the source of a webmention to everybody, by what can be seen of them: the host and the
 * path of their endpoint, and the headers and links of the page that names it. No list is complete, so what was
 * delivered is looked for in public afterwards as well.
 *
 * A row needs a place where it can be read that this software publishes. Ghost, for example, has no row: it shows
 * mentions to the owner alone.
 *
 * @module
 */

/** What is known of a receiver before it is sent anything. */
export interface Receiver {
  readonly endpoint: URL
  /** Headers of an answer, and the link relations in them or in the page. */
  readonly headers?: Headers
  readonly rels?: ReadonlyMap<string, URL | undefined>
  /** Where that answer came from, if it was not the endpoint that gave it. */
  readonly page?: URL
}

/** Says by what a receiver is recognised, or `undefined` if it is not. */
type Sign = (receiver: Receiver) => string | undefined

/** Software, or a service, that publishes the sources it is sent. */
interface Publisher {
  readonly name: string
  readonly why: string
  /** Where to see that it is so. */
  readonly see: string
  readonly signs: readonly Sign[]
  /** Where the sources of `target` are listed for everybody, best first. */
  readonly listings?: (receiver: Pick<Receiver, 'endpoint'>, target: URL) => readonly URL[]
}

/** The link relation by which WordPress names its API in every page and answer. */
export const WORDPRESS_REL = 'https://api.w.org/'
export const PINGBACK_REL = 'pingback'

/** A domain as a segment of a path; `index.php` and `v1.0` are none. */
const DOMAIN = '[^/]+\\.(?!(?:php\\d?|f?cgi|as[ph]x?|jsp|js|html?)/)[a-z][a-z\\d-]+'

const WEBMENTION_IO = 'https://github.com/aaronpk/webmention.io#api'

const PUBLISHERS: readonly Publisher[] = [
  {
    name: 'webmention.io',
    why: 'its API lists the sources of any target to anyone',
    see: WEBMENTION_IO,
    signs: [atHost('webmention.io')],
    listings: webmentionIoListing,
  },
  {
    name: 'webmention.herokuapp.com',
    why: 'its API lists the sources of any target to anyone, and streams new ones',
    see: 'https://webmention.herokuapp.com/documentation.html',
    signs: [atHost('webmention.herokuapp.com')],
    listings: ({ endpoint }, target) => [
      withQuery('/api/mentions', endpoint, { url: target.href }),
    ],
  },
  {
    name: 'micro.blog',
    why: 'its API lists the sources of any target to anyone',
    see: 'https://microblog.dev/api/webmention/',
    signs: [atHost('micro.blog')],
    listings: ({ endpoint }, target) => [
      withQuery('/webmention', endpoint, { target: target.href }),
    ],
  },
  {
    name: 'brid.gy',
    why: 'it republishes the source on social networks',
    see: 'https://brid.gy/about#publishing',
    signs: [atHost('brid.gy')],
  },
  {
    name: 'news.indieweb.org',
    why: 'it is a public list of the sources sent to it',
    see: 'https://news.indieweb.org/how-to-submit-a-post',
    signs: [atHost('news.indieweb.org')],
  },
  {
    name: 'indieweb.xyz',
    why: 'it is a public directory of the sources sent to it',
    see: 'https://indieweb.xyz/howto/en',
    signs: [atHost('indieweb.xyz')],
  },
  {
    name: 'webmention.rocks',
    why: 'its test pages show the sources sent to them',
    see: 'https://github.com/aaronpk/webmention.rocks',
    signs: [atHost('webmention.rocks')],
  },
  {
    name: 'WordPress',
    why: 'it shows the source of each approved webmention in its public comments, their feeds and its API',
    see: 'https://wordpress.org/plugins/webmention/',
    signs: [
      withEndpoint(/\/wp-json\/.*webmention/i),
      withEndpoint(/\/webmention\/1\.0\/endpoint\/?$/i),
      withEndpoint(/[?&]rest_route=.*webmention/i),
      withEndpoint(/[?&]webmention=endpoint(?:&|$)/i),
      withRel(WORDPRESS_REL),
      withRel(PINGBACK_REL, /\/xmlrpc\.php$/i),
      withHeader('x-pingback', /\/xmlrpc\.php$/i),
      withHeader('x-redirect-by', /wordpress/i),
      withHeader('x-powered-by', /wordpress|wp engine/i),
      withHeader('x-generator', /wordpress/i),
    ],
    listings: wordPressListings,
  },
  {
    name: "webmention.io's software",
    why: 'its API lists the sources of any target to anyone',
    see: WEBMENTION_IO,
    // The account is called after the domain.
    signs: [withEndpoint(new RegExp(`^/${DOMAIN}/webmention/?$`, 'i'))],
    listings: copyListings,
  },
  {
    name: 'go-jamming',
    why: 'its purpose is to list the sources for the pages of a static site, and its feed names them too',
    see: 'https://git.brainbaking.com/wgroeneveld/go-jamming',
    signs: [withEndpoint(new RegExp(`^/webmention/${DOMAIN}/[^/]+/?$`, 'i')), asInItsGuide],
    listings: ({ endpoint }) => (endpoint.pathname.split('/').length > 3 ? [endpoint] : []),
  },
  {
    name: 'webmentiond',
    why: 'it lists the sources of approved mentions of any target to anyone',
    see: 'https://github.com/zerok/webmentiond/blob/main/docs/getting-started.md',
    // With a slash at the end, it is the address of Ghost.
    signs: [withEndpoint(/^\/receive$/), withEndpoint(/\/webmentions\/receive$/)],
    listings: ({ endpoint }, target) => [withQuery('get', endpoint, { target: target.href })],
  },
  {
    name: 'Known',
    why: 'it shows the source of each webmention below the post at once',
    see: 'https://github.com/idno/known/blob/main/Idno/Common/Entity.php',
    signs: [
      withHeader('x-powered-by', /withknown\.com/i),
      withHeader('x-known-build-fingerprint', /./),
    ],
  },
  {
    name: 'Craft CMS',
    why: 'its webmention plugin shows the sources on the page that they mention',
    see: 'https://github.com/matthiasott/webmention#displaying-webmentions',
    signs: [withHeader('x-powered-by', /craft cms/i)],
  },
  {
    name: 'ProcessWire',
    why: 'its webmention module shows the sources on the page that they mention',
    see: 'https://github.com/gRegorLove/ProcessWire-Webmention',
    signs: [withHeader('x-powered-by', /processwire/i)],
  },
  {
    name: 'Drupal',
    why: 'its webmention modules show the sources in blocks and comments',
    see: 'https://github.com/swentel/indieweb',
    signs: [
      withEndpoint(/\/webmention\/receive\/?$/),
      withHeader('x-generator', /^drupal/i),
      withHeader('x-drupal-cache', /./),
      withHeader('x-drupal-dynamic-cache', /./),
    ],
  },
]

/** A publisher, and by what it was recognised. */
export interface RecognisedPublisher {
  readonly publisher: Publisher
  readonly evidence: string
}

/** Tells whether a receiver would publish a source. */
export function recognisePublisher(receiver: Receiver): RecognisedPublisher | undefined {
  for (const publisher of PUBLISHERS) {
    for (const sign of publisher.signs) {
      const evidence = sign(receiver)
      if (evidence !== undefined) return { publisher, evidence }
    }
  }
  return undefined
}

/** Where everybody may read the sources that `target` was sent, as far as that is known of its receiver. */
export function publicListings(endpoint: URL, target: URL): readonly URL[] {
  const publisher = recognisePublisher({ endpoint })?.publisher
  if (publisher) return publisher.listings?.({ endpoint }, target) ?? []
  return POSSIBLE_LISTINGS.flatMap(({ path, listing }) =>
    path.test(endpoint.pathname) ? listing(endpoint, target) : [],
  )
}

/** Addresses that say too little for a refusal, and are worth a look. */
const POSSIBLE_LISTINGS = [
  {
    path: /^\/api\/webmention\/?$/,
    listing: (endpoint: URL, target: URL) => [
      withQuery('/api/mentions', endpoint, { url: target.href }),
    ],
  },
  {
    path: /^\/(?!api\/)[^/]+\/webmention\/?$/,
    listing: (endpoint: URL, target: URL) => copyListings({ endpoint }, target),
  },
]

function atHost(host: string): Sign {
  return ({ endpoint }) => {
    const name = endpoint.hostname.toLowerCase().replace(/\.$/, '')
    return name === host || name.endsWith(`.${host}`) ? `its host ${name}` : undefined
  }
}

function withEndpoint(pattern: RegExp): Sign {
  return ({ endpoint }) => {
    const address = endpoint.pathname + endpoint.search
    return pattern.test(address) ? `the address of its endpoint, ${address}` : undefined
  }
}

function withHeader(name: string, pattern: RegExp): Sign {
  return (receiver) =>
    isOfEndpoint(receiver) && pattern.test(receiver.headers?.get(name)?.trim() ?? '')
      ? `its header ${name}`
      : undefined
}

/** @param pattern What the address that is linked to must be like. */
function withRel(rel: string, pattern?: RegExp): Sign {
  return (receiver) => {
    if (!isOfEndpoint(receiver) || receiver.rels?.has(rel) !== true) return undefined
    const isLike = !pattern || pattern.test(receiver.rels.get(rel)?.pathname ?? '')
    return isLike ? `its link with rel="${rel}"` : undefined
  }
}

/** Whether what is known of the page is true of the receiver too, which may be at another host. */
export function isOfEndpoint({ endpoint, page }: Receiver): boolean {
  const plain = ({ host }: URL) => host.replace(/^www\./, '')
  return page === undefined || plain(page) === plain(endpoint)
}

/** The guide has the reader install it at `jam.`, and name `/webmention` and `/pingback` there. */
function asInItsGuide({ endpoint, rels, page }: Receiver): string | undefined {
  if (endpoint.pathname !== '/webmention' || endpoint.search !== '') return undefined
  if (/^jam\./i.test(endpoint.hostname)) return `the address of its endpoint, ${endpoint.host}`
  const pingback = rels?.get(PINGBACK_REL)
  const isElsewhere = page !== undefined && page.host !== endpoint.host
  return isElsewhere && pingback?.href === new URL('/pingback', endpoint).href
    ? 'the two endpoints that its page names, /webmention and /pingback on another host'
    : undefined
}

function webmentionIoListing({ endpoint }: Pick<Receiver, 'endpoint'>, target: URL): URL[] {
  return [withQuery('/api/mentions.jf2', endpoint, { target: target.href, 'per-page': '100' })]
}

/** Old copies of webmention.io have the older address alone. */
function copyListings({ endpoint }: Pick<Receiver, 'endpoint'>, target: URL): URL[] {
  const older = withQuery('/api/links', endpoint, { target: target.href, 'per-page': '100' })
  return [...webmentionIoListing({ endpoint }, target), older]
}

/** Below the folder where WordPress lies, as far as the endpoint tells it. */
function wordPressListings({ endpoint }: Pick<Receiver, 'endpoint'>): URL[] {
  const { pathname, search } = endpoint
  const [folder = '/', api] = pathname.split(/(?<=\/)wp-json\//)
  const root = new URL(api === undefined ? pathname.replace(/[^/]*$/, '') : folder, endpoint)
  if (api === undefined && /[?&](?:rest_route|webmention)=/.test(search)) {
    return [
      new URL('?feed=comments-rss2', root),
      new URL('?rest_route=/wp/v2/comments&per_page=100', root),
    ]
  }
  return [new URL('comments/feed/', root), new URL('wp-json/wp/v2/comments?per_page=100', root)]
}

function withQuery(path: string, base: URL, query: Readonly<Record<string, string>>): URL {
  const url = new URL(path, base)
  url.search = new URLSearchParams(query).toString()
  return url
}
