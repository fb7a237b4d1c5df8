import { isExplained, type Clue } from './clue.ts'
import type { Evidence } from './evidence.ts'

/** A piece of the evidence: a clue, the key of a run of eight words, the address of a post. */
export type Trace = Clue | number | string

/** What a file may have of the evidence: never less than the full search finds there. */
export interface Traces {
  /** What may be a finding. */
  readonly strong: ReadonlySet<Trace>
  /** What stands there in any way: enough to explain the same elsewhere. */
  readonly weak: ReadonlySet<Trace>
  /** Whether there is something that only the full search can read. */
  readonly isOpaque: boolean
  /** Whether it may have most of a post's own words, as an index of search has. */
  readonly isIndex: boolean
}

/** Collects what is seen in one text. */
export class TraceCollector implements Traces {
  readonly strong = new Set<Trace>()
  readonly weak = new Set<Trace>()
  /** Beginnings of words that a post has and no public source. */
  readonly terms = new Set<number>()
  /** Whole numbers of degrees. */
  readonly degrees = new Set<number>()
  isOpaque = false
  isIndex = false

  add(trace: Trace, isStrong: boolean): void {
    this.weak.add(wholeOf(trace))
    if (isStrong) this.strong.add(trace)
  }
}

/** What is explained together with a trace. */
export function wholeOf(trace: Trace): Trace {
  return typeof trace === 'object' ? (trace.of ?? trace) : trace
}

/** Whether nothing public has said it so far. */
export function isLeft(evidence: Evidence, trace: Trace): boolean {
  if (typeof trace === 'number') return evidence.windows.has(trace)
  return typeof trace === 'string' ? evidence.addresses.has(trace) : !isExplained(trace)
}
