import type { Ledger } from '../ledger/ledger.ts'
import type { DeployFiles } from '../store/deploy-files.ts'
import type { Fetch } from '../web/fetch.ts'

/** A build that has turned out well, for those who tell others of it. */
interface FinishedBuild {
  /** Where it will be deployed, as far as the build knows. */
  readonly site: URL
  /** The output folder. */
  readonly output: string
  readonly ledger: Ledger
  readonly files: DeployFiles
  /** Where is kept what would only take time to compute again. */
  readonly cache: string
}

/** A file that travels with a deploy. */
interface DeployFile {
  readonly name: string
  readonly content: string
}

/** What the plugin may know of the process that it runs in. */
export interface PluginEnvironment {
  readonly cwd: string
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly now: () => Date
  /** Writes one line for the author. */
  readonly print: (line: string) => void
  /** Makes the deploy file that says who is to be told of what. Without it, there is none. */
  readonly planBuild?: (build: FinishedBuild) => Promise<DeployFile>
  /** Makes the deploy files that say what the posts say. Without it, there are none. */
  readonly letterFiles?: (build: FinishedBuild) => Promise<readonly DeployFile[]>
  /** In the place of our own guarded one. */
  readonly fetch?: Fetch
}

/**
 * Whether Netlify runs this build: on its own machines (`NETLIFY`), or its command line on the author's
 * (`NETLIFY_LOCAL`: `netlify build`, `netlify deploy`, `netlify dev`).
 *
 * @see [Netlify, Build environment variables](https://docs.netlify.com/build/configure-builds/environment-variables/)
 */
export function isRunByNetlify({ variables }: Pick<PluginEnvironment, 'variables'>): boolean {
  return ['NETLIFY', 'NETLIFY_LOCAL', 'NETLIFY_DEV'].some((name) => variables[name] === 'true')
}

/** Build servers set `CI`; some say so with an empty or a false value that they are none. */
export function isCi({ variables }: Pick<PluginEnvironment, 'variables'>): boolean {
  const value = variables['CI'] ?? (variables['GITHUB_ACTIONS'] || variables['NETLIFY'] || '')
  return !['', '0', 'false'].includes(value.toLowerCase())
}

/** Whether the author wants to see what errors quote of private posts: never on a build server. */
export function showsErrors(environment: Pick<PluginEnvironment, 'variables'>): boolean {
  const { PRIVATE_POSTS_SHOW_ERRORS: show = '' } = environment.variables
  return !['', '0', 'false'].includes(show.toLowerCase()) && !isCi(environment)
}
