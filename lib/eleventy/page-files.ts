import { posix } from 'node:path'
import { extensionOf } from '../leak-audit/file-names.ts'
import {
  attachmentFor,
  folderAttachments,
  type Attachment,
  type AttachmentOptions,
} from './attachments.ts'
import type { BuiltPost } from './build-state.ts'
import type { OwnAssets } from './own-assets.ts'
import { rewriteReferences, type ReferencePlace } from './page-references.ts'
import { encodePath } from './carried-media.ts'
import type { PrivateMedia } from './private-media.ts'

/** Files that people put on a page, whatever names them there. */
const ATTACHABLE =
  'jpg jpeg png gif webp avif svg heic tif tiff bmp mp3 mp4 m4a m4v ogg ogv opus flac wav webm mov vtt srt pdf ics vcf csv gpx kml zip epub doc docx xls xlsx ppt pptx odt ods odp txt'.split(
    ' ',
  )

export interface PageFilesOptions {
  readonly attaching: AttachmentOptions
  readonly media: PrivateMedia
  readonly own: OwnAssets
  /** Address of the post's folder while it is built, with the site's path prefix. */
  readonly address: string
  /** Where relative references of the post may begin. */
  readonly folders: readonly string[]
}

/**
 * Finds the files that go with a post, and lets its pages refer to their places: files beside its source,
 * files that were taken out of the public output, and what else of the site the page means.
 */
export function attachFiles(
  built: BuiltPost,
  { attaching, media, own, address, folders }: PageFilesOptions,
): readonly Attachment[] {
  const attachments = folderAttachments(built.post.path, attaching)
  for (const [below, page] of built.pages) {
    const isRebased = /<base\s/i.test(page.html)
    const html = rewriteReferences(
      page.html,
      [...ATTACHABLE, ...media.extensions],
      (written, place) => {
        const text = place.isAddress ? written.trim() : written.replaceAll('\\/', '/')
        const reference = text.startsWith(address) ? text.slice(address.length) : text
        const destination = placeOf(reference, place)
        if (destination === undefined) {
          const isWhole = place.isAddress || isInStyle(reference, place)
          return isWhole ? own.resolve(built, reference, place, folders) : undefined
        }
        if (destination === '' || isPlace(below, reference, destination)) return undefined
        return addressOf(below, destination, isRebased, place) + suffixOf(reference, place)
      },
    )
    built.pages.set(below, { ...page, html })
  }
  return [...attachments.values()]

  /** Path below the post of what a reference means; `''`: a page of it. */
  function placeOf(reference: string, { isAddress, isLoose }: ReferencePlace): string | undefined {
    const path = reference.trim().replace(/[?#].*$/s, '')
    if (path === '') return reference.trim() === '' ? undefined : ''
    if (/^(?!https?:)[a-z][a-z0-9+.-]*:/i.test(path)) return undefined
    // A text of a script may say the same as the path of a source.
    const isMeant = isAddress || ATTACHABLE.includes(extensionOf(path))
    const attachment = isMeant && attachmentFor(built.post.path, reference, attaching, attachments)
    if (attachment) return attachment.destination
    const file = posix.normalize(decode(path))
    if (built.files.has(file)) return file
    if ([...built.pages.keys()].some((page) => isPage(page, file))) return ''
    return media.place(built, reference, {
      ...{ folders, isLoose },
      isUsed: (place) => attachments.has(place),
    })
  }

  function addressOf(
    below: string,
    destination: string,
    isRebased: boolean,
    { attribute }: ReferencePlace,
  ): string {
    // What a script makes of a relative address, nobody can tell.
    const isFree = isRebased || attribute === undefined
    if (isFree) return address + encodePath(destination)
    const end = destination.endsWith('/') ? '/' : ''
    return encodePath(posix.relative(below, destination)) + end
  }
}

/** What a stylesheet in the page loads; all else in a text may be a word. */
function isInStyle(reference: string, { element, attribute }: ReferencePlace): boolean {
  const isStyle = attribute === 'style' || (attribute === undefined && element.tagName === 'style')
  return isStyle && /^(?:\.{0,2}\/|https?:)[^\s()'"]*$/.test(reference)
}

function isPage(page: string, file: string): boolean {
  return page !== '' && page.replace(/\/$/, '') === file.replace(/(?:\/|\/index\.html)$/, '')
}

function isPlace(below: string, reference: string, destination: string): boolean {
  const path = reference.trim().replace(/[?#].*$/s, '')
  return !path.startsWith('/') && posix.join(below, decode(path)) === destination
}

function suffixOf(reference: string, { isAddress }: ReferencePlace): string {
  return isAddress ? (/[?#].*$/s.exec(reference.trim())?.[0] ?? '') : ''
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // An address that cannot be read is looked for as it stands, and not found.
    return text
  }
}
