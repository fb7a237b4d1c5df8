/**
 * Finds the private sources of a site without running Eleventy, so that a build which has lost the
 * plugin can be told from one that has not.
 *
 * 1. `listSourceFiles` (source-files.ts) – what a person wrote, and no build
 * 2. `readTemplates` (source-templates.ts), `readTemplate` (source-data.ts) – front matter and data files, as text, never as code
 * 3. `DataCascade` (source-cascade.ts) – what Eleventy would merge of them
 * 4. {@link findSources} – what is private, what lies beside it, what is public
 * 5. `naturalPaths` (natural-path.ts) – where a source is written when no plugin interferes
 *
 * What cannot be classified is private: a build would stop there, an audit must not.
 *
 * @module
 */
import { join, posix, resolve } from 'node:path'
import { ConfigurationError } from '../web/errors.ts'
import type { SecretRules } from '../web/secret-url.ts'
import { readText } from './read-files.ts'
import { createLinkedNames } from './linked-names.ts'
import { belowInput, naturalPaths } from './natural-path.ts'
import { findPaginatedSources } from './paginated-sources.ts'
import { DataCascade, tagsOf, type Template } from './source-cascade.ts'
import { findUnread, HEAD_LENGTH, type HeadRules } from './raw-head.ts'
import { DATA_FILE, readHeadRules, readTemplates, USED_BY_TEMPLATES } from './source-templates.ts'
import { isScript } from './script-data.ts'
import { listSourceFiles } from './source-files.ts'
import { withMarkedParent } from './reply-markup.ts'
import { findUnreadDataSources } from './unread-data-sources.ts'
import { classify, type Access, type FrontMatter } from './visibility.ts'

interface PrivateSource {
  /** Input path as Eleventy knows it, without the leading `./`. */
  readonly path: string
  readonly title?: string
  readonly tags: readonly string[]
  /** The raw text without its front matter. */
  readonly body: string
  /** What the front matter says of it in sentences. */
  readonly summaries: readonly string[]
  readonly access: Access
  /** Paths in the output folder that it has when no plugin gives it another. */
  readonly naturalPaths: readonly string[]
}

interface Attachment {
  readonly path: string
  readonly naturalPaths: readonly string[]
}

export interface Sources {
  readonly privateSources: readonly PrivateSource[]
  /** Files that are no templates and lie among private ones only. */
  readonly attachments: readonly Attachment[]
  /** Everything else that the author wrote: templates, layouts, data, configuration. */
  readonly publicSources: readonly string[]
  /** Includes and data that are links to private files. */
  readonly linked: readonly string[]
  /** Those among the public ones that Eleventy may build. */
  readonly publicTemplates: readonly PublicTemplate[]
  /** Layouts and includes that were read, by their paths. */
  readonly parts: ReadonlyMap<string, Omit<Template, 'path'>>
  /** Data of private sources, by their paths; global data are not among them. */
  readonly privateData: ReadonlyMap<string, FrontMatter>
  /** Where front matter, data of posts or of pages of data say who may read, and nothing reads it: without the plugin, all of it is published. */
  readonly unread: readonly { readonly path: string; readonly line: number }[]
}

export interface PublicTemplate {
  readonly path: string
  /** The whole source, front matter too. */
  readonly text: string
  readonly data: FrontMatter | undefined
  readonly naturalPaths: readonly string[]
  /** Files of the folder that give it data. */
  readonly dataFiles: readonly string[]
}

export interface SourcesOptions {
  /** Project root: the folder where Eleventy runs. */
  readonly root: string
  readonly input?: string
  /** Files and folders that are no sources: output folders, the ledger. */
  readonly exclude?: readonly string[]
  readonly isNamedPrivate: (path: string) => boolean
  /** Whether the output has a file as it is. */
  readonly isCopied?: (path: string) => boolean
  /** What is known of secret addresses in a source. */
  readonly secretsIn?: (path: string) => SecretRules
}

const SUMMARIES = ['subtitle', 'description', 'summary', 'excerpt']
/** Finds private and public sources, and the files that belong to private ones. */
export async function findSources(options: SourcesOptions): Promise<Sources> {
  const { root, isNamedPrivate, secretsIn = () => ({}), exclude = [] } = options
  const { isCopied = () => false } = options
  const input = posix.join(options.input ?? '.').replace(/\/$/, '')
  const isInput = (path: string) => input === '.' || path.startsWith(`${input}/`)
  const read = async (path: string) => readText(join(root, path))
  const paths = await listSourceFiles(
    root,
    exclude.map((path) => resolve(root, path)),
  )
  const rules = await readHeadRules(paths, read)
  const { templates, layouts, parts } = await readTemplates(paths, isInput, read)
  const cascade = new DataCascade(new Set(paths), layouts, read, isInput)
  const namesOf = createLinkedNames(root)
  const alone = await Promise.all(
    templates.map(async (template) => {
      const data = await cascade.dataOf(template)
      const secrets = secretsIn(template.path)
      const marked = data && withMarkedParent(data, template.body, secrets)
      const privacy = { isNamedPrivate: namesOf(template.path).some(isNamedPrivate), secrets }
      const unread = [template, ...cascade.layoutsOf(data ?? {})].flatMap(
        (part) => unreadIn(part, data, rules) ?? [],
      )
      const isHidden = unread.length > 0 || isPrivate(template.path, marked, privacy)
      return { ...template, data, unread, isPrivate: isHidden }
    }),
  )
  // What is private under one name is so under each: the other one is a link.
  const fileOf = ({ path }: Template) => namesOf(path).at(-1)
  const privateFiles = new Set(alone.filter(({ isPrivate }) => isPrivate).map(fileOf))
  const judged = alone.map((one) => ({ ...one, isPrivate: privateFiles.has(fileOf(one)) }))
  const privates = judged.filter((template) => template.isPrivate)
  const publics = judged.filter((template) => !template.isPrivate)

  const isPublic = new Set(publics.map(({ path }) => path))
  const isTemplate = new Set(templates.map(({ path }) => path))
  const isAmongPrivate = amongPrivateOnly(privates, publics, isInput)
  const isAttachment = (path: string) =>
    !USED_BY_TEMPLATES.test(path) &&
    (isNamedPrivate(path) || isAmongPrivate(path) || isDataOfPrivate(path, privates))
  // An include or data by a link to a private file: it explains nothing in public.
  const isOfPrivate = (path: string) =>
    privateFiles.has(namesOf(path).at(-1)) ||
    namesOf(path).some((name, at) => at > 0 && (isNamedPrivate(name) || isAmongPrivate(name)))
  const linked = paths.filter((path) => !isTemplate.has(path) && isOfPrivate(path))
  const others = paths.filter((path) => !isTemplate.has(path))
  const readers = judged.map(({ path, data, isPrivate }) => ({ path, data, isPublic: !isPrivate }))
  const unreadData = await findUnreadDataSources({
    ...{ cascade, read, isCopied },
    paths: paths.filter((path) => isInput(path) && !USED_BY_TEMPLATES.test(path)),
    templates: readers,
  })
  const paginated = await findPaginatedSources({ paths, templates: publics, read })
  return {
    privateSources: privates.map((template) => describe(template, input)),
    attachments: others
      .filter(isAttachment)
      .map((path) => ({ path, naturalPaths: [belowInput(path, input)] })),
    publicSources: paths.filter((path) =>
      isTemplate.has(path) ? isPublic.has(path) : !isAttachment(path) && !linked.includes(path),
    ),
    linked,
    publicTemplates: publics.map(({ path, text, data }) => ({
      ...{ path, text, data },
      naturalPaths: naturalPaths(path, input, address(data)),
      dataFiles: cascade.filesOf(path),
    })),
    parts,
    privateData: new Map(privates.map(({ path, data }) => [path, data ?? {}])),
    unread: [
      ...new Map(
        [...judged.flatMap(({ unread }) => unread), ...unreadData, ...paginated].map(
          ({ path, line }) => [path, { path, line }],
        ),
      ).values(),
    ],
  }
}

/** Where the head of a file, a template or a layout, says what did not arrive. */
function unreadIn(
  { path, text }: Template,
  data: FrontMatter = {},
  rules: HeadRules,
): { readonly path: string; readonly line: number } | undefined {
  if (isScript(path)) return undefined
  const unread = findUnread(text.slice(0, HEAD_LENGTH), data, rules)
  return unread && { path, line: unread.line }
}

function isPrivate(
  path: string,
  data: FrontMatter | undefined,
  { isNamedPrivate, secrets }: { readonly isNamedPrivate: boolean; readonly secrets: SecretRules },
): boolean {
  if (data === undefined) return true
  try {
    return classify(path, data, isNamedPrivate, { secrets }) !== 'public'
  } catch (error) {
    if (error instanceof ConfigurationError) return true
    throw error
  }
}

function describe({ path, data, body }: Template, input: string): PrivateSource {
  const { title } = address(data)
  return {
    path,
    ...(title === undefined ? {} : { title }),
    tags: [...new Set(tagsOf(data ?? {}))],
    body,
    summaries: SUMMARIES.flatMap((key) => {
      const text = data?.[key]
      return typeof text === 'string' ? [text] : []
    }),
    access: data?.['access'] === 'gate' ? 'gate' : 'link',
    naturalPaths: naturalPaths(path, input, address(data)),
  }
}

function address(data: FrontMatter | undefined): { permalink?: unknown; title?: string } {
  const title = data?.['title']
  return {
    permalink: data?.['permalink'],
    ...(typeof title === 'string' || typeof title === 'number' ? { title: String(title) } : {}),
  }
}

/** Whether a file lies in a folder, below the input folder, all of whose templates are private. */
function amongPrivateOnly(
  privates: readonly Template[],
  publics: readonly Template[],
  isInput: (path: string) => boolean,
): (path: string) => boolean {
  const withPrivate = new Set(privates.flatMap(({ path }) => foldersOf(path)))
  const withPublic = new Set(publics.flatMap(({ path }) => foldersOf(path)))
  return (path) =>
    foldersOf(path).some(
      (folder) => isInput(folder) && withPrivate.has(folder) && !withPublic.has(folder),
    )
}

function foldersOf(path: string): string[] {
  const names = path.split('/').slice(0, -1)
  return names.map((_, i) => names.slice(0, i + 1).join('/'))
}

function isDataOfPrivate(path: string, privates: readonly Template[]): boolean {
  const base = path.replace(DATA_FILE, '').replace(/\.json$/, '')
  return (
    base !== path && privates.some((own) => own.path.replace(/(?:\.11ty)?\.[^./]+$/, '') === base)
  )
}
