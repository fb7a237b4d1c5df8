/** The ways of the document to an object, and then to whom it describes, in its order. */
export type RouteStep =
  'local cache' | 'parent cache' | 'domain' | 'parent look-up' | 'recommended' | 'parent'

/**
 * What came of one try.
 *
 * - `found`: it leads on
 * - `absent`: the one who would know says that there is none
 * - `passed over`: a server does not prove whom it speaks for, or what it gives is not genuine
 * - `failed`: there was no usable answer
 * - `taken`, `refused`: what became of a message
 * - `skipped`: not tried
 */
type RouteOutcome = 'found' | 'absent' | 'passed over' | 'failed' | 'taken' | 'refused' | 'skipped'

/** One try on the way, in words for people. */
export interface RouteEntry {
  readonly step: RouteStep
  /** The host that was asked. */
  readonly server?: string
  readonly outcome: RouteOutcome
  readonly reason: string
  /** When it asked to be left alone until then. */
  readonly notBefore?: Date
}

/** Every try, in order. */
export type RouteTrace = readonly RouteEntry[]

/** Writes down one try. */
export type Note = (entry: Omit<RouteEntry, 'step'>) => void

/** The part of a trace that belongs to one step. */
export function noteIn(trace: RouteEntry[], step: RouteStep): Note {
  return (entry) => void trace.push({ step, ...entry })
}

/** Why nothing came of it, in one sentence. What was not tried at all is no reason. */
export function reasonOf(trace: RouteTrace): string {
  const tries = trace.filter(
    ({ outcome, step }) =>
      outcome !== 'skipped' &&
      outcome !== 'found' &&
      !(step.endsWith('cache') && outcome === 'absent'),
  )
  const reasons = tries.map(({ server, reason }) =>
    server === undefined ? reason : `${server}: ${reason}`,
  )
  return reasons.length > 0
    ? reasons.join('; ')
    : 'nobody could be asked in the time that there was'
}

/** The latest moment that anybody on the way asked for. */
export function notBeforeOf(trace: RouteTrace): { readonly notBefore?: Date } {
  const times = trace.flatMap(({ notBefore }) => (notBefore ? [notBefore.getTime()] : []))
  return times.length > 0 ? { notBefore: new Date(Math.max(...times)) } : {}
}
