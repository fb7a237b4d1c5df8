/**
 * What a build on Netlify leaves for the host, so that a user adds no files: a function for each endpoint
 * that the site uses, and the deploy files as blobs that travel with the deploy.
 *
 * @see [Netlify Frameworks API](https://docs.netlify.com/build/frameworks/frameworks-api/)
 * @module
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, posix, relative, sep } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import * as v from 'valibot'
import { parseSecret } from '../capability-url/secret.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import { isDeployFileName } from '../store/deploy-files.ts'
import { makePrivateFolder } from '../store/private-folder.ts'
import { ConfigurationError } from '../web/errors.ts'
import { ifVanished } from '../web/vanished.ts'
import { isRunByNetlify } from './environment.ts'
import { netlifyFunctions, type NetlifyFunction } from './netlify-functions.ts'

const FUNCTIONS_FOLDER = '.netlify/v1/functions'
const BLOBS_FOLDER = '.netlify/v1/blobs/deploy'
const CONFIG_FILE = '.netlify/v1/config.json'
/** Before everything that is ours: functions of others share the folder, blobs of others the store. */
const OURS = 'private-posts'
const PACKAGE = 'eleventy-plugin-private-posts'

const HeaderRule = v.looseObject({ for: v.string(), values: v.record(v.string(), v.unknown()) })
type HeaderRule = v.InferOutput<typeof HeaderRule>
const DeployConfig = v.looseObject({ headers: v.optional(v.array(HeaderRule), []) })

const GATE_HEADERS = {
  'Cache-Control': 'private, no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Robots-Tag': 'noindex, nofollow, noarchive, nosnippet',
}

export interface NetlifyOutputOptions {
  /** Where the build runs. */
  readonly cwd: string
  readonly settings: SiteRecord
  /** The deploy files of this build. */
  readonly deployFolder: string
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** The same, where the build may be for another host: then there is nothing to leave for Netlify. */
export async function finishForNetlify({
  netlify,
  ...options
}: NetlifyOutputOptions & { readonly netlify: boolean | undefined }): Promise<void> {
  if (netlify ?? isRunByNetlify(options)) await writeNetlifyOutput(options)
  else await removeNetlifyOutput(options.cwd)
}

/**
 * Writes it all, and removes what an earlier build left.
 *
 * @returns The functions that the site uses now.
 * @throws {ConfigurationError} naming the secret that is too weak for any function to start with
 */
export async function writeNetlifyOutput({
  cwd,
  settings,
  deployFolder,
  variables,
}: NetlifyOutputOptions): Promise<readonly NetlifyFunction[]> {
  const secret = variables['PRIVATE_POSTS_SECRET']
  if (isSet(secret) && !parseSecret(secret)) throw weakSecret()
  const functions = netlifyFunctions(settings, {
    hasSecret: isSet(secret),
    hasOwner: isSet(variables['PRIVATE_POSTS_OWNER']),
  })
  await removeNetlifyOutput(cwd)
  if (functions.length === 0) return functions

  const folder = join(cwd, FUNCTIONS_FOLDER)
  await mkdir(folder, { recursive: true })
  for (const each of functions) {
    await writeFile(join(folder, `${OURS}-${each.name}.mjs`), formatFunction(each, settings))
  }
  await copyDeployFiles(deployFolder, join(cwd, BLOBS_FOLDER, OURS))
  await changeHeaders(cwd, gateHeaders(settings))
  return functions
}

/** Removes what is ours of an earlier build, whatever its host was. */
export async function removeNetlifyOutput(cwd: string): Promise<void> {
  const folder = join(cwd, FUNCTIONS_FOLDER)
  const names = await readdir(folder).catch(ifVanished([]))
  for (const name of names) {
    if (name.startsWith(`${OURS}-`)) await rm(join(folder, name), { force: true, recursive: true })
  }
  await rm(join(cwd, BLOBS_FOLDER, OURS), { force: true, recursive: true })
  await changeHeaders(cwd, [])
}

/**
 * A function of a few lines. Netlify reads `config` without running the file: anything but a plain literal
 * would be no route, silently, and a static file would be served in its place.
 */
export function formatFunction({ name, config }: NetlifyFunction, settings: SiteRecord): string {
  return `// Made by ${PACKAGE} with each build.
import create from '${PACKAGE}/functions/${name}.js'

export default create(${JSON.stringify(settingsForFunctions(settings), null, 2)})

export const config = ${JSON.stringify(config, null, 2)}
`
}

/** What a function need not know: where the sources lie, and which of them were looked at for leaks. */
function settingsForFunctions(settings: SiteRecord): SiteRecord {
  return { ...settings, posts: [], input: '', output: '', auditExceptions: [] }
}

/**
 * Only the gate answers below its prefix. Should a site have a file of its own there, and Netlify lose the
 * function's route, that file is at least in no cache and no index.
 */
function gateHeaders({ gatePrefix, pathPrefix }: SiteRecord): readonly HeaderRule[] {
  return [
    {
      for: posix.join('/', pathPrefix, gatePrefix, '*'),
      values: GATE_HEADERS,
    },
  ]
}

/** Other software may have written into the file: what is theirs stays. */
async function changeHeaders(cwd: string, rules: readonly HeaderRule[]): Promise<void> {
  const file = join(cwd, CONFIG_FILE)
  const text = await readFile(file, 'utf8').catch(ifVanished(undefined))
  const { headers, ...rest } = v.parse(DeployConfig, JSON.parse(text ?? '{}'))
  const theirs = headers.filter(({ values }) => !isDeepStrictEqual(values, GATE_HEADERS))
  const all = [...theirs, ...rules]
  if (all.length === 0 && Object.keys(rest).length === 0) return rm(file, { force: true })
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify({ ...rest, headers: all }, null, 2)}\n`)
}

/** `gate.json` becomes the blob `private-posts/gate.json`: a folder of that name with its content in it. */
async function copyDeployFiles(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true }).catch(
    ifVanished([]),
  )
  if (entries.length === 0) return
  makePrivateFolder(to)
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name)
    const name = relative(from, file).split(sep).join('/')
    if (!entry.isFile() || !isDeployFileName(name)) continue
    const blob = join(to, name, 'blob')
    await mkdir(dirname(blob), { recursive: true, mode: 0o700 })
    await cp(file, blob)
  }
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== ''
}

function weakSecret(): ConfigurationError {
  return new ConfigurationError(
    `PRIVATE_POSTS_SECRET is too weak: no function would start with it. To do: set it in Netlify (Site configuration → Environment variables) to 32 random bytes or more in base64url, for example to the output of: node -p "crypto.randomBytes(32).toString('base64url')"`,
  )
}
