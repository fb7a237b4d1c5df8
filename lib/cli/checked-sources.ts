import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isAbsolute, join, posix, relative, resolve } from 'node:path'
import { auditedRecipients } from '../eleventy/audited-recipients.ts'
import { isNamedPrivate } from '../eleventy/named-private.ts'
import { secretRulesFor } from '../eleventy/secret-rules.ts'
import { openWrittenPages } from '../eleventy/written-pages.ts'
import type { SiteSources } from '../leak-audit/subjects.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { belowInput, naturalPaths } from '../post/natural-path.ts'
import { privateValues } from '../post/private-values.ts'
import { createPageFinder, filesBySource } from '../post/published-rule.ts'
import { findPublishedSources, type PublishedSource } from '../post/published-sources.ts'
import { findSources, type Sources } from '../post/sources.ts'
import { ifVanished } from '../web/vanished.ts'
import { UsageError } from './command.ts'

export interface CheckedSite {
  readonly cwd: string
  readonly ledger: Ledger | undefined
  readonly globs: readonly string[]
  /** Folder of the sources, if it is known. */
  readonly input: string | undefined
  readonly output: string
  /** All files of the output. */
  readonly files: readonly string[]
  readonly exclude: readonly string[]
}

export interface CheckedSources extends SiteSources {
  readonly root: string
  /** Folder of the sources, from the project's root. */
  readonly input: string
  /** Input paths of everything that was read as a template. */
  readonly templates: readonly string[]
  /** Input paths of public pages, by their files in the output. */
  readonly pages: ReadonlyMap<string, string>
  /** Where front matter stands that Eleventy does not read. */
  readonly unread: Sources['unread']
}

/** What is taken for secret where no build has said it. */
export const SECRET_DEFAULTS = { gatePrefix: '/private/', auditExceptions: [] }
/** Data that a script makes: what it says of others, only a build knows. */
const SCRIPTED = /(?:^|\/)_data\/.*\.[cm]?[jt]s$/
const SHOWS_MENTIONS = /\bmentions(?:For|ByProperty)?\b|\bwebmentions?\b/i

/**
 * Private and public sources, from the files alone. Where the input folder is not known, any first folder
 * may be it.
 */
export async function readCheckedSources(site: CheckedSite): Promise<CheckedSources> {
  const { cwd, ledger, globs } = site
  const input = posix.join(
    site.input === undefined ? '.' : relative(cwd, resolve(cwd, site.input)) || '.',
  )
  if (!existsSync(resolve(cwd, input))) {
    throw new UsageError(`--input: there is no folder ${site.input}`)
  }
  // What the last build with the plugin knew to be private, however it knew.
  const records = Object.values(ledger?.posts ?? {})
  const wasPrivate = new Set(
    records.filter(({ visibility }) => visibility !== 'public').map(({ path }) => path),
  )
  // Sources outside of the folder are looked for where they are; else the whole folder is theirs.
  const isOutside = input.startsWith('..') || isAbsolute(input)
  const root = isOutside ? resolve(cwd, input) : cwd
  const seen = (path: string) => (isOutside ? posix.join(input, path) : path)
  const isOutput = new Set(site.files)
  const found = await findSources({
    root,
    input: isOutside ? '.' : input,
    exclude: site.exclude.map((path) => resolve(cwd, path)),
    isNamedPrivate: (path) =>
      wasPrivate.has(seen(path)) || isNamedPrivate(seen(path), input, globs),
    isCopied: (path) => isOutput.has(belowInput(path, isOutside ? '.' : input)),
    secretsIn: (path) => secretRulesFor(seen(path), ledger?.site ?? SECRET_DEFAULTS),
  })
  const guess = (path: string) =>
    site.input === undefined ? naturalPaths(path, path.split('/')[0] ?? '') : []
  const guessed = <Source extends { path: string; naturalPaths: readonly string[] }>(
    source: Source,
  ) => ({ ...source, naturalPaths: [...source.naturalPaths, ...guess(source.path)] })

  const privates = found.privateSources.map(guessed)
  const pages = findPages(found, site, {
    ...{ seen, guess },
    privatePaths: privates.flatMap(({ naturalPaths: paths }) => paths),
  })
  const written = filesBySource(pages)
  const published = await findPublishedSources(found, {
    pagesOf: (path) => written.get(seen(path)) ?? [],
    outputFiles: site.files,
    read: (path) => readFile(join(root, path), 'utf8').catch(ifVanished('')),
  })
  const recipients = recipientsOf(ledger, published)
  return {
    root,
    input,
    templates: [...found.privateSources, ...found.publicTemplates].map(({ path }) => seen(path)),
    pages,
    published,
    privateSources: privates.map((source) => ({
      ...source,
      values: privateValues(found.privateData.get(source.path) ?? {}, () => false),
      recipients: recipients(seen(source.path)),
    })),
    attachments: found.attachments.map(guessed),
    publicSources: found.publicSources,
    publicNaturalPaths: [...pages.keys()],
    unread: found.unread.map(({ path, line }) => ({ path: seen(path), line })),
  }
}

interface PageRules {
  readonly seen: (path: string) => string
  readonly guess: (path: string) => readonly string[]
  readonly privatePaths: readonly string[]
}

/** Which public template made which file: what the last build wrote down, and what the names tell. */
function findPages(
  { publicTemplates }: Sources,
  { cwd, output, files }: CheckedSite,
  { seen, guess, privatePaths }: PageRules,
): Map<string, string> {
  const pages = new Map<string, string>()
  const publics = new Set(publicTemplates.map(({ path }) => seen(path)))
  const written = openWrittenPages(cwd, posix.normalize(output)).files
  const isThere = new Set(files)
  for (const [file, path] of written) {
    if (isThere.has(file) && publics.has(path)) pages.set(file, path)
  }
  const find = createPageFinder({ files, privatePaths, guess })
  for (const template of publicTemplates) {
    for (const page of find(template)) {
      if (!pages.has(page)) pages.set(page, seen(template.path))
    }
  }
  return pages
}

/**
 * Recipients of a post, by the ledger. Profiles are left out where a page shows what a script has fetched:
 * who reads in private often answers in public, too.
 */
function recipientsOf(
  ledger: Ledger | undefined,
  published: readonly PublishedSource[],
): (path: string) => string[] {
  const isFetched = published.some(
    ({ path, text }) => SCRIPTED.test(path) || SHOWS_MENTIONS.test(text),
  )
  const author = [ledger?.site?.me, ledger?.site?.address, ledger?.site?.profile.email]
  const byPath = new Map(
    Object.values(ledger?.posts ?? {}).map(({ path, links }) => [
      path,
      links.flatMap(({ recipient, revoked }) => (recipient === null || revoked ? [] : recipient)),
    ]),
  )
  return (path) =>
    auditedRecipients(byPath.get(path) ?? [], author).filter(
      (recipient) => !(isFetched && /^https?:/i.test(recipient)),
    )
}
