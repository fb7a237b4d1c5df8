import { escapeHtml } from '../../lib/web/markup.ts'
import { createReceiver, type Behaviour, type Receiver, type ReceivedRequest } from './receiver.ts'

/** A site whose receiver shows what it was sent, once its owner says so. */
export interface Publisher {
  readonly receiver: Receiver
  /** The home page that is told. */
  readonly home: string
  /** From now on everybody sees what was sent. */
  approve(): void
  withdraw(): void
  /** Paths of the GET requests since the last time. */
  visited(): string[]
}

type Render = (sources: readonly string[], request: ReceivedRequest) => Behaviour

async function createPublisher(
  name: string,
  { render, endpoint = '/mention' }: { readonly render: Render; readonly endpoint?: string },
): Promise<Publisher> {
  let isApproved = false
  let sources: string[] = []
  const receiver = await createReceiver({
    page: (request) => render(isApproved ? sources : [], request),
    endpoint: ({ source = '', path }) => {
      if (path !== endpoint) return 404
      sources = [source, ...sources.filter((other) => other !== source)]
      return 202
    },
  })
  return {
    receiver,
    home: receiver.url(name),
    approve: () => void (isApproved = true),
    withdraw: () => void (isApproved = false),
    visited() {
      const paths = receiver.log.flatMap(({ method, path }) => (method === 'GET' ? [path] : []))
      receiver.forget()
      return paths
    },
  }
}

/**
 * WordPress with its webmention plugin, as a theme and a host leave it that hide what it is: the endpoint has
 * another address, and no header says WordPress. The page shows the text of a link cut short; the comments' feed
 * has the address in CDATA, with an ampersand as `&#038;`.
 *
 * @param showsExcerpts The feed has excerpts alone, in which the address is cut short too.
 */
export function createWordPress({ showsExcerpts = false } = {}): Promise<Publisher> {
  const feedOf = (sources: readonly string[]) => {
    const items = sources.map(
      (source) => `<item><title>By: Alice</title><link>http://bob.example/#comment-1</link>
<dc:creator><![CDATA[Alice]]></dc:creator>
<description>Alice mentioned this on ${source.slice(0, -20)}&#8230;</description>
${showsExcerpts ? '' : `<content:encoded><![CDATA[<p><a href="${source}?utm_source=x&#038;utm_medium=y" rel="nofollow">alice.example/p&hellip;</a></p>]]></content:encoded>`}</item>`,
    )
    return `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>${items.join('')}</channel></rss>`
  }
  const pageOf = (sources: readonly string[]) => `<!doctype html><html><head>
<link rel="alternate" type="application/rss+xml" title="Bob &raquo; Feed" href="/feed/" />
<link rel="alternate" type="application/rss+xml" title="Bob &raquo; Comments Feed" href="/comments/feed/" />
<link rel="alternate" hreflang="de" href="/de/" />
<link rel="alternate" type="application/json+oembed" href="/wp-json/oembed/1.0/embed?url=x" />
<link rel="webmention" href="/mention" /></head><body><ol class="commentlist">
${sources.map((source) => `<li>Alice: ${escapeHtml(source.slice(0, -20))}&hellip;</li>`).join('')}</ol></body></html>`
  return createPublisher('bob', {
    render: (sources, { path }) => {
      if (path === '/comments/feed/') return answer('application/rss+xml', feedOf(sources))
      if (path === '/feed/') return answer('application/rss+xml', feedOf([]))
      return path === '/' ? answer('text/html', pageOf(sources)) : 404
    },
  })
}

/**
 * webmention.io on a host of its own, for a page that shows nothing: an API that lists newest first, twenty to a
 * page whatever it is asked for, with its slashes escaped.
 *
 * @param newer How many others have mentioned the page since.
 */
export function createWebmentionIo(newer = 0): Promise<Publisher> {
  const others = Array.from({ length: newer }, (_, number) => `https://other.example/${number}`)
  const entryOf = (source: string) => ({
    type: 'entry',
    url: source,
    'wm-source': source,
    content: { html: `<a href="${source}">x</a>` },
  })
  return createPublisher('bob', {
    endpoint: '/bob/webmention',
    render(sources, { path }) {
      const { pathname, searchParams } = new URL(path, 'http://wm.example')
      if (pathname === '/') {
        return answer('text/html', '<!doctype html><link rel="webmention" href="/bob/webmention">')
      }
      if (pathname !== '/api/mentions.jf2' || !searchParams.has('target')) return 404
      const first = 20 * Number(searchParams.get('page') ?? 0)
      const children = [...others, ...sources].slice(first, first + 20).map(entryOf)
      const feed = { type: 'feed', name: 'Webmentions', children }
      return answer('application/json', JSON.stringify(feed).replaceAll('/', '\\/'))
    },
  })
}

/** A receiver that keeps what it was sent to its owner. */
export function createDiscreet(): Promise<Publisher> {
  return createPublisher('bob', {
    render: (_, { path }) =>
      path === '/'
        ? answer(
            'text/html',
            '<!doctype html><link rel="webmention" href="/mention"><link rel="alternate" type="application/atom+xml" href="/feed.xml">',
          )
        : 404,
  })
}

function answer(type: string, body: string): Behaviour {
  return { status: 200, headers: { 'content-type': `${type}; charset=utf-8` }, body }
}
