/**
 * Private posts in an Eleventy build.
 *
 * 1. {@link lookAtTemplate} – sees each template's data before anything is made of it: private ones are held back
 *    ({@link holdBack}), and Eleventy builds the public site as if they did not exist
 * 2. {@link classifyTemplate} – the last preprocessor, so that it sees what the author's have changed
 * 3. {@link buildPrivatePages} – when the public site is written: private posts are rendered under placeholders
 *    for their addresses and kept in memory, before any other plugin sees the results
 * 4. {@link finishBuild} – after all other plugins: links are issued, copies stamped, and the whole
 *    output is searched for leaks
 *
 * Eleventy itself never learns a capability token.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, posix, resolve } from 'node:path'
import { createLinkedNames } from '../post/linked-names.ts'
import { buildError, collectProblem, refuseProblems, withoutTokens } from './build-error.ts'
import { holdBack, isDryRun } from './build-order.ts'
import { createBuildState, type BuildState } from './build-state.ts'
import { classifyTemplate, lookAtTemplate } from './classification.ts'
import { readContentMap } from './content-map.ts'
import { noteDataFiles } from './data-files.ts'
import { knownSecretsFileOf, readKnownSecrets } from '../ledger/known-secrets.ts'
import { refuseInside, stateFolderOf } from '../ledger/state-folder.ts'
import {
  inputPathOf,
  pathPrefixOf,
  type AfterEvent,
  type BuildEvent,
  type CascadeData,
  type ContentMap,
  type EleventyConfig,
  type MapEntry,
  type MergedConfig,
  type PassthroughMap,
  type TemplateConfig,
} from './eleventy-config.ts'
import { showsErrors, type PluginEnvironment } from './environment.ts'
import { siteOfBuild } from './gate-host.ts'
import { globalDataKeys } from './global-data.ts'
import { addMentions } from './layout-mentions.ts'
import { readLayoutHeads } from './layout-heads.ts'
import { removeLeftOutputs } from './left-outputs.ts'
import { createNoticePartial } from './notice-partial.ts'
import { resolveOptions, type ResolvedOptions } from './options.ts'
import { checkOwnAddress } from './protocol-options.ts'
import { addressesInData } from './data-addresses.ts'
import { keepQuiet } from './quiet-build.ts'
import { ownLine, printWarnings } from './quiet-log.ts'
import { describeLeftOut, describeUnmatched } from './unmatched-globs.ts'
import { headRulesOf, readHead, readVirtual } from './source-head.ts'

const NAME = 'private-posts'

/** Sets the plugin up in a site's configuration. */
export function addPrivatePosts(
  eleventyConfig: EleventyConfig,
  userOptions: unknown,
  environment: PluginEnvironment,
): void {
  eleventyConfig.versionCheck('>=3.1')
  refuseTwice(eleventyConfig)
  let isKnownSecret: (url: URL) => boolean = () => false
  const options: ResolvedOptions = {
    ...resolveOptions(userOptions),
    isKnownSecret: (url) => isKnownSecret(url),
  }
  warnOfAddress(options, environment)
  const partial = createNoticePartial(eleventyConfig)
  let state: BuildState | undefined
  let namesOf = createLinkedNames(environment.cwd)
  let merged: TemplateConfig | undefined
  const kept = {
    copies: new Map<string, string>(),
    withheld: new Map<string, Buffer | undefined>(),
  }
  let release = () => {}
  const currentState = (): BuildState => {
    if (!state) throw new TypeError('a template before "eleventy.before"')
    return state
  }

  const classification = {
    options,
    isDeclaredCollection: (name: string) => Object.hasOwn(eleventyConfig.getCollections(), name),
    readSource: (path: string) => readIfThere(join(environment.cwd, path)),
    readHead: (path: string) =>
      readHead(join(environment.cwd, path)) ??
      readVirtual(merged?.getConfig(), currentState().event.directories.input, path),
    isShown: showsErrors(environment),
    namesOf: (path: string) => namesOf(path),
    mayHaveChanged: () =>
      Object.keys(merged?.getConfig().preprocessors ?? {}).some((name) => !name.endsWith(NAME)),
    headRules: () => headRulesOf(merged?.getConfig()),
    globalKeys: () => {
      const build = currentState()
      build.globalKeys ??= globalDataKeys(
        build.event.directories.data,
        merged?.getConfig().globalData,
      )
      return build.globalKeys
    },
  }
  eleventyConfig.addPreprocessor(NAME, '*', (data, body) => {
    rememberAddress(currentState(), data)
    return collectProblem(currentState(), classification, () =>
      classifyTemplate(currentState(), data, body, classification),
    )
  })
  eleventyConfig.addFilter('isPrivate', (inputPath) =>
    currentState().posts.has(inputPathOf(String(inputPath))),
  )

  const mentions = addMentions(eleventyConfig, options, environment)

  const finish = async (event: AfterEvent) => {
    const build = currentState()
    if (!build.isWritten) return
    const pathPrefix = pathPrefixOf(eleventyConfig)
    const { hasNothingPrivate, rememberPages } = await import('./public-build.ts')
    if (await hasNothingPrivate(build, event, options, environment, pathPrefix)) {
      rememberPages(event, environment)
      printWarnings(build.warnings, environment)
      return
    }
    const { bundlerOf } = await import('./renamed-assets.ts')
    const bundler = bundlerOf(eleventyConfig)
    const context = { pathPrefix, renderNotice: partial, bundler, mentions: mentions() }
    const { finishBuild } = await import('./finish-build.ts')
    await finishBuild(build, event, options, environment, context).catch((error: unknown) => {
      throw withoutTokens(error)
    })
  }

  eleventyConfig.on('eleventy.config', (templateConfig: TemplateConfig) => {
    merged = templateConfig
  })
  const stateFolder = stateFolderOf(options.ledger)
  const quieten = keepQuiet(eleventyConfig, options, environment, () => state)
  eleventyConfig.on('eleventy.before', async (event: BuildEvent) => {
    await quieten()
    const { cwd, now, print } = environment
    const { output } = event.directories
    for (const place of [options.ledger, stateFolder]) {
      refuseInside(resolve(cwd, output), resolve(cwd, place))
    }
    const left = { cwd, output, prefix: options.prefix }
    for (const line of removeLeftOutputs(left, now())) print(ownLine(line, 'yellow'))
    if (!merged) throw new TypeError('a build before "eleventy.config"')
    const secretsFile = knownSecretsFileOf(resolve(environment.cwd, options.ledger))
    isKnownSecret = readKnownSecrets(secretsFile, environment.now())
    const build = createBuildState(event, kept)
    state = build
    namesOf = createLinkedNames(environment.cwd)
    const config = merged.getConfig()
    release()
    beLast(eleventyConfig, config, finish)
    release = holdBack({
      graph: merged.uses,
      config,
      collections: Object.keys(eleventyConfig.getCollections()),
      look: (data, body) => lookAtTemplate(build, data, body, classification),
      isHeld: (path) => build.posts.has(path),
      hold(held, others) {
        build.held = held
        build.built = others
        checkGlobs(build, [...held, ...others], options, environment)
        build.isWritten &&= !isDryRun([...held, ...others])
      },
    })
  })
  const readDataFiles = noteDataFiles(eleventyConfig)
  eleventyConfig.events.prependListener('eleventy.contentMap', ({ inputPathToUrl }: ContentMap) => {
    if (!merged) throw new TypeError('a build before "eleventy.config"')
    readContentMap(currentState(), inputPathToUrl, {
      ...{
        cwd: environment.cwd,
        config: merged.getConfig(),
        options,
        read: readDataFiles,
        namesOf,
      },
    })
  })
  readLayoutHeads(eleventyConfig, currentState, classification)
  eleventyConfig.events.prependListener('eleventy.after', async ({ results }: AfterEvent) => {
    const build = currentState()
    build.isPublicSiteBuilt = true
    if (!merged || build.event.outputMode !== 'fs') return
    if (build.posts.size === 0) return refuseProblems(build)
    const { notePrivateWrites } = await import('./private-writes.ts')
    const { buildPrivatePages } = await import('./private-pages.ts')
    const pages = {
      ...{ options, config: merged.getConfig(), graph: merged.uses },
      bundles: eleventyConfig.getBundleManagers?.() ?? {},
    }
    await notePrivateWrites(build, eleventyConfig.events, { options, results }, () =>
      buildPrivatePages(build, pages),
    )
    refuseProblems(build)
  })
  eleventyConfig.on('eleventy.passthrough', ({ map }: PassthroughMap) => {
    for (const [url, source] of Object.entries(map)) kept.copies.set(...copyOf(url, source))
  })
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
}

/** Says where nobody would find the owner's address. */
function warnOfAddress(options: ResolvedOptions, environment: PluginEnvironment): void {
  const { NETLIFY: netlify, URL: url } = environment.variables
  const isSure = netlify === 'true' && url !== undefined
  const site = siteOfBuild('/', options, environment)
  const warning = checkOwnAddress(options.address, site, { isSure })
  if (warning !== undefined) environment.print(ownLine(warning, 'yellow'))
}

/** Before anything is built: a folder that a glob misses would be published. */
function checkGlobs(
  state: BuildState,
  templates: readonly MapEntry[],
  { postEntries: entries }: ResolvedOptions,
  { cwd }: PluginEnvironment,
): void {
  if (templates.length === 0) return
  const { input } = state.event.directories
  const data = new Map(templates.map((entry) => [inputPathOf(entry.inputPath), entry.data]))
  const globs = { entries, input, cwd, templates: [...data.keys()] }
  const problems = describeUnmatched(globs)
  if (problems.length > 0) throw buildError(problems)
  const isPublic = (path: string) =>
    !state.posts.has(path) && data.get(path)?.['visibility'] !== 'public'
  state.warnings.push(...describeLeftOut(globs, isPublic))
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

/** A passthrough copy by its path below the output folder, and its source. */
function copyOf(url: string, source: string): [string, string] {
  return [decodeURI(url).replace(/^\/+/, ''), posix.normalize(inputPathOf(source))]
}

/** Our preprocessor and our end of the build come after everybody else's, whoever was added later. */
function beLast(
  eleventyConfig: EleventyConfig,
  { preprocessors }: MergedConfig,
  finish: (event: AfterEvent) => Promise<void>,
): void {
  for (const [name, preprocessor] of Object.entries(preprocessors)) {
    if (!name.endsWith(NAME)) continue
    delete preprocessors[name]
    preprocessors[name] = preprocessor
  }
  eleventyConfig.events.removeListener('eleventy.after', finish)
  eleventyConfig.on('eleventy.after', finish)
}

function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
