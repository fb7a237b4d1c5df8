import { readFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { redactSecrets } from '../web/redaction.ts'
import type { DeployFiles } from '../store/deploy-files.ts'
import { readShownMentions, type ShownMentions } from '../webmention/shown-mentions.ts'
import { ConfigurationError } from '../web/errors.ts'
import { openPageReader, type PageReader } from './page-facts.ts'

/** A page of the output folder, without what it says. */
interface ListedPage {
  /** Below the output folder, with slashes. */
  readonly path: string
  /** Where it is once the folder is deployed. */
  readonly url: URL
}

export interface BuiltPage extends ListedPage {
  readonly html: string
}

/** What a build knows of the content of its pages. */
export interface PageContents {
  /** What they show that others have said. */
  readonly shown: ShownMentions
  /** The content hash of the page at an address below the site's, or `undefined` if there is none. */
  contentAt(url: URL): Promise<string | undefined>
}

/** An output folder, seen as the site that it becomes. */
export interface BuiltSite extends PageContents {
  /** Where it is deployed, with a trailing slash. */
  readonly url: URL
  /** What reads its pages. */
  readonly reader: PageReader
  /** The page at an address below the site's, or `undefined` if there is none. */
  htmlAt(url: URL): Promise<string | undefined>
  /** Its HTML pages when it was first asked, in the order of their paths. */
  list(): Promise<readonly ListedPage[]>
  /** @throws {ConfigurationError} if it has vanished meanwhile */
  read(page: ListedPage): BuiltPage
  /**
   * Reads all of them.
   *
   * @throws {ConfigurationError} if one vanishes meanwhile: its post would pass for removed
   */
  pages(): AsyncGenerator<BuiltPage>
}

/**
 * @param files What the build made for its functions: they say what stands on its pages that others have said.
 * @param reader Knows what an earlier run has read.
 * @throws {ConfigurationError} if there is no such folder
 */
export async function openBuiltSite(
  folder: string,
  url: URL,
  files?: DeployFiles,
  reader = openPageReader(),
): Promise<BuiltSite> {
  if (!(await isFolder(folder))) {
    throw new ConfigurationError(
      `There is no output folder ${folder}. To do: build the site first, or name its folder with --output.`,
    )
  }
  const htmlAt = async (page: URL) => {
    const path = pathOf(page, url)
    return path === undefined ? undefined : readIfThere(join(folder, path))
  }
  const shown = await readShownMentions(files)
  let listed: Promise<readonly ListedPage[]> | undefined
  const list = () => (listed ??= listPages(folder, url))
  const read = (page: ListedPage) => {
    const html = readIfThere(join(folder, page.path))
    if (html === undefined) throw vanished(page.path)
    return { ...page, html }
  }
  return {
    url,
    shown,
    reader,
    htmlAt,

    list,
    read,

    async *pages() {
      for (const page of await list()) yield read(page)
    },

    async contentAt(page) {
      const html = await htmlAt(page)
      return html === undefined ? undefined : reader.factsOf(html, page, shown).content
    },
  }
}

/** The page's path without its `index.html`, as its address has it. */
export function pagePath(path: string): string {
  return path.replace(/(^|\/)index\.html?$/, '$1') || '/'
}

function urlOf(path: string, site: URL): URL {
  const address = pagePath(path).replace(/^\//, '')
  return new URL(encodeURI(address).replace(/[?#]/g, encodeURIComponent), site)
}

function pathOf(page: URL, site: URL): string | undefined {
  if (page.origin !== site.origin || !page.pathname.startsWith(site.pathname)) return undefined
  const path = decodeURIComponent(page.pathname.slice(site.pathname.length))
  if (path.split('/').includes('..')) return undefined
  return path === '' || path.endsWith('/') ? `${path}index.html` : path
}

async function isFolder(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory()
  } catch (error) {
    if (isAbsence(error)) return false
    throw error
  }
}

async function listPages(folder: string, site: URL): Promise<readonly ListedPage[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const pages = entries.filter((entry) => entry.isFile() && /\.html?$/i.test(entry.name))
  return pages
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join('/'))
    .sort()
    .map((path) => ({ path, url: urlOf(path, site) }))
}

/** At once: a page is small, and waiting for each of many costs more than reading it. */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}

function vanished(path: string): ConfigurationError {
  return new ConfigurationError(
    `The output folder changes while it is read: ${redactSecrets(path)} is gone, or its name cannot be read. To do: try again when the build has ended.`,
  )
}

function isAbsence(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR'
}
