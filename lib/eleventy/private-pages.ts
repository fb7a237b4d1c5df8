/**
 * Builds the private pages, when Eleventy is done with the public ones.
 *
 * What a private template does to the state of the site's own code (a counter in a shortcode, a list that a
 * filter adds to, the languages that a highlighter has loaded) comes too late for any public page.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { buildAddress } from './build-address.ts'
import { buildError } from './build-error.ts'
import type { BuildState, BuiltPost } from './build-state.ts'
import { bundleBesidePages, type BundleManager } from './bundle-pages.ts'
import {
  inputPathOf,
  type DependencyGraph,
  type MergedConfig,
  type LinkData,
  type PageEntry,
  type PageLink,
  type Template,
} from './eleventy-config.ts'
import { openKeptPictures, type KeptPictures } from './kept-pictures.ts'
import { markPage } from './mark-page.ts'
import type { ResolvedOptions } from './options.ts'
import { removePage } from './written-pages.ts'

interface PageOptions extends Omit<PrivatePagesOptions, 'bundles'> {
  readonly pictures: KeptPictures
}

export interface PrivatePagesOptions {
  readonly options: ResolvedOptions
  readonly config: MergedConfig
  readonly graph: DependencyGraph
  readonly bundles: Readonly<Record<string, BundleManager>>
}

/** Builds every private page that this build renders, and keeps it in memory: Eleventy writes none of them. */
export async function buildPrivatePages(
  state: BuildState,
  options: PrivatePagesOptions,
): Promise<void> {
  if (!state.held && state.posts.size > 0) throw unknownEleventy()
  const bundleInPublic = bundleBesidePages(options.bundles, (inputPath) => {
    const built = state.posts.get(inputPathOf(inputPath))
    return built && buildAddress(state, built, options.options)
  })
  const pictures = openKeptPictures(options.options.ledger)
  try {
    await buildPages(state, { ...options, pictures }).finally(bundleInPublic)
  } catch (error) {
    for (const built of state.posts.values()) {
      rmSync(folderBeside(state, built, options.options), { recursive: true, force: true })
    }
    throw error
  }
  for (const built of state.posts.values()) {
    takeFilesBeside(state, built, { options: options.options, pictures })
  }
  pictures.forgetOthers(state.posts.values())
}

async function buildPages(
  state: BuildState,
  { options, config, graph, pictures }: PageOptions,
): Promise<void> {
  for (const { inputPath, data, template } of state.held ?? []) {
    const built = state.posts.get(inputPathOf(inputPath))
    if (!built) continue
    const address = buildAddress(state, built, options)
    const pages = await withPrivateLinks(template, address, built, () =>
      template.getTemplates(data),
    ).catch(inTemplate(inputPath))
    for (const page of pages) {
      await buildPage(state, inputPath, page, { options, config, graph, pictures }).catch(
        inTemplate(inputPath),
      )
    }
    const hasPage = pages.some(({ data: { page } }) => typeof page.url === 'string')
    if (!hasPage) state.drafts.add(built.post.path)
  }
}

async function buildPage(
  state: BuildState,
  inputPath: string,
  page: PageEntry,
  { options, config, graph, pictures }: PageOptions,
): Promise<void> {
  const { template, data } = page
  await template.resolveRemainingComputedData(data)
  const validate = data[config.keys.dataSchema]
  if (typeof validate === 'function') await validate(data)
  const { url } = data.page
  // Classified once more in the meantime, with what the author's preprocessors have changed.
  const built = state.posts.get(inputPathOf(inputPath))
  if (!built || typeof url !== 'string') return

  const layout = data[config.keys.layout]
  if (layout) {
    const chain = await template.getLayout(layout).getLayoutChain()
    graph.addDependency?.(inputPath, chain)
  }
  if (!template.isRenderable()) return
  if (state.isWritten) pictures.putBack(built, folderBeside(state, built, options))
  page.templateContent = await template.renderPageEntryWithoutLayout(page)
  const content = await template.renderPageEntry(page)
  if (content === undefined) return
  keepPage(state, built, url, String(content), options)
}

/**
 * Asks the author's `permalink`, in whatever way it is given, and puts the private address in place of its
 * answer. Where the author wants no page, there is none.
 */
async function withPrivateLinks<Result>(
  template: Template,
  address: string,
  { naturalPaths }: BuiltPost,
  work: () => Promise<Result>,
): Promise<Result> {
  const ask = template._getLink
  // A template that paginates is cloned for each page, this property included.
  template._getLink = async function (this: Template, data: LinkData) {
    await this.getTemplateRender()
    const authors = await ask.call(this, data)
    // To learn what a permalink uses, Eleventy asks once with stand-ins for the computed data alone.
    if (data.page?.inputPath === undefined) return authors
    const natural = authors.toOutputPath()
    // A template string cannot say `false`, but it can say "false".
    if (natural === false || ['', 'false'].includes(natural.trim())) return linkTo(authors, false)
    naturalPaths.add(natural.replace(/^\/+/, ''))
    return linkTo(authors, `${address}${pageNumberOf(data)}`)
  }
  try {
    return await work()
  } finally {
    Reflect.deleteProperty(template, '_getLink')
  }
}

function linkTo(authors: PageLink, path: string | false): PageLink {
  return Reflect.construct(authors.constructor, [path])
}

/** A post that paginates has several pages: the first is the post, the others lie below it. */
function pageNumberOf({ pagination }: LinkData): string {
  const number =
    typeof pagination === 'object' && pagination !== null && 'pageNumber' in pagination
      ? pagination.pageNumber
      : 0
  return number ? `${String(number)}/` : ''
}

function keepPage(
  state: BuildState,
  built: BuiltPost,
  url: string,
  html: string,
  options: ResolvedOptions,
): void {
  const address = buildAddress(state, built, options)
  if (!url.startsWith(address)) {
    state.problems.push(
      `${built.post.path}: something gave the page another address than its private one, although the post is private. To do: look for a plugin or computed data that sets "page.url".`,
    )
    return
  }
  const marked = markPage(html, {
    post: built.post,
    number: built.number,
    placeholders: state.placeholders,
    page: new URL(address, options.me),
  })
  built.pages.set(url.slice(address.length), marked)
}

/** Takes the files that other plugins put beside a private page. */
function takeFilesBeside(
  state: BuildState,
  built: BuiltPost,
  { options, pictures }: Pick<PageOptions, 'options' | 'pictures'>,
): void {
  const folder = folderBeside(state, built, options)
  const files = new Map<string, Buffer>()
  const isThere = existsSync(folder)
  if (isThere) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name)
      if (entry.isFile()) files.set(relative(folder, file), readFileSync(file))
    }
  }
  for (const [path, content] of pictures.keep(built, files)) built.files.set(path, content)
  if (!isThere) return
  rmSync(folder, { recursive: true })
  // Where it stood is the gate's, and nothing else need be there.
  if (built.post.access === 'gate') removePage(state.event.directories.output, folder)
}

/** Where plugins put files beside a page, as long as it is built. */
function folderBeside(state: BuildState, built: BuiltPost, options: ResolvedOptions): string {
  return join(state.event.directories.output, buildAddress(state, built, options))
}

/** No post is public then, and none is built: better than to guess. */
function unknownEleventy(): Error {
  return buildError([
    'This version of Eleventy builds its templates in a way that eleventy-plugin-private-posts does not know, so that private posts were left out. To do: install a version of @11ty/eleventy that the plugin was tested with (3.1).',
  ])
}

/** Eleventy prints the chain of `originalError`, as of its own errors. */
function inTemplate(inputPath: string): (error: unknown) => never {
  return (error) => {
    throw Object.assign(new Error(`Having trouble building "${inputPath}"`), {
      originalError: error,
    })
  }
}
