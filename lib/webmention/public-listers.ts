/** A receiver that shows the sources it was sent to anyone, whatever the target's owner does with them. */
export interface PublicLister {
  /** This host and all below it. */
  readonly host: string
  readonly why: string
  /** Where to see that it is so. */
  readonly see: string
}

/**
 * The receivers known to publish sources. A row needs a place where that can be seen; what a single site
 * does with its own comments is between its owner and the sender, and no matter of this list.
 */
const PUBLIC_LISTERS: readonly PublicLister[] = [
  {
    host: 'webmention.io',
    why: 'its API lists the sources of any target to anyone',
    see: 'https://github.com/aaronpk/webmention.io#api',
  },
  {
    host: 'webmention.herokuapp.com',
    why: 'its API lists the sources of any target to anyone, and streams new ones',
    see: 'https://webmention.herokuapp.com/documentation.html',
  },
  {
    host: 'micro.blog',
    why: 'its API lists the sources of any target to anyone',
    see: 'https://microblog.dev/api/webmention/',
  },
  {
    host: 'brid.gy',
    why: 'it republishes the source on social networks',
    see: 'https://brid.gy/about#publishing',
  },
  {
    host: 'news.indieweb.org',
    why: 'it is a public list of the sources sent to it',
    see: 'https://news.indieweb.org/how-to-submit-a-post',
  },
  {
    host: 'indieweb.xyz',
    why: 'it is a public directory of the sources sent to it',
    see: 'https://indieweb.xyz/howto/en',
  },
  {
    host: 'webmention.rocks',
    why: 'its test pages show the sources sent to them',
    see: 'https://github.com/aaronpk/webmention.rocks',
  },
]

/** Tells whether `endpoint` belongs to a receiver that would publish a source. */
export function publicLister(endpoint: URL): PublicLister | undefined {
  const host = endpoint.hostname.toLowerCase().replace(/\.$/, '')
  return PUBLIC_LISTERS.find((lister) => host === lister.host || host.endsWith(`.${lister.host}`))
}
