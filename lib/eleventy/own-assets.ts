import { posix } from 'node:path'
import { slugify } from '../post/natural-path.ts'
import { isLoopbackHost } from '../web/address-text.ts'
import { isElement } from '../web/html.ts'
import { canParseUrl } from '../web/parse-url.ts'
import { redactSecrets } from '../web/redaction.ts'
import type { BuildState, BuiltPost } from './build-state.ts'
import type { OwnHosts } from './own-hosts.ts'
import type { ReferencePlace } from './page-references.ts'
import { wasWritten } from './renamed-assets.ts'
import type { SiteAddresses } from './site-addresses.ts'

/** References of private pages to their own site. */
export interface OwnAssets {
  /**
   * What to write for a reference that the page's own folder does not answer: an address that exists, `null`
   * for a link that leads nowhere, `undefined` to leave it.
   *
   * @param reference Without the address of the page's own folder, if it began with it.
   */
  resolve(
    built: BuiltPost,
    reference: string,
    place: ReferencePlace,
    folders: readonly string[],
  ): string | null | undefined
  /** One sentence for each thing that is not there, unless public pages refer to it as well. */
  warnings(publicTexts: Iterable<string>): string[]
}

export interface OwnAssetsOptions {
  /** Where the site is, for addresses without a host. */
  readonly site: URL
  readonly hosts: OwnHosts
  readonly pathPrefix: string
  readonly addresses: SiteAddresses
  /** A plugin that renames files after Eleventy has written them. */
  readonly bundler: string | undefined
}

interface Missing {
  readonly verb: string
  readonly posts: Set<string>
  /** Whether Eleventy copied it in this build. */
  readonly isRenamed: boolean
}

/** Elements that load what they refer to; links that tell software something lead to no reader. */
const LOADING = [
  'img',
  'source',
  'script',
  'video',
  'audio',
  'track',
  'iframe',
  'embed',
  'object',
  'image',
  'use',
  'input',
]
const LOADED_RELATIONS = /\b(?:stylesheet|icon|apple-touch-icon|manifest|preload|modulepreload)\b/i

export function createOwnAssets(
  { publicPosts, copies }: BuildState,
  { site, hosts, pathPrefix, addresses, bundler }: OwnAssetsOptions,
): OwnAssets {
  const missing = new Map<string, Missing>()
  return {
    resolve(built, reference, { element, attribute }, folders) {
      const kind = kindOf(element, attribute)
      if (kind === 'link' && isOwnSource(built, reference)) return null
      const path = kind && pathOf(reference)
      if (path === undefined || kind === undefined) return undefined
      const suffix = /[?#].*$/s.exec(reference.trim())?.[0] ?? ''
      if (!path.startsWith('/')) {
        const found = findRelative(built, path, folders)
        if (found !== undefined) return posix.join('/', pathPrefix, encodeURI(found)) + suffix
      } else if (addresses.has(path)) return undefined
      const place = posix.join(
        '/',
        path.startsWith('/') ? path : posix.join(folders[0] ?? '', path),
      )
      if (addresses.isServed(place)) return undefined
      if (kind === 'link' && leadsNowhere(built, place)) return null
      const known = missing.get(reference) ?? {
        verb: VERBS[kind],
        posts: new Set<string>(),
        isRenamed: kind === 'file' && wasWritten({ copies }, place.slice(1)),
      }
      missing.set(reference, known)
      known.posts.add(built.post.path)
      return undefined
    },
    warnings(publicTexts) {
      if (missing.size === 0) return []
      const open = new Map(missing)
      for (const text of publicTexts) {
        for (const reference of open.keys()) if (text.includes(reference)) open.delete(reference)
      }
      return [...open].map(([reference, { verb, posts, isRenamed }]) => {
        const [first = '', ...others] = posts
        const all = others.length === 0 ? first : `${first} and ${others.length} more`
        return `${all}: the page ${verb} ${redactSecrets(reference)}, which is not in the output${isRenamed ? renamedBy(bundler) : '. To do: correct the address, or see to it that the file is built or copied.'}`
      })
    },
  }

  /** The path below the site's root, decoded; relative ones stay relative. `undefined`: not this site's. */
  function pathOf(reference: string): string | undefined {
    const text = reference.trim().replace(/[?#].*$/s, '')
    if (text === '' || !canParseUrl(text, site.href)) return undefined
    if (!/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(text)) return decode(text)
    const url = new URL(text, site)
    // On loopback, each port is a site of its own.
    const isOwn = url.origin === site.origin || (!isLoopbackHost(url.hostname) && hosts.has(url))
    if (!isOwn || !/^https?:$/.test(url.protocol)) return undefined
    if (!url.pathname.startsWith(pathPrefix)) return undefined
    return decode(`/${url.pathname.slice(pathPrefix.length)}`)
  }

  /** The author wrote a relative address for where the post would stand if it were public. */
  function findRelative(
    { post }: BuiltPost,
    path: string,
    folders: readonly string[],
  ): string | undefined {
    const places = folders.map((folder) => posix.join('/', folder, path))
    const place = places.find((candidate) => addresses.has(candidate))
    return place ?? publicPosts.get(posix.join(posix.dirname(post.path), path))
  }
}

/** What became of a file that Eleventy has copied, and what helps. */
function renamedBy(bundler: string | undefined): string {
  const who = bundler ?? 'a bundler that runs after Eleventy'
  const where = bundler ? 'Vite\'s folder "public"' : 'a folder that the bundler leaves alone'
  return `: ${who} has renamed or removed the file, and no public page tells its new name. To do: give the post a layout that a public page uses too, or keep the file in ${where}.`
}

const VERBS = { file: 'loads', link: 'links to' } as const

function kindOf(element: ReferencePlace['element'], attribute: string | undefined) {
  if (attribute === 'style' || isElement(element, 'style')) return 'file'
  // Those of drawings, too.
  if (['a', 'area'].includes(element.tagName)) return attribute === 'href' ? 'link' : undefined
  if (isElement(element, 'link')) {
    const rel = element.attrs.find(({ name }) => name === 'rel')?.value ?? ''
    const isAddress = attribute === 'href' || attribute === 'imagesrcset'
    return isAddress && LOADED_RELATIONS.test(rel) ? 'file' : undefined
  }
  return LOADING.includes(element.tagName) ? 'file' : undefined
}

/** A link of the post to itself, by the name of its file. */
function isOwnSource({ post }: BuiltPost, reference: string): boolean {
  const path = decode(reference.trim().replace(/[?#].*$/s, ''))
  return path !== '' && posix.join(posix.dirname(post.path), path) === posix.normalize(post.path)
}

/** The address that the post itself would have, and pages and feeds of tags that only private posts have. */
function leadsNowhere({ post, naturalPaths }: BuiltPost, place: string): boolean {
  const page = place.replace(/(?:(?:\/index)?\.html?|\/+)$/, '')
  const own = [...naturalPaths].map((path) => `/${path}`.replace(/(?:\/index)?\.html?$/, ''))
  const tag = page.replace(/(?:\/(?:page|\d+|(?:feed|rss|atom|index)(?:\.\w+)?)){1,3}$/, '')
  const names = slugs(posix.basename(tag))
  return (
    own.includes(page) || post.tags.some((some) => slugs(some).some((one) => names.includes(one)))
  )
}

const UMLAUTS: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue' }

/** A text as slugs write it: some take the dots away from an umlaut, some spell it out. */
function slugs(text: string): string[] {
  const lower = text.normalize('NFC').toLowerCase().replaceAll('ß', 'ss')
  const spelled = lower.replace(/[äöü]/g, (letter) => UMLAUTS[letter] ?? letter)
  return [slugify(lower), slugify(spelled)]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // An address that cannot be read is looked for as it stands, and not found.
    return text
  }
}
