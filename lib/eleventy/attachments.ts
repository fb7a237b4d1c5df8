import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { basename, dirname, posix } from 'node:path'

/** A file that goes with a post: from beside its source to below its capability URL. */
export interface Attachment {
  /** Path from the project's root. */
  readonly source: string
  /** Path below the capability folder. */
  readonly destination: string
}

/** What becomes a page, or steers one; everything else beside a post is an attachment. */
const TEMPLATE =
  /\.(md|njk|nunjucks|liquid|html?|webc|hbs|mustache|ejs|haml|pug|vue|mdx|(11ty|11tydata)\.\w+|[jt]sx)$/i
/** What may hold the data of a folder or a template, and with them the names of its readers. */
const DATA = /\.(json[5c]?|ya?ml|toml|[cm]?[jt]s)$/i
/** References in Markdown and HTML that nobody has rendered. */
const WRITTEN_REFERENCES = [
  /\]\(\s*(?:<([^<>\n]+)>|([^\s()]+))/g,
  /^[ \t]*\[[^\]\n]+\]:[ \t]*(?:<([^<>\n]+)>|(\S+))/gm,
  /(?:src|href|poster|data)\s*=\s*(?:["']([^"'\n]+)["']|([^\s"'>]+))/gi,
]

export interface AttachmentOptions {
  /** Folder of the site's sources, from the project's root. */
  readonly input: string
  /** Whether a glob of the options makes the file private. */
  readonly isNamedPrivate: (path: string) => boolean
  /** Files that must never leave the sources. */
  readonly isForbidden: (path: string) => boolean
  /** Whether Eleventy makes a page of the file, whatever its extension. */
  readonly isTemplate: (path: string) => boolean
  /** What lies in a folder, for all its posts: those of one build. */
  readonly folders: Map<string, FolderFiles>
}

/** Files below a folder, and whether a single post has it for itself. */
interface FolderFiles {
  readonly files: readonly string[]
  readonly isOfOnePost: boolean
}

/** The files of a private folder that a post has for itself: they go with it, whether it shows them or not. */
export function folderAttachments(
  path: string,
  options: AttachmentOptions,
): Map<string, Attachment> {
  return new Map(ownFolder(path, options).map((attachment) => [attachment.destination, attachment]))
}

/**
 * The file that a page refers to by an address relative to its source, or by the address from the root of a
 * private file.
 *
 * @param attachments By destination: those of the post so far, to which this is added.
 */
export function attachmentFor(
  path: string,
  reference: string,
  options: AttachmentOptions,
  attachments: Map<string, Attachment>,
): Attachment | undefined {
  const found = resolve(path, reference, options)
  if (!found) return undefined
  const attachment = withPlaceOfItsOwn(found, attachments)
  attachments.set(attachment.destination, attachment)
  return attachment
}

/** Finds the files that go with a post that has not been rendered, by what its source refers to. */
export function findWrittenAttachments(
  path: string,
  source: string,
  options: AttachmentOptions,
): readonly Attachment[] {
  const references = WRITTEN_REFERENCES.flatMap((pattern) =>
    Array.from(source.matchAll(pattern), ([, quoted, bare]) => quoted ?? bare ?? ''),
  )
  const found = references.flatMap((reference) => resolve(path, reference, options) ?? [])
  return [...ownFolder(path, options), ...found]
}

/** Two files of one name from different folders must not become one. */
function withPlaceOfItsOwn(
  { source, destination }: Attachment,
  taken: ReadonlyMap<string, Attachment>,
): Attachment {
  const { dir, name, ext } = posix.parse(destination)
  let place = destination
  for (let number = 2; (taken.get(place)?.source ?? source) !== source; number++) {
    place = posix.join(dir, `${name}-${number}${ext}`)
  }
  return { source, destination: place }
}

function resolve(
  path: string,
  reference: string,
  options: AttachmentOptions,
): Attachment | undefined {
  const address = decode(reference.trim().replace(/[?#].*$/s, ''))
  if (!address || /^[a-z][a-z0-9+.-]*:|^\/\//i.test(address)) return undefined
  const source = address.startsWith('/')
    ? posix.join(options.input, address)
    : posix.join(dirname(path), address)
  if (!isWithin(source, options.input) || !isAttachable(source, options)) return undefined
  // An address from the site's root is left alone unless it is that of a private file.
  if (address.startsWith('/') && !options.isNamedPrivate(source)) return undefined

  const below = posix.relative(dirname(path), source)
  return { source, destination: below.startsWith('..') ? basename(source) : below }
}

/**
 * A post that is alone in a private folder has everything in it. Where several posts share a folder,
 * a file belongs to those that refer to it, so that no recipient gets what was meant for another.
 */
function ownFolder(path: string, options: AttachmentOptions): Attachment[] {
  const folder = dirname(path)
  const isRoot = posix.normalize(folder) === posix.normalize(options.input) || folder === '.'
  if (isRoot || !options.isNamedPrivate(path)) return []
  const { files, isOfOnePost } = lookInto(folder, options)
  if (!isOfOnePost) return []
  return files
    .filter((file) => isAttachable(file, options) && !isDataFile(file, path))
    .map((source) => ({ source, destination: posix.relative(folder, source) }))
}

function lookInto(folder: string, options: AttachmentOptions): FolderFiles {
  const known = options.folders.get(folder)
  if (known) return known
  const files = existsSync(folder) ? [...filesBelow(folder)] : []
  const templates = files.filter(
    (file) => isTemplate(file, options) && !/\.11tydata\.\w+$/.test(file),
  )
  const found = { files, isOfOnePost: templates.length === 1 }
  options.folders.set(folder, found)
  return found
}

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
    const path = posix.join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (entry.isFile()) yield path
  }
}

function isAttachable(path: string, options: AttachmentOptions): boolean {
  const isHidden = path.split('/').some((segment) => /^\.(?!\.?$)/.test(segment))
  if (isHidden || options.isForbidden(path)) return false
  return existsSync(path) && statSync(path).isFile() && !isTemplate(path, options)
}

/** Any file may be a template: by its name, because Eleventy says so, or because it begins like one. */
function isTemplate(path: string, options: AttachmentOptions): boolean {
  return TEMPLATE.test(path) || options.isTemplate(path) || hasFrontMatter(path)
}

function hasFrontMatter(path: string): boolean {
  const bytes = Buffer.alloc(6)
  const file = openSync(path, 'r')
  try {
    readSync(file, bytes)
  } finally {
    closeSync(file)
  }
  return /^\uFEFF?(---|\+\+\+)/.test(bytes.toString('utf8'))
}

/** `dinner/dinner.json` holds the data of the folder, `menu.json` or `menu.data.js` that of `menu.njk`. */
function isDataFile(path: string, post: string): boolean {
  const owners = [basename(dirname(path))]
  if (dirname(path) === dirname(post)) owners.push(basename(post).replace(/(\.11ty)?\.\w+$/, ''))
  return DATA.test(path) && owners.some((owner) => basename(path).startsWith(`${owner}.`))
}

function isWithin(path: string, folder: string): boolean {
  const below = posix.relative(posix.normalize(folder), posix.normalize(path))
  return below !== '' && !below.startsWith('..')
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    // fail closed because an address that cannot be read names no file of ours
    return undefined
  }
}
