import { existsSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { redactSecrets } from '../web/redaction.ts'
import { formatExposures, formatLooks } from '../deploy/exposure-report.ts'
import { watchExposure, type WatchReport } from '../deploy/exposure-watch.ts'
import type { LeftOut, Survey } from '../deploy/left-out.ts'
import { formatLeftOut, whyNothing } from '../deploy/left-out-report.ts'
import type { Parallelism } from '../deploy/host-limit.ts'
import { exitCodeOf, formatReport, type DeliveryRow } from '../deploy/report.ts'
import { openBuiltFiles } from '../deploy/built-letters.ts'
import { lockSending } from '../ledger/send-lock.ts'
import { sendDeliveries, settingsOf } from '../deploy/send.ts'
import { knownSecretsFileOf, rememberSecrets } from '../ledger/known-secrets.ts'
import { cacheFolderOf, refuseInside } from '../ledger/state-folder.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import type { JournaledLedger } from '../ledger/journaled-ledger.ts'
import type { Mint } from '../ledger/mint.ts'
import { isCi } from '../eleventy/environment.ts'
import { ConfigurationError } from '../web/errors.ts'
import { createGuardedFetch, userAgentOf } from '../web/guarded-fetch.ts'
import { watchUnauthorised } from '../web/unauthorised.ts'
import {
  textOption,
  urlOption,
  UsageError,
  type Command,
  type CommandContext,
  type ExitCode,
  type OptionValues,
  type Terminal,
} from './command.ts'
import { createProgressDisplay } from './progress.ts'
import { createSendProtocols } from './send-protocols.ts'
import { DEFAULT_LEDGER, mintAtHome, openSite, SITE_OPTIONS } from './site.ts'

/** Longer than static hosts take to publish a large site. */
const DEFAULT_WAIT = 5 * 60

/** For so long the next builds take for private what asked who is there. */
const DAYS_KNOWN = 30

/** `private-posts send`: tells everybody of what was deployed. */
export const sendCommand: Command = {
  name: 'send',
  summary: 'Tell recipients, and whom public posts link to, of what was just deployed.',
  parameters: '--site URL [options]',
  help: [
    '--site URL        where the site is deployed (required)',
    '--output DIR      its output folder, if not the one of the last build',
    '--dry-run         say what would be sent, and send nothing',
    '--force           send everything again, also what has not changed',
    '--wait SECONDS    how long to wait until the deploy is live (300; 0 looks once)',
    '--per-host N      how many requests one host gets at once (4; less where it asks for less)',
    '--parallel N      how many requests are under way at once in all (64)',
    '--verbose         say where was looked for private links in public, and what did not answer',
    '--allow-loopback  for development: visit sites on this machine too',
    `--ledger FILE     the ledger (default ${DEFAULT_LEDGER})`,
    '--json            print one JSON object',
    'For two weeks it looks whether everybody can read a private link that it told by webmention, and',
    'ends with 1 if so.',
    'Gated posts, and what goes by rel-pm, intertalk or fmtp, need PRIVATE_POSTS_SECRET in the',
    'environment, the same as the site has. PRIVATE_POSTS_DNS names other name servers to ask.',
  ],
  options: {
    ...SITE_OPTIONS,
    site: { type: 'string' },
    output: { type: 'string' },
    'dry-run': { type: 'boolean' },
    force: { type: 'boolean' },
    wait: { type: 'string' },
    'per-host': { type: 'string' },
    parallel: { type: 'string' },
    verbose: { type: 'boolean' },
    'allow-loopback': { type: 'boolean' },
  },

  async run({ positionals, values }, context) {
    const site = siteOption(values)
    const [word] = positionals
    if (word !== undefined) throw new UsageError(`"${redactSecrets(word)}" is one word too many`)
    const wait = waitOption(values) * 1000
    const dryRun = values['dry-run'] === true
    const ledger = openSite(values, context)
    const file = resolve(context.cwd, textOption(values, 'ledger') ?? DEFAULT_LEDGER)
    const settings = settingsOf(await ledger.read())
    const parallelism = parallelismOption(values)
    const input = { site, wait, parallelism, dryRun, ledger, file, settings, values }
    if (dryRun) return await send(input, context)

    const lock = await lockSending(file)
    try {
      const signal = AbortSignal.any([context.signal, lock.lost])
      return await send(input, { ...context, signal })
    } finally {
      await lock.release()
    }
  },
}

interface SendInput {
  readonly site: URL
  readonly wait: number
  readonly parallelism: Parallelism
  readonly dryRun: boolean
  readonly ledger: JournaledLedger
  readonly file: string
  readonly settings: SiteRecord
  readonly values: OptionValues
}

async function send(
  { site, wait, parallelism, dryRun, ledger, file, settings, values }: SendInput,
  context: CommandContext,
): Promise<ExitCode> {
  const { cwd, terminal, now, signal } = context
  const output = resolve(cwd, textOption(values, 'output') ?? settings.output)
  refuseInside(output, file)
  const allowLoopback = values['allow-loopback'] === true
  const where = { site, settings, ledgerFile: file, allowLoopback }
  const { protocols, policy } = createSendProtocols(where, context)
  warnOfEmptyOutput(output, terminal)

  const guarded = createGuardedFetch({
    allowLoopback,
    userAgent: userAgentOf(site),
    redact: redactSecrets,
  })
  const watched = watchUnauthorised(guarded.fetch)
  const progress = createProgressDisplay(terminal)
  let survey: Survey = { leftOut: [], pages: 0, unbuilt: 0 }
  try {
    const rows = await sendDeliveries({
      site,
      output,
      cache: cacheFolderOf(file),
      files: openBuiltFiles({ site, output, ledgerFile: file }),
      ledger,
      protocols,
      fetch: watched.fetch,
      now,
      policy,
      wait,
      parallelism,
      force: values['force'] === true,
      dryRun,
      signal,
      onProgress: (step) => progress.report(step),
      onSurvey: (found) => void (survey = found),
    })
    progress.end()
    const report = await watchExposure({
      ...{ site, ledger, protocols, fetch: guarded.fetch, now, signal, dryRun },
      openMint: () => openMint(settings, context),
    })
    const strangers = watched.asked.filter(({ origin }) => origin !== site.origin)
    if (!dryRun) {
      await rememberSecrets(knownSecretsFileOf(file), strangers, { now: now(), days: DAYS_KNOWN })
    }
    const looks = values['verbose'] === true ? report.looks : []
    const { leftOut } = survey
    const nothing = whyNothing(rows, survey)
    const told = `${formatLeftOut(leftOut)}${formatReport(rows, nothing)}`
    terminal.out(
      values['json'] === true
        ? formatJson(rows, { ...report, looks, leftOut, nothing })
        : `${told}${formatExposures(report.exposures)}${formatLooks(looks)}`,
    )
    if (report.exposures.length > 0) return 1
    return exitCodeOf(dryRun ? rows.filter(({ outcome }) => outcome === 'refused') : rows)
  } finally {
    progress.end()
    await guarded.close()
  }
}

/**
 * For links that are found in public.
 *
 * @throws {ConfigurationError} where the ledger, which alone remembers the new link, is gone after this run
 */
function openMint({ tokens }: SiteRecord, { environment }: CommandContext): Mint {
  const isKept = environment['PRIVATE_POSTS_LEDGER_PERSISTS'] === 'true'
  if (isKept || !isCi({ variables: environment })) return mintAtHome(tokens, environment)
  throw new ConfigurationError(
    'this build server keeps no ledger (PRIVATE_POSTS_LEDGER_PERSISTS is not "true").',
  )
}

/** From there it looks as if everything had been taken back, or as if there were nothing to tell. */
function warnOfEmptyOutput(output: string, { error }: Terminal): void {
  if (!existsSync(output)) return
  const names = readdirSync(output, { recursive: true, encoding: 'utf8' })
  if (names.some((name) => /\.html?$/i.test(name))) return
  error(`There is no page in ${output}. If there should be some, build the site first.\n`)
}

interface JsonReport extends WatchReport {
  readonly leftOut: readonly LeftOut[]
  readonly nothing: string | undefined
}

/** Besides the deliveries: what there is to say of links in public, of pages left out, of why there is nothing. */
function formatJson(
  deliveries: readonly DeliveryRow[],
  { exposures, looks, leftOut, nothing }: JsonReport,
): string {
  const found = {
    ...(leftOut.length > 0 && { leftOut }),
    ...(nothing !== undefined && { nothing }),
    ...(exposures.length > 0 && { exposures }),
    ...(looks.length > 0 && { looks }),
  }
  return `${JSON.stringify({ deliveries, ...found }, null, 2)}\n`
}

/** Where the site is: every source is an address below it, and says nothing else. */
function siteOption(values: OptionValues): URL {
  const site = urlOption(values, 'site')
  if (!site) throw new UsageError('--site is missing: where is the site deployed?')
  if (site.username || site.password) {
    throw new UsageError('--site: a public address has no user name or password')
  }
  site.search = ''
  site.hash = ''
  return site
}

function waitOption(values: OptionValues): number {
  const text = textOption(values, 'wait') ?? String(DEFAULT_WAIT)
  if (!/^\d{1,6}(\.\d+)?$/.test(text)) {
    throw new UsageError(`--wait: "${redactSecrets(text)}" is not a number of seconds`)
  }
  return Number(text)
}

function parallelismOption(values: OptionValues): Parallelism {
  const perHost = countOption(values, 'per-host')
  const inTotal = countOption(values, 'parallel')
  return { ...(perHost && { perHost }), ...(inTotal && { inTotal }) }
}

function countOption(values: OptionValues, name: string): number | undefined {
  const text = textOption(values, name)
  if (text === undefined) return undefined
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text)
  throw new UsageError(`--${name}: "${redactSecrets(text)}" is not a number from 1 to 999`)
}
