import { escapePattern } from '../web/escape-pattern.ts'

/** What people write between the parts of an address that no program is meant to find. */
const AT_WORDS = ['', 'at']
const DOT_WORDS = ['', 'dot', 'punkt', 'point', 'punto']

const NO_LETTER = '[^\\p{L}\\p{N}]'
/** Also the strings of a list that a script joins: `['mum', 'post.example']`. */
const AT = `(?:["'\`]\\s*,\\s*["'\`]|${NO_LETTER}{0,8}@${NO_LETTER}{0,8}|${NO_LETTER}{1,8}at${NO_LETTER}{1,8})`
/** A point with a space behind it ends a sentence: "We were at home. It rained." */
const DOT = `(?:[^\\p{L}\\p{N}.]{0,8}\\.(?!\\s)[^\\p{L}\\p{N}.]{0,8}|\\s\\.\\s|${NO_LETTER}{1,8}(?:${DOT_WORDS.slice(1).join('|')})${NO_LETTER}{1,8})`

/** A mail address as it may be written in words. */
export interface MailSpelling {
  /** Its words in their order. */
  readonly words: string
  /** What stands in the text from the first of them to the last. */
  readonly pattern: RegExp
}

/**
 * How a mail address may be disguised: `mum [at] post [dot] example`, `mum @ post.example`, its parts in
 * elements or strings of their own, its letters from the last to the first.
 *
 * @param address Folded.
 */
export function mailSpellings(address: string): MailSpelling[] {
  const [local, domain] = address.split('@')
  if (!local || !domain) return []
  const pattern = new RegExp(`^${patternOf(local)}${AT}${patternOf(domain)}$`, 'u')
  const disguised = AT_WORDS.flatMap((at) =>
    DOT_WORDS.flatMap((dot) =>
      ['', dot].map((localDot) =>
        [local.replaceAll('.', ` ${localDot} `), at, domain.replaceAll('.', ` ${dot} `)].join(' '),
      ),
    ),
  )
  const reversed = [...address].reverse().join('')
  return [
    ...[...new Set(disguised)].map((words) => ({ words, pattern })),
    { words: reversed, pattern: new RegExp(`^${escapePattern(reversed)}$`, 'u') },
  ]
}

function patternOf(part: string): string {
  return part.split('.').map(escapePattern).join(DOT)
}
