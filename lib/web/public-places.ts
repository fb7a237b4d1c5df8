/**
 * Places on the web whose addresses look unguessable, or not, although they are the contrary. Data for
 * `secretParts` (secret-url.ts), each with its reason.
 *
 * @module
 */

/** Hosts, with everything below them. A secret may stand in the fragment, which begins with a hash. */
interface Place {
  readonly hosts: readonly string[] | RegExp
  /** The paths there; without it, all. In a list of secrets, its group is the secret. */
  readonly path?: RegExp
  readonly why: string
}

/** Whoever gets such an address elsewhere may read because they have it. Here they may not, or everybody may. */
const PUBLIC: readonly Place[] = [
  {
    hosts: [
      'github.com',
      'githubusercontent.com',
      'githubassets.com',
      'gitlab.com',
      'bitbucket.org',
      'codeberg.org',
      'sr.ht',
      'googlesource.com',
      'source.chromium.org',
      'cs.chromium.org',
      'crsrc.org',
      'searchfox.org',
      'sourcegraph.com',
      'softwareheritage.org',
      'huggingface.co',
    ],
    why: 'hashes of commits and files. A gist may be secret, but nearly all that are linked are not',
  },
  {
    hosts: ['jsdelivr.net', 'unpkg.com', 'pythonhosted.org', 'npmjs.org', 'npmjs.com', 'nixos.org'],
    why: 'packages by their hashes',
  },
  {
    hosts: [
      'play.rust-lang.org',
      'typescriptlang.org',
      'svelte.dev',
      'play.vuejs.org',
      'babeljs.io',
      'mermaid.live',
      'codepen.io',
      'codesandbox.io',
      'jsfiddle.net',
      'astexplorer.net',
      'ast-explorer.dev',
      'typescript-play.js.org',
      'godbolt.org',
      'go.dev',
      'vega.github.io',
      'whatwg.org',
    ],
    why: 'the address holds the program that is shown, or the hash of a document',
  },
  {
    hosts: [
      'youtube.com',
      'youtube-nocookie.com',
      'youtu.be',
      'ytimg.com',
      'ggpht.com',
      'vimeo.com',
      'dailymotion.com',
      'twitch.tv',
      'spotify.com',
      'scdn.co',
      'tidal.com',
      'deezer.com',
      'soundcloud.com',
      'bandcamp.com',
      'musicbrainz.org',
      'listenbrainz.org',
      'coverartarchive.org',
      'asciinema.org',
      'giphy.com',
      'tenor.com',
      'imgur.com',
      'unsplash.com',
    ],
    why: 'numbers of films, songs, channels and pictures that everybody can see',
  },
  {
    hosts: [
      'facebook.com',
      'fbcdn.net',
      'instagram.com',
      'cdninstagram.com',
      'threads.net',
      'linkedin.com',
      'licdn.com',
      'twitter.com',
      'x.com',
      'twimg.com',
      'bsky.app',
      'reddit.com',
      'redd.it',
      'pinterest.com',
      'pinimg.com',
      'tumblr.com',
      'medium.com',
      'substack.com',
      'substackcdn.com',
      'mp.weixin.qq.com',
      'matrix.to',
      'signal.me',
      'brid.gy',
      'webmention.io',
    ],
    why: 'who may see a post there does not depend on its address',
  },
  {
    hosts: /./,
    path: /\/(?:content|articles?|news|story|stories|items?|episodes?|songs?|tracks?|videos?|incidents|products?|issues|questions|recipes?|books?)\/(?:[\w-]+-)?[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\/?$/i,
    why: 'an id behind the name of what everybody can look up',
  },
  {
    hosts: /^(?:.+\.)?airbnb\.(?:[a-z]{2,3}|co\.[a-z]{2})$/,
    why: 'the query holds where a click came from',
  },
  { hosts: /^(?:.+\.)?amazon\.(?:[a-z]{2,3}|co\.[a-z]{2}|com\.[a-z]{2})$/, why: 'goods on sale' },
  {
    hosts:
      /^(?:www|maps|news|scholar|translate)\.google\.(?:[a-z]{2,3}|co\.[a-z]{2}|com\.[a-z]{2})$/,
    why: 'searches and maps',
  },
  {
    hosts: ['docs.google.com'],
    path: /^\/(?:\w+\/d\/e\/|forms\/d\/[^/]+\/viewform)/,
    why: 'published, or a form that is to be filled in; what is only shared has no "/e/"',
  },
  {
    hosts: ['calendar.google.com'],
    path: /^\/calendar\/(?:(?:u\/\d\/)?(?:embed|r|render)|ical\/[^/]+\/public\/)/,
    why: 'public calendars; secret ones have "private-"',
  },
  {
    hosts: [
      'chromewebstore.google.com',
      'googleapis.com',
      'gstatic.com',
      'googleusercontent.com',
      'googletagmanager.com',
      'google-analytics.com',
      'cloudflareinsights.com',
      'imagedelivery.net',
      'sentry.io',
      'mapbox.com',
      'maptiler.com',
      'stadiamaps.com',
      'thunderforest.com',
      'cloudinary.com',
      'imagekit.io',
      'builder.io',
      'wp.com',
      'nitrocdn.com',
      'discordapp.com',
      'discordapp.net',
      'gravatar.com',
      'libravatar.org',
    ],
    why: 'what pages load for everybody: scripts, fonts, maps, pictures',
  },
  {
    hosts: [
      'wikipedia.org',
      'wikimedia.org',
      'wikidata.org',
      'doi.org',
      'semanticscholar.org',
      'learn.microsoft.com',
      'docs.microsoft.com',
      'support.microsoft.com',
      'figma.com',
      'notion.site',
      'loom.com',
      'calendly.com',
      'paypal.com',
      'keyoxide.org',
      'keys.openpgp.org',
      'keybase.io',
    ],
    why: 'published works, pages made to be shown, keys that everybody may have',
  },
  {
    hosts: ['chatgpt.com', 'chat.openai.com', 'claude.ai'],
    path: /^\/share\//,
    why: 'a conversation that was made public',
  },
  { hosts: ['join.slack.com'], why: 'an invitation to everybody who reads it' },
]

/** Short addresses that are secrets all the same: whoever has one may read. */
const SECRET: readonly Place[] = [
  {
    hosts: ['dropbox.com'],
    path: /^\/(?:s|sh|t|scl\/f[io]|transfer)\/([\w-]{10,})/,
    why: 'links of Dropbox',
  },
  { hosts: ['dropboxusercontent.com'], path: /^\/(?:s|scl\/f[io])\/([\w-]{10,})/, why: 'the same' },
  {
    hosts: ['1drv.ms', 'we.tl', 'photos.app.goo.gl'],
    path: /\/([\w!-]{8,})\/?$/,
    why: 'their short form',
  },
  { hosts: ['sharepoint.com'], path: /^\/:\w:\/.*\/([\w-]{16,})/, why: 'links of SharePoint' },
  { hosts: ['wetransfer.com'], path: /^\/downloads\/([\da-f]{20,})/, why: 'links of WeTransfer' },
  { hosts: ['icloud.com'], path: /\/([\dA-Za-z_-]{20,})\/?$/, why: 'links of iCloud' },
  { hosts: ['icloud.com'], path: /^\/sharedalbum\/#(\w{10,})/, why: 'albums of iCloud' },
  { hosts: ['drive.proton.me'], path: /^\/urls\/\w+#(\w{8,})/, why: 'links of Proton Drive' },
  { hosts: ['box.com'], path: /^\/s\/(\w{20,})/, why: 'links of Box' },
  { hosts: /./, path: /^\/(?:secret|private)\/([\da-z]{30,})\/?$/, why: 'One-Time Secret' },
  { hosts: ['overleaf.com'], path: /^\/read\/([a-z]{12})/, why: 'links of Overleaf' },
  { hosts: ['hooks.slack.com'], path: /^\/services\/\w+\/\w+\/(\w+)/, why: 'a webhook' },
  { hosts: ['discord.com'], path: /^\/api\/webhooks\/\d+\/([\w-]+)/, why: 'a webhook' },
  {
    hosts: /./,
    path: /(?:^|\/)s\/((?=\w*[a-z])(?=\w*[A-Z])(?=\w*\d)[A-Za-z\d]{15})(?:\/|$)/,
    why: 'links of Nextcloud',
  },
  { hosts: ['calendar.google.com'], path: /\/(private-[\da-f]{20,})\//, why: 'a secret calendar' },
]

/** Hosts where people keep files and share them by links. */
const FILE_SERVICES: Place = {
  hosts: [
    ...['docs.google.com', 'drive.google.com', 'photos.google.com', 'photos.app.goo.gl'],
    ...['calendar.google.com', 'dropbox.com', 'dropboxusercontent.com', '1drv.ms'],
    ...['onedrive.live.com', 'sharepoint.com', 'wetransfer.com', 'we.tl', 'icloud.com'],
    ...['overleaf.com', 'amazonaws.com', 'core.windows.net', 'chat.whatsapp.com'],
  ],
  why: 'the author of what is there has a site elsewhere',
}

/** Whether everybody may read what is there, whatever its address looks like. */
export function isPublicPlace(url: URL): boolean {
  return PUBLIC.some((place) => isAt(url, place))
}

/** The secret in an address that is one, whatever it looks like. */
export function secretOfPlace(url: URL): string | undefined {
  for (const place of SECRET) {
    const isHere = isHost(url, place)
    const found =
      isHere && (place.path?.exec(url.pathname) ?? place.path?.exec(url.pathname + url.hash))
    const secret = found ? found[1] : undefined
    if (secret !== undefined) return secret
  }
  return undefined
}

/** Whether a place keeps files of many people, so that its host says nothing of their author. */
export function isFileService(url: URL): boolean {
  return isAt(url, FILE_SERVICES)
}

function isAt(url: URL, place: Place): boolean {
  return isHost(url, place) && (place.path === undefined || place.path.test(url.pathname))
}

function isHost({ hostname }: URL, { hosts }: Place): boolean {
  return hosts instanceof RegExp
    ? hosts.test(hostname)
    : hosts.some((host) => hostname === host || hostname.endsWith(`.${host}`))
}
