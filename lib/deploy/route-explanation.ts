import { redactSecrets } from '../web/redaction.ts'
import type { DeliveryProtocol, SourceExposure } from '../delivery/delivery.ts'
import type { RouteRecord } from '../ledger/ledger.ts'
import { FetchError, ResponseError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import {
  addressOf,
  considerProtocols,
  isCandidate,
  profileOf,
  type Addressee,
  type Candidate,
  type Recipients,
} from './candidates.ts'
import type { Hold } from './hold.ts'
import { hostOf } from './host-limit.ts'
import { mailHint, whyNoRoute } from './no-route.ts'
import { rememberedRoute } from './route.ts'

/** What is to be known of one protocol on the way to a recipient. */
export interface ProtocolExplanation {
  readonly protocol: string
  /** Why it is not for posts with links of their own, or for gated ones; `null` if it is. */
  readonly link: string | null
  readonly gate: string | null
  /** Where it begins to ask, if it is considered at all. */
  readonly destination: string | null
  /** Whether the recipient speaks it; `null` where nobody was asked, or nobody answered. */
  readonly speaks: boolean | null
  /** The host where it would be sent. */
  readonly endpoint: string | null
  /** Why it could not be asked. */
  readonly trouble: string | null
  /** How the way was found, step by step. */
  readonly trace: readonly string[]
}

/** What would carry one kind of post. */
export interface Choice {
  readonly protocol: string | null
  readonly endpoint: string | null
  readonly reason: string
  /** What an earlier run has found out, and until when that is used. */
  readonly remembered: { readonly protocol: string; readonly until: string } | null
}

export interface RouteExplanation {
  readonly recipient: string
  readonly link: Choice
  readonly gate: Choice
  readonly protocols: readonly ProtocolExplanation[]
}

export interface ExplanationOptions {
  readonly protocols: readonly DeliveryProtocol[]
  readonly recipients: Recipients
  readonly routes: readonly RouteRecord[]
  /** As a run that sends has it: what was remembered under another policy is not used. */
  readonly policy: string
  readonly hold: Hold
  readonly now: Date
  readonly web: WebOptions
}

/** What was found out about a candidate. */
type Finding =
  | { readonly endpoint: URL | undefined }
  /** It could not be asked; `refused`: we would not go there. */
  | { readonly trouble: string; readonly refused: boolean }

/** Explains how a recipient would be told. Asks them as a delivery would, and sends nothing. */
export async function explainRoutes(
  recipient: string,
  options: ExplanationOptions,
): Promise<RouteExplanation> {
  const { protocols, recipients, web } = options
  const link = considerKind('capability')
  const gate = considerKind('gated')
  const findings = new Map<DeliveryProtocol, Finding>()
  const traces = new Map<DeliveryProtocol, readonly string[]>()
  for (const { protocol, destination } of [...link, ...gate].filter(isCandidate)) {
    if (findings.has(protocol)) continue
    // Before it is asked where to send: then it would remember, and have no way to show.
    traces.set(protocol, await trace({ protocol, destination }, web))
    findings.set(protocol, await ask({ protocol, destination }, web))
  }
  return {
    recipient,
    link: await choose('capability'),
    gate: await choose('gated'),
    protocols: protocols.map((protocol, index) => {
      const [one, other] = [link[index], gate[index]]
      const whyNot = (at: typeof one) => (!at || isCandidate(at) ? null : at.whyNot)
      const candidate = [one, other].find((at) => at !== undefined && isCandidate(at))
      const finding = findings.get(protocol)
      const endpoint = finding && 'endpoint' in finding ? finding.endpoint : undefined
      const trouble = finding && 'trouble' in finding ? finding.trouble : null
      return {
        protocol: protocol.name,
        link: whyNot(one),
        gate: whyNot(other),
        destination: candidate && isCandidate(candidate) ? shown(candidate.destination) : null,
        speaks: finding === undefined || trouble !== null ? null : endpoint !== undefined,
        endpoint: endpoint ? hostOf(endpoint) : null,
        trouble,
        trace: (traces.get(protocol) ?? []).map(redactSecrets),
      }
    }),
  }

  function considerKind(exposure: SourceExposure) {
    return considerProtocols(addresseeOf(exposure), protocols, recipients)
  }

  function addresseeOf(exposure: SourceExposure) {
    return { recipient, target: targetOf(recipient, recipients), exposure }
  }

  async function choose(exposure: SourceExposure): Promise<Choice> {
    const considered = exposure === 'gated' ? gate : link
    const candidates = considered.filter(isCandidate)
    const memory = rememberedRoute(addresseeOf(exposure), candidates, options)
    const isFirst = ({ protocol }: Candidate) => protocol.name === memory?.protocol
    const remembered = memory ? { protocol: memory.protocol, until: memory.expires } : null
    const order = [...candidates.filter(isFirst), ...candidates.filter((one) => !isFirst(one))]
    const rest = { findings, web, hold: options.hold, remembered: memory?.protocol }
    const found = await firstOf(order, addresseeOf(exposure), rest)
    if (found) return { ...found, remembered }
    const hint = mailHint(addresseeOf(exposure).target)
    const reason = [whyNoRoute(considered), ...(hint === undefined ? [] : [hint])].join('; ')
    return { protocol: null, endpoint: null, reason, remembered }
  }
}

/** The first that would carry such a post, or that has to be waited for. */
async function firstOf(
  order: readonly Candidate[],
  { target, exposure }: Pick<Addressee, 'target' | 'exposure'>,
  {
    findings,
    web,
    hold,
    remembered,
  }: {
    readonly remembered: string | undefined
    readonly hold: Hold
    readonly findings: ReadonlyMap<DeliveryProtocol, Finding>
    readonly web: WebOptions
  },
): Promise<Omit<Choice, 'remembered'> | undefined> {
  const refusals: string[] = []
  for (const { protocol } of order) {
    const finding = findings.get(protocol)
    if (!finding) continue
    if ('trouble' in finding) {
      const { trouble, refused } = finding
      if (!refused) return toWaitFor(protocol, trouble)
      refusals.push(`${protocol.name} is refused: ${trouble}`)
      continue
    }
    if (!finding.endpoint) continue
    const held = hold({ target, exposure, content: '' }, finding.endpoint, protocol)
    const objection =
      held?.refused ?? (await objectionOf(protocol, exposure, finding.endpoint, web))
    if (typeof objection === 'object') return toWaitFor(protocol, objection.trouble)
    if (objection === undefined) {
      const isRemembered = protocol.name === remembered
      const why = isRemembered ? 'the one that worked last' : 'the first that is spoken'
      const warning = held?.warning ?? protocol.warns?.(exposure, finding.endpoint)
      const reason = [
        refusals.length === 0 ? why : refusals.join('; '),
        ...(warning === undefined ? [] : [`warning: ${redactSecrets(warning)}`]),
      ].join('; ')
      return { protocol: protocol.name, endpoint: hostOf(finding.endpoint), reason }
    }
    refusals.push(`${protocol.name} is refused: ${redactSecrets(objection)}`)
  }
  if (refusals.length === 0) return undefined
  return { protocol: null, endpoint: null, reason: refusals.join('; ') }
}

function toWaitFor({ name }: DeliveryProtocol, trouble: string): Omit<Choice, 'remembered'> {
  const reason = `${name} could not be asked, so posts would wait: ${trouble}`
  return { protocol: null, endpoint: null, reason }
}

/** Why it would not hand it over, or why that could not be found out. */
async function objectionOf(
  protocol: DeliveryProtocol,
  exposure: SourceExposure,
  endpoint: URL,
  web: WebOptions,
): Promise<string | { readonly trouble: string } | undefined> {
  try {
    return await protocol.objects?.(exposure, endpoint, web)
  } catch (error) {
    if (!(error instanceof FetchError)) throw error
    return { trouble: redactSecrets(error.message) }
  }
}

async function ask({ protocol, destination }: Candidate, web: WebOptions): Promise<Finding> {
  try {
    return { endpoint: await protocol.discover(destination, web) }
  } catch (error) {
    if (!(error instanceof FetchError) && !(error instanceof ResponseError)) throw error
    const refused = error instanceof FetchError && error.kind === 'refused'
    return { trouble: redactSecrets(error.message), refused }
  }
}

/** An explanation that fails is no reason to give none of the others. */
async function trace(
  { protocol, destination }: Candidate,
  web: WebOptions,
): Promise<readonly string[]> {
  try {
    return (await protocol.explain?.(destination, web)) ?? []
  } catch (error) {
    if (!(error instanceof FetchError) && !(error instanceof ResponseError)) throw error
    return [error.message]
  }
}

/** Where the recipient is told of a post: as the plan of a delivery has it. */
function targetOf(recipient: string, recipients: Recipients): URL {
  // Whoever has neither is told by the author, and no protocol has anything to begin with.
  return profileOf(recipient, recipients) ?? addressOf(recipient, recipients) ?? NOWHERE
}

const NOWHERE = new URL('about:blank')

function shown(destination: URL): string {
  return redactSecrets(destination.href.replace(/^acct:/, ''))
}
