import type { Message } from '../delivery/message.ts'
import { withDeadline } from '../web/deadline.ts'
import { FetchError } from '../web/errors.ts'
import { isSamePage } from '../web/page-identity.ts'
import { completeAuthor } from './author-page.ts'
import { createMissingSources } from './looks.ts'
import { formerKey, heldKey, keyOfSource } from './mention-keys.ts'
import { classify } from './privacy.ts'
import { createWebmentionQueue, PROCESSED, type Claim, type WebmentionQueue } from './queue.ts'
import type { SettledStatus } from './received-status.ts'
import { limitsOf, type WebmentionReceiverOptions } from './receiver.ts'
import { findTarget, homeOf } from './receiver-target.ts'
import {
  verifyWebmention,
  type Verification,
  type VerificationOptions,
  type VerifiedSource,
} from './verification.ts'
import { leaveNotice, noticeKey } from './unopened.ts'
import { verifyVouch } from './vouch.ts'

interface Settlement {
  readonly status: SettledStatus
  readonly private: boolean
}

/** What the end of a fetch says that depends on our tokens alone. */
const TOKEN_TROUBLES: readonly SettledStatus[] = ['unauthorized', 'access_token_error']
/** What the owner is told of a public mention that nobody may read any more. */
const PRIVATE_NOW = 'its page is private now'

/**
 * Verifies a queued webmention and hands it over, unless another process is doing so. Whatever happens on the
 * way, it stays queued until its end is written down.
 *
 * @returns Whether there was something to do.
 *
 * @see [Webmention §3.2.2](https://www.w3.org/TR/webmention/#webmention-verification)
 */
export async function processQueued(
  id: string,
  options: WebmentionReceiverOptions,
): Promise<boolean> {
  const queue = createWebmentionQueue(options)
  for (let isTaken = false; ; isTaken = true) {
    const claim = await queue.claim(id)
    if (!claim) return isTaken
    try {
      if ((await attempt(claim, queue, options)) === 'done') return true
    } catch (error) {
      // Where not even that can be written, it counts as unfinished: the first error says why.
      await queue.fault(claim).catch(() => {})
      throw error
    }
  }
}

async function attempt(
  claim: Claim,
  queue: WebmentionQueue,
  options: WebmentionReceiverOptions,
): Promise<'done' | 'again'> {
  if (claim.isGivenUp) return queue.settle(claim, { status: 'too_large', private: claim.code })
  const verification = await verify(claim, queue, options)
  const isSecret = wasShownToUsOnly(verification) && !claim.redeemed
  if (verification.outcome === 'later') {
    if (await queue.retry(claim, { ...verification, isSecret })) return 'again'
    const settlement = { status: 'source_error', private: claim.code } as const
    return queue.settle(claim, isSecret ? PROCESSED : settlement)
  }
  if (!(await queue.holds(claim))) return 'done'
  const settlement = await conclude(claim, verification, options)
  return queue.settle(claim, isSecret ? PROCESSED : settlement)
}

/**
 * Whether the answer depends on who we are. Whoever sent this without a code that was good for a token is
 * a stranger to its author perhaps: they may not learn through us whether the page is there, who may read
 * it, and what it links to. What they are told is the same, whatever we have seen.
 */
function wasShownToUsOnly(verification: Verification): boolean {
  const { outcome } = verification
  if (outcome === 'mentions') return verification.source.authenticated
  if (outcome === 'failed' && TOKEN_TROUBLES.includes(verification.status)) return true
  return verification.authenticated === true
}

/** A verification of bounded length: what takes longer than all of its limits together has failed. */
async function verify(
  claim: Claim,
  queue: WebmentionQueue,
  options: WebmentionReceiverOptions,
): Promise<Verification> {
  const before = () => queue.begin(claim)
  try {
    const isHome = homeOf(claim.target, options) !== undefined
    const verification = verifyPage(claim, { ...options, isHome, before })
    return await withDeadline(verification, limitsOf(options).verifying)
  } catch (error) {
    if (error instanceof FetchError) return { outcome: 'later' }
    throw error
  }
}

/**
 * Only the exact target counts, save for what the inbox holds: a source that now spells it otherwise still mentions
 * that page.
 */
async function verifyPage(
  claim: Claim,
  options: WebmentionReceiverOptions & VerificationOptions,
): Promise<Verification> {
  const { sink } = options
  const verification = await verifyWebmention(claim, options)
  if (verification.outcome !== 'absent' || verification.spelling === undefined) return verification
  if ((await heldKey(sink, claim)) === undefined) return verification
  return verifyWebmention({ ...claim, target: new URL(verification.spelling) }, options)
}

async function conclude(
  claim: Claim,
  verification: Exclude<Verification, { outcome: 'later' }>,
  options: WebmentionReceiverOptions,
): Promise<Settlement> {
  switch (verification.outcome) {
    case 'mentions': {
      const settlement = await receive(claim, verification.source, options)
      await options.sink.withdraw(noticeKey(claim.source))
      return settlement
    }
    case 'absent':
      return withdraw(claim, verification, options)
    case 'failed': {
      const { status, isUnopened } = verification
      if (status === 'not_found') return withdraw(claim, { ...verification, status }, options)
      if (status === 'unauthorized') await hide(claim, options)
      if (isUnopened) await notify(claim, options)
      return { status, private: claim.code }
    }
  }
}

async function receive(
  claim: Claim,
  source: VerifiedSource,
  options: WebmentionReceiverOptions,
): Promise<Settlement> {
  const { sink } = options
  const target = await findTarget(claim.target, options)
  // The page has gone since the mention was queued.
  if (!target) return { status: 'target_not_found', private: claim.code }

  const { isPart = false, ...entry } = source.entry
  const former = await formerKey(sink, claim, isPart)
  if (former !== undefined && !isPart) {
    return withdraw(claim, { ...source, status: 'no_link_found' }, options)
  }
  const key = await keyOfSource(sink, claim, isPart)
  const before = await sink.find(key)
  const { code, redeemed } = claim
  const isProven = source.authenticated || redeemed
  if (before && (isProven || !wasProven(before))) await createMissingSources(options).forget(claim)
  const privacy = classify({ source, target: target.kind, code, redeemed, before })
  // A stranger who repeats it sees less of the source than it was once shown for: that changes nothing.
  if (wasProven(before) && !isProven && privacy !== 'public') {
    const asIfNew = classify({ source, target: target.kind, code, redeemed, before: undefined })
    return { status: 'success', private: asIfNew !== 'public' }
  }

  const vouchedBy = await vouchOf(claim, options)
  const author = await completeAuthor(entry.author, { privacy, before }, options)
  const warnings = warningsOf(source, claim, vouchedBy)
  const message: Message = {
    protocol: isProven ? 'private-webmention' : 'webmention',
    // Whoever names a part that is not there updates the page, and does not take it over.
    source: before && !isPart && claim.source.hash !== '' ? before.source : claim.source.href,
    target: target.page.href,
    privacy,
    host: source.url.host,
    hosts: hostsOf(source),
    ...entry,
    author,
    ...(vouchedBy !== undefined && { vouchedBy }),
    ...(warnings.length > 0 && { warnings }),
  }
  await sink.accept(key, message)
  if (former !== undefined && (isProven || !wasProven(await sink.find(former)))) {
    await sink.withdraw(former)
  }
  return { status: 'success', private: privacy !== 'public' }
}

/** Takes a mention out of the public eye whose page has left it. It is not taken back. */
async function hide(claim: Claim, { sink }: WebmentionReceiverOptions): Promise<void> {
  const key = await heldKey(sink, claim)
  const before = key === undefined ? undefined : await sink.find(key)
  if (key === undefined || !before || wasProven(before) || before.privacy === 'private') return
  const warnings = [...(before.warnings ?? []), PRIVATE_NOW]
  await sink.accept(key, { ...before, privacy: 'private', warnings })
}

/** Says that there is something to be read, of which the inbox holds nothing yet. */
async function notify(claim: Claim, options: WebmentionReceiverOptions): Promise<void> {
  const { sink } = options
  const isKnown = (await heldKey(sink, claim)) !== undefined
  if (!isKnown) await leaveNotice(claim, options)
}

/** What says that a mention is over; 404 does so only when it was seen at three looks over a day. */
interface Withdrawal {
  readonly status: 'gone' | 'no_link_found' | 'not_found'
  readonly authenticated?: boolean
}

/** Takes a mention back, if whoever says so has shown as much of themselves as when it came. */
async function withdraw(
  claim: Claim,
  { status, authenticated = false }: Withdrawal,
  options: WebmentionReceiverOptions,
): Promise<Settlement> {
  const { sink } = options
  const key = await heldKey(sink, claim)
  const before = key === undefined ? undefined : await sink.find(key)
  const isProven = authenticated || claim.redeemed
  const missing = createMissingSources(options)
  const isOver = async () => status !== 'not_found' || (await missing.count(claim))
  if (key === undefined || !before) {
    const notice = noticeKey(claim.source)
    const isNoticed = (await sink.find(notice)) !== undefined
    if (isNoticed && (await isOver())) await sink.withdraw(notice)
    // The owner may have removed it meanwhile.
    if ((await sink.find(notice)) === undefined) await missing.forget(claim)
    return { status, private: claim.code }
  }
  if (wasProven(before) && !isProven) return { status, private: claim.code }
  if (!(await isOver())) return { status, private: claim.code }
  await sink.withdraw(key)
  await missing.forget(claim)
  return { status: 'deleted', private: before.privacy !== 'public' }
}

function wasProven(before: Message | undefined): boolean {
  return before?.protocol === 'private-webmention'
}

/** Every host on the way, the one that it came from as well. */
function hostsOf({ chain, url }: VerifiedSource): string[] {
  return [...new Set([...chain, url].map(({ host }) => host))]
}

async function vouchOf(
  { vouch, source, target }: Claim,
  { fetch, isDenied, parse, limits }: WebmentionReceiverOptions,
): Promise<string | undefined> {
  if (!vouch || isSamePage(vouch, source) || isSamePage(vouch, target)) return undefined
  const isGood = await withDeadline(
    verifyVouch(vouch, source, { fetch, isDenied, ...(parse && { parse }) }),
    limitsOf({ ...(limits && { limits }) }).redeeming,
  ).catch((error: unknown) => {
    if (error instanceof FetchError) return false
    throw error
  })
  return isGood ? vouch.host : undefined
}

function warningsOf(
  source: VerifiedSource,
  { vouch, source: { host } }: Claim,
  vouchedBy: string | undefined,
): string[] {
  const hosts = hostsOf(source)
  const warnings: string[] = []
  if (hosts.length > 1) warnings.push(`It redirected to another site: ${hosts.join(' → ')}`)
  if (vouch && vouchedBy === undefined) {
    warnings.push(`${vouch.host} was named to vouch for it, but does not link to ${host}`)
  }
  return warnings
}
