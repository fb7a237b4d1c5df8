import type { FindingKind } from './finding.ts'

/** One phrase or path segment that only a private post has. */
export interface Clue {
  readonly kind: FindingKind
  readonly post: string
  /** Only a text that is nothing else counts: a whole element, attribute, string. */
  readonly isWhole: boolean
  /** The folded spelling that has to stand there, punctuation and all. */
  readonly spelling?: string
  /** What has to stand there instead. */
  readonly pattern?: RegExp
  /** The clue that this one is another spelling of: what explains the one explains the other. */
  readonly of?: Clue
  /** What stands before it in the longer paths of public sources. */
  readonly longer: string[]
  /** It counts only beside a word such as "code". */
  readonly isBeside?: boolean
  /** A public source has it too. */
  isKnown: boolean
}

export function createClue(kind: FindingKind, post: string): Clue {
  return { kind, post, isWhole: false, longer: [], isKnown: false }
}

/** Whether a public source has it too, in any spelling. */
export function isExplained(clue: Clue): boolean {
  return (clue.of ?? clue).isKnown
}

export function explain(clue: Clue): void {
  const whole = clue.of ?? clue
  whole.isKnown = true
}
