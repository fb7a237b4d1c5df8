import { ConfigurationError } from '../web/errors.ts'

/** Keys whose values are words of ours, unless somebody wrote a name there. */
const KEYWORDS = ['visibility', 'access', 'private', 'showAudience']
const OUR_WORD =
  /^(?:public|unlisted|private|privat|secret|hidden|draft|link|gate|free|open|true|false|yes|no|on|off|[01])$/i

/** An error in the front matter or the data of one post. Build logs are read by others, so it quotes nothing private. */
export class PostError extends ConfigurationError {
  readonly path: string
  readonly key: string
  /** Not for people, unless the author asks for it: to find the line. */
  readonly #value: unknown
  readonly #what: string
  readonly #others: readonly string[]

  constructor(path: string, key: string, value: unknown, what: string, others: readonly string[]) {
    super(`${path}: ${key}: ${show(key, value)}: ${what}${also(others.map(quote))}`)
    this.path = path
    this.key = key
    this.#value = value
    this.#what = what
    this.#others = others
  }

  /**
   * The message with the lines of the source, counted from 1, where the value stands, or else the key.
   *
   * @param isShown Whether the author has asked to see the value, on their own machine.
   */
  messageFor(source: string, isShown = false): string {
    const lines = source.split('\n')
    const text = typeof this.#value === 'string' ? this.#value.trim() : ''
    const ofKey = lineOf(this.key, lines)
    const ofValue =
      text === '' ? -1 : lines.findIndex((line, at) => at >= ofKey && line.includes(text))
    const line = ofValue === -1 || ofKey === -1 ? ofKey : ofValue
    const others = this.#others.map((key) => {
      const at = lineOf(key, lines)
      return at === -1 ? quote(key) : `${quote(key)} (line ${at + 1})`
    })
    const { path, key } = this
    const value = isShown ? JSON.stringify(this.#value) : show(key, this.#value)
    const place = line === -1 ? path : `${path}, line ${line + 1}`
    return `${place}: ${key}: ${value}: ${this.#what}${also(others)}`
  }
}

/** An error in one post: where it stands, what is wrong with it, what to do; `others`: keys with the same fault. */
export function postError(
  path: string,
  key: string,
  value: unknown,
  {
    problem,
    remedy,
    others = [],
  }: { readonly problem: string; readonly remedy: string; readonly others?: readonly string[] },
): PostError {
  return new PostError(path, key, value, `${problem}. To do: ${remedy}.`, others)
}

function also(keys: readonly string[]): string {
  return keys.length === 0 ? '' : ` The same is true of ${keys.join(', ')}.`
}

function quote(key: string): string {
  return JSON.stringify(key)
}

/** The line with a key; of a key below another, the line with its last name. */
function lineOf(key: string, lines: readonly string[]): number {
  const [last = key] = key.split('.').slice(-1)
  const pattern = new RegExp(`^\\s*(?:- )?(["']?)(?:${escaped(key)}|${escaped(last)})\\1\\s*[:=]`)
  return lines.findIndex((line) => pattern.test(line))
}

function escaped(text: string): string {
  return text.replace(/\W/g, '\\$&')
}

function show(key: string, value: unknown): string {
  const text = value instanceof Date && value.valueOf() ? value.toISOString() : String(value)
  if (value === undefined) return '(nothing)'
  if (value === null || text.trim() === '') return JSON.stringify(value)
  if (key === 'expires' && /^[-\d:.+TZ ]+$/.test(text)) return JSON.stringify(text)
  const isShown = KEYWORDS.includes(key) ? OUR_WORD.test(text) : /^\([a-z -]+\)$/i.test(text)
  return isShown ? JSON.stringify(value) : '"…"'
}
