import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseSecret } from '../capability-url/secret.ts'
import { parseUrl } from '../web/parse-url.ts'
import type { BuildState } from './build-state.ts'
import { buildError } from './build-error.ts'
import { isRunByNetlify, type PluginEnvironment } from './environment.ts'
import type { ResolvedOptions } from './options.ts'

/** `true` on Netlify, `false` on a host without functions, `undefined` when unknown. */
export function hostIsNetlify(
  { netlify }: ResolvedOptions,
  environment: PluginEnvironment,
): boolean | undefined {
  if (netlify !== undefined) return netlify
  if (isRunByNetlify(environment)) return true
  if (environment.variables['GITHUB_ACTIONS'] === 'true') return false
  return existsSync(join(environment.cwd, 'netlify.toml')) ? true : undefined
}

/** Whether this build is one for Netlify, and not only one of a site that is there. */
export function isBuildForNetlify(
  { netlify }: ResolvedOptions,
  environment: PluginEnvironment,
): boolean {
  return netlify ?? isRunByNetlify(environment)
}

/** Where the build will be deployed, as far as it knows: where Netlify says, or else where its author is. */
export function siteOfBuild(
  pathPrefix: string,
  { me }: Pick<ResolvedOptions, 'me'>,
  environment: PluginEnvironment,
): URL {
  const host = isRunByNetlify(environment)
    ? parseUrl(environment.variables['URL'] ?? '')
    : undefined
  return new URL(`${pathPrefix}/`.replace(/\/+$/, '/'), host ?? me)
}

/** The posts that the gate stands before. */
function gatedPosts(state: BuildState) {
  return [...state.posts.values()].filter(({ post }) => post.access === 'gate')
}

/**
 * Sees to it that somebody will stand at the gate: on Netlify, functions that cannot sign anything
 * would turn everybody away; a host without functions has none at all.
 *
 * @throws {ConfigurationError} naming the variable that is missing or weak
 */
export function requireGate(
  state: BuildState,
  options: ResolvedOptions,
  environment: PluginEnvironment,
): void {
  const { length } = gatedPosts(state)
  if (length === 0) return
  const posts = `${length} post${length === 1 ? ' has' : 's have'} "access: gate"`
  const secret = environment.variables['PRIVATE_POSTS_SECRET']?.trim() ?? ''
  const isBuild = (state.event.runMode ?? 'build') === 'build'
  if (isBuildForNetlify(options, environment) && !parseSecret(secret)) {
    const sentence = `PRIVATE_POSTS_SECRET is ${secret === '' ? 'not set' : 'too weak'}: ${posts}, and the gate signs with it whatever it gives to readers. To do: set it in Netlify (Site configuration → Environment variables), and wherever you build with "netlify: true", to 32 random bytes or more in base64url, for example to the output of: node -p "crypto.randomBytes(32).toString('base64url')"`
    // While an author writes, nothing is deployed.
    if (isBuild) throw buildError([sentence])
    state.warnings.push(sentence)
  }
  if (options.netlify === false && isRunByNetlify(environment) && isBuild) {
    throw buildError([
      `Option "netlify": ${posts}, and with "false" this build brings no gate along, although Netlify runs it. To do: remove the option, or give the posts "access: link".`,
    ])
  }
  if (hostIsNetlify(options, environment) === false) {
    state.warnings.push(
      `${posts}, and this host has no functions: nobody can read ${length === 1 ? 'it' : 'them'} there. The gate needs Netlify, or "private-posts serve" on a server of yours; "access: link" needs neither.`,
    )
  }
}
