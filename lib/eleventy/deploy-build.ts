import { resolve } from 'node:path'
import type { GateRegister } from '../gate/register.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { cacheFolderOf } from '../ledger/state-folder.ts'
import { openDeployFolder } from '../store/deploy-files.ts'
import { GONE_FILE } from '../webmention/gone-list.ts'
import { SHOWN_MENTIONS_FILE, shownMentionsFile } from '../webmention/shown-mentions.ts'
import { TARGETS_FILE } from '../webmention/targets.ts'
import type { BuildState } from './build-state.ts'
import type { DeployOutput } from './deploy-output.ts'
import type { AfterEvent } from './eleventy-config.ts'
import { isRunByNetlify, type PluginEnvironment } from './environment.ts'
import type { Readership } from './fill-copy.ts'
import { shownMentions, type Mention } from './mention-list.ts'
import { isBuildForNetlify, siteOfBuild } from './gate-host.ts'
import { namedFiles, writeRegister } from './gated-copies.ts'
import { finishForNetlify } from './netlify-output.ts'
import type { ResolvedOptions } from './options.ts'
import { ownLine } from './quiet-log.ts'
import type { TakenBack } from './take-back.ts'
import { writeTargetList } from './target-list.ts'

const NO_FUNCTIONS =
  'PRIVATE_POSTS_SECRET is not set, so this deploy has no functions: nobody is told of new posts, and nothing is received. To do: set it in Netlify, as "private-posts init netlify" says; or run "private-posts send" yourself.'

/** What a build that has turned out well leaves for the functions of its deploy. */
export interface DeployBuild {
  /** The output folder, from the project's root. */
  readonly output: string
  readonly pathPrefix: string
  readonly register: GateRegister
  readonly readership: Readership
  readonly ledger: Ledger
  readonly takenBack: TakenBack
  readonly deploy: DeployOutput
  readonly mentions: readonly Mention[]
}

/** Writes the deploy files that say what there is, last of all who may read it, and removes all others. */
export async function writeDeployFiles(
  state: BuildState,
  event: AfterEvent,
  build: DeployBuild,
  options: ResolvedOptions,
  environment: PluginEnvironment,
): Promise<void> {
  const { output, pathPrefix, register, readership, deploy } = build
  const { prefix, gatePrefix } = options
  await writeTargetList(state, readership, { output, prefix, gatePrefix, pathPrefix }, deploy)
  await build.takenBack.writeList(deploy)
  const shown = build.mentions.length > 0 ? [SHOWN_MENTIONS_FILE] : []
  for (const name of shown) {
    await deploy.write(name, shownMentionsFile(shownMentions(build.mentions)))
  }
  await writeRegister(register, build.takenBack.readersOf(register), deploy)
  // While an author writes, nothing is deployed.
  const isForDeploy = event.runMode === undefined || event.runMode === 'build'
  const told = isForDeploy ? await writeTold(build, options, environment) : []
  deploy.keepOnly(new Set([...namedFiles(register), TARGETS_FILE, GONE_FILE, ...shown, ...told]))
  const { cwd, variables } = environment
  const settings = build.ledger.site
  // `netlify dev` runs the functions while an author writes.
  if (!settings || (!isForDeploy && !isRunByNetlify(environment))) return
  const { netlify } = options
  if (isBuildForNetlify(options, environment) && !variables['PRIVATE_POSTS_SECRET']) {
    environment.print(ownLine(NO_FUNCTIONS, 'yellow'))
  }
  await finishForNetlify({ cwd, settings, deployFolder: deploy.folder, variables, netlify })
}

/**
 * Leaves the letters of the posts and a plan for Netlify, where the functions have no output folder. Elsewhere the
 * letters are made when somebody asks for them. Returns the names of the files.
 */
async function writeTold(
  { ledger, output, deploy, pathPrefix }: DeployBuild,
  options: ResolvedOptions,
  environment: PluginEnvironment,
): Promise<string[]> {
  const { cwd, planBuild, letterFiles } = environment
  const build = {
    site: siteOfBuild(pathPrefix, options, environment),
    output: resolve(cwd, output),
    ledger,
    files: openDeployFolder(deploy.folder),
    cache: cacheFolderOf(resolve(cwd, options.ledger)),
  }
  if (!isBuildForNetlify(options, environment)) return []
  const letters = (await letterFiles?.(build)) ?? []
  const plan = await planBuild?.(build)
  const made = plan ? [...letters, plan] : letters
  for (const { name, content } of made) await deploy.write(name, content)
  return made.map(({ name }) => name)
}
