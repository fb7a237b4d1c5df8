import * as v from 'valibot'
import { PostRecord, type Ledger } from '../ledger/ledger.ts'
import { SiteRecord } from '../ledger/site-record.ts'
import { readDeployJson, type DeployFiles } from '../store/deploy-files.ts'
import { openBuiltSite } from './built-site.ts'
import { openGatedCopies } from './gated-copy.ts'
import { openPageReader } from './page-facts.ts'
import { isAuthors, planDeliveries, type Plan } from './plan.ts'

/** The deploy file that says who is to be told of what, for whoever delivers without the output folder. */
export const PLAN_FILE = 'plan.json'

const PlanFile = v.object({
  version: v.literal(1),
  /** Where the site would be, as far as the build knew. */
  site: v.string(),
  settings: SiteRecord,
  /** What the ledger of the build says of private posts and their links. */
  posts: v.record(v.string(), PostRecord),
  /** What it says of pages that are gone. */
  gone: v.optional(v.record(v.string(), v.string())),
  deliveries: v.array(
    v.object({
      post: v.string(),
      recipient: v.nullable(v.string()),
      /** Below the site. */
      source: v.string(),
      target: v.string(),
      exposure: v.picklist(['public', 'capability', 'gated']),
      content: v.string(),
    }),
  ),
  handovers: v.array(v.object({ post: v.string(), recipient: v.string(), source: v.string() })),
})
/** A plan as it travels with a deploy. It holds capability URLs. */
export type PlanFile = v.InferOutput<typeof PlanFile>

/** What there is to plan: a build that has turned out well. */
export interface PlannedBuild {
  readonly site: URL
  readonly output: string
  readonly ledger: Ledger
  readonly files: DeployFiles
  /** Where is kept what was read of the pages; without it, it is not. */
  readonly cache?: string
}

/** Plans at build time what is to be delivered when the build is deployed. */
export async function planBuild({
  site,
  output,
  ledger,
  files,
  cache,
}: PlannedBuild): Promise<PlanFile> {
  const { site: settings, posts, gone } = ledger
  if (!settings) throw new TypeError('a build leaves its settings in the ledger')
  const reader = openPageReader(cache)
  const built = await openBuiltSite(output, site, files, reader)
  const plan = await planDeliveries(ledger, settings, built, await openGatedCopies(files))
  await reader.save()
  return {
    version: 1,
    site: site.href,
    settings,
    posts,
    ...(gone && { gone }),
    deliveries: plan.deliveries.map(({ post, recipient, source, target, exposure, content }) => ({
      post,
      recipient,
      source: below(site, source),
      target: target.href,
      exposure,
      content,
    })),
    handovers: plan.handovers.map(({ source, ...handover }) => ({
      ...handover,
      source: below(site, source),
    })),
  }
}

/** The same, as the deploy file that it becomes. */
export async function planBuildFile(
  build: PlannedBuild,
): Promise<{ readonly name: string; readonly content: string }> {
  return { name: PLAN_FILE, content: `${JSON.stringify(await planBuild(build))}\n` }
}

/** Reads the plan of the deploy, or `undefined` if it has none. */
export async function readPlan(files: DeployFiles): Promise<PlanFile | undefined> {
  const value = await readDeployJson(files, PLAN_FILE)
  return value === undefined ? undefined : v.parse(PlanFile, value)
}

/** The plan for the place where the build is deployed. A target that turned out to be the site itself is none. */
export function resolvePlan(file: PlanFile, site: URL): Plan {
  const deliveries = file.deliveries.map(({ source, target, ...delivery }) => ({
    ...delivery,
    source: new URL(source, site),
    target: new URL(target),
    ...(file.site === site.href ? {} : { hashedAt: new URL(source, file.site) }),
  }))
  return {
    deliveries: deliveries.filter(({ target }) => !isAuthors(target, file.settings, site)),
    handovers: file.handovers.map(({ source, ...handover }) => ({
      ...handover,
      source: new URL(source, site),
    })),
  }
}

function below(site: URL, source: URL): string {
  return `./${source.href.slice(site.href.length)}`
}
