/**
 * Private posts in an Eleventy build.
 *
 * 1. {@link classifyTemplate} – a preprocessor sees each template's data before anything is made of
 *    it; a private post is taken out of every collection and gets a placeholder for an address
 * 2. {@link capturePage} – the last transform marks a rendered private page, keeps it in memory and
 *    leaves an empty page to Eleventy
 * 3. {@link forgetPrivatePages} – before any other plugin sees the results, those empty pages go
 * 4. {@link finishBuild} – after all other plugins: links are issued, copies stamped, and the whole
 *    output is searched for leaks
 *
 * Eleventy itself never learns a capability token.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, posix, relative, resolve } from 'node:path'
import { refuseInside } from '../ledger/ledger-file.ts'
import { buildAddress } from './build-address.ts'
import { buildError, withoutTokens } from './build-error.ts'
import { createBuildState, type BuildState } from './build-state.ts'
import { classifyTemplate } from './classification.ts'
import { stateFolderOf } from '../ledger/state-folder.ts'
import {
  inputPathOf,
  type AfterEvent,
  type BuildEvent,
  type CascadeData,
  type ContentMap,
  type EleventyConfig,
  type MergedConfig,
  type PassthroughMap,
  type TemplateConfig,
} from './eleventy-config.ts'
import type { PluginEnvironment } from './environment.ts'
import { finishBuild } from './finish-build.ts'
import { siteOfBuild } from './gate-host.ts'
import { markPage } from './mark-page.ts'
import { byProperty, mentionsOf, type Mention } from './mention-list.ts'
import { fetchMentions } from './mentions.ts'
import { createNoticePartial } from './notice-partial.ts'
import { resolveOptions, type ResolvedOptions } from './options.ts'
import { checkOwnAddress } from './protocol-options.ts'
import { addressesInData } from './own-hosts.ts'
import { ownLine, quietLog } from './quiet-log.ts'
import { removePage } from './written-pages.ts'

const NAME = 'private-posts'
/** What Eleventy writes in place of a private page, for the moment until we remove it. */
const EMPTY_PAGE = '<!doctype html>\n'

/** Sets the plugin up in a site's configuration. */
export function addPrivatePosts(
  eleventyConfig: EleventyConfig,
  userOptions: unknown,
  environment: PluginEnvironment,
): void {
  eleventyConfig.versionCheck('>=3.1')
  refuseTwice(eleventyConfig)
  const options = resolveOptions(userOptions)
  warnOfAddress(options, environment)
  const partial = createNoticePartial(eleventyConfig)
  let state: BuildState | undefined
  let merged: TemplateConfig | undefined
  const kept = { copies: new Map<string, string>(), withheld: new Map<string, Buffer>() }
  const currentState = (): BuildState => {
    if (!state) throw new TypeError('a template before "eleventy.before"')
    return state
  }

  eleventyConfig.addPreprocessor(NAME, '*', (data, body) => {
    rememberAddress(currentState(), data)
    return classifyTemplate(currentState(), data, body, {
      options,
      isDeclaredCollection: (name) => Object.hasOwn(eleventyConfig.getCollections(), name),
      readSource: (path) => readIfThere(join(environment.cwd, path)),
    })
  })
  eleventyConfig.addTransform(NAME, function (content) {
    return capturePage(currentState(), options, this.page, content)
  })
  eleventyConfig.addFilter('isPrivate', (inputPath) =>
    currentState().posts.has(inputPathOf(String(inputPath))),
  )

  addMentions(eleventyConfig, options, environment)

  const finish = async (event: AfterEvent) => {
    const build = currentState()
    if (!build.isWritten) return
    const pathPrefix = pathPrefixOf(eleventyConfig)
    const context = { pathPrefix, renderNotice: partial }
    await finishBuild(build, event, options, environment, context).catch((error: unknown) => {
      throw withoutTokens(error)
    })
  }

  eleventyConfig.on('eleventy.config', (templateConfig: TemplateConfig) => {
    merged = templateConfig
  })
  const stateFolder = stateFolderOf(options.ledger)
  eleventyConfig.on('eleventy.before', (event: BuildEvent) => {
    for (const place of [options.ledger, stateFolder]) {
      refuseInside(
        resolve(environment.cwd, event.directories.output),
        resolve(environment.cwd, place),
      )
    }
    state = createBuildState(event, kept, environment.now())
    if (!merged) throw new TypeError('a build before "eleventy.config"')
    beLast(eleventyConfig, merged.getConfig(), finish)
  })
  eleventyConfig.on('eleventy.passthrough', ({ map }: PassthroughMap) => {
    for (const [url, source] of Object.entries(map)) kept.copies.set(...copyOf(url, source))
  })
  eleventyConfig.on('eleventy.contentMap', ({ inputPathToUrl }: ContentMap) =>
    rememberUrls(currentState(), inputPathToUrl),
  )
  eleventyConfig.events.prependListener('eleventy.after', (event: AfterEvent) =>
    forgetPrivatePages(currentState(), event, options),
  )
  // Others that read the output when it is done must not do so while it is being done.
  eleventyConfig.setEventEmitterMode('sequential')

  // Where the template formats include JSON, Eleventy would copy our own files as they are.
  eleventyConfig.ignores.add(options.ledger)
  for (const folder of [stateFolder, '.netlify', '.cache/eleventy-plugin-private-posts']) {
    eleventyConfig.ignores.add(`${folder}/**`)
    eleventyConfig.watchIgnores.add(`${folder}/**`)
  }
  eleventyConfig.watchIgnores.add(options.ledger)
  for (const glob of options.posts) eleventyConfig.addWatchTarget(glob)
  if (eleventyConfig.logger) quietLog(eleventyConfig.logger, () => state, options)
}

/** Says where nobody would find the owner's address. */
function warnOfAddress(options: ResolvedOptions, environment: PluginEnvironment): void {
  const { NETLIFY: netlify, URL: url } = environment.variables
  const isSure = netlify === 'true' && url !== undefined
  const site = siteOfBuild('/', options, environment)
  const warning = checkOwnAddress(options.address, site, { isSure })
  if (warning !== undefined) environment.print(ownLine(warning, 'yellow'))
}

/** The public mentions of the site, as data and by page. */
function addMentions(
  eleventyConfig: EleventyConfig,
  options: ResolvedOptions,
  environment: PluginEnvironment,
): void {
  let mentions: readonly Mention[] = []
  const mentionsFor = (page: unknown) => mentionsOf(mentions, page, pathPrefixOf(eleventyConfig))
  // The filters are always there, so that a layout need not ask whether the option is set.
  eleventyConfig.addFilter('mentionsFor', mentionsFor)
  eleventyConfig.addFilter('mentionsByProperty', (page) => byProperty(mentionsFor(page)))
  if (options.mentions === false) return

  eleventyConfig.addGlobalData('mentions', () => mentions)
  eleventyConfig.on('eleventy.before', async () => {
    mentions = await fetchMentions(options, environment, pathPrefixOf(eleventyConfig))
  })
}

function pathPrefixOf(eleventyConfig: EleventyConfig): string {
  return eleventyConfig.getFilter('url')?.('/') ?? '/'
}

/** Each would take the other's private posts for public ones, and their links back. */
function refuseTwice({ preprocessors = {} }: EleventyConfig): void {
  if (!Object.keys(preprocessors).some((name) => name.endsWith(NAME))) return
  throw buildError([
    'The plugin eleventy-plugin-private-posts was added twice. To do: remove one of the two calls of "addPlugin"; several globs go into one option "posts".',
  ])
}

/** Other pages may keep another address under the same key: of a bookmark, for example. */
function rememberAddress({ siteAddresses }: BuildState, data: CascadeData): void {
  if (data.page.filePathStem !== '/index') return
  for (const address of addressesInData(data)) siteAddresses.add(address)
}

/** Marks a private page and keeps it; Eleventy goes on with an empty one. */
function capturePage(
  state: BuildState,
  options: ResolvedOptions,
  page: { readonly inputPath: string; readonly url: string | false },
  content: unknown,
): unknown {
  const built = state.posts.get(inputPathOf(page.inputPath))
  if (!built) return content

  const address = buildAddress(state, built, options)
  const url = page.url === false ? '' : page.url
  if (url !== '' && !url.startsWith(address)) {
    state.problems.push(
      `${built.post.path}: something gave the page another address than its private one, although the post is private. To do: look for a plugin or computed data that sets "permalink".`,
    )
    return EMPTY_PAGE
  }
  const marked = markPage(String(content ?? ''), {
    post: built.post,
    number: built.number,
    placeholders: state.placeholders,
    page: new URL(address, options.me),
  })
  if (url !== '') built.pages.set(url.slice(address.length), marked)
  return EMPTY_PAGE
}

/** Takes private pages out of the results, and their empty stand-ins off the disk. */
function forgetPrivatePages(
  state: BuildState,
  { results, outputMode, directories }: AfterEvent,
  options: ResolvedOptions,
): void {
  const isPrivate = ({ inputPath }: { inputPath: string }) =>
    state.posts.has(inputPathOf(inputPath))
  const written = results.filter((result) => result)
  const isDryRun =
    written.length === 0 && [...state.posts.values()].some(({ pages }) => pages.size > 0)
  state.isWritten = outputMode === 'fs' && !isDryRun
  results.splice(0, results.length, ...written.filter((result) => !isPrivate(result)))

  for (const { outputPath } of written.filter(isPrivate)) {
    if (outputPath !== false) rmSync(outputPath, { force: true })
  }
  for (const built of state.posts.values()) {
    const folder = join(directories.output, buildAddress(state, built, options))
    if (!existsSync(folder)) continue
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name)
      if (entry.isFile()) built.files.set(relative(folder, file), readFileSync(file))
    }
    rmSync(folder, { recursive: true })
    // Where it stood is the gate's, and nothing else need be there.
    if (built.post.access === 'gate') removePage(directories.output, folder)
  }
  if (state.problems.length > 0) throw buildError(state.problems)
}

/** A passthrough copy by its path below the output folder, and its source. */
function copyOf(url: string, source: string): [string, string] {
  return [decodeURI(url).replace(/^\/+/, ''), posix.normalize(inputPathOf(source))]
}

function rememberUrls(state: BuildState, urls: ContentMap['inputPathToUrl']): void {
  for (const [inputPath, [url]] of Object.entries(urls)) {
    const path = inputPathOf(inputPath)
    if (!state.posts.has(path)) state.publicPosts.set(path, typeof url === 'string' ? url : '')
  }
}

/** Our transform and our end of the build come after everybody else's, whoever was added later. */
function beLast(
  eleventyConfig: EleventyConfig,
  { transforms }: MergedConfig,
  finish: (event: AfterEvent) => Promise<void>,
): void {
  for (const [name, transform] of Object.entries(transforms)) {
    if (!name.endsWith(NAME)) continue
    delete transforms[name]
    transforms[name] = transform
  }
  eleventyConfig.events.removeListener('eleventy.after', finish)
  eleventyConfig.on('eleventy.after', finish)
}

function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
