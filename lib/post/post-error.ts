import { ConfigurationError } from '../web/errors.ts'

/** Keys whose values are words of ours: they say nothing of the post, nor of who reads it. */
const KEYWORDS = ['visibility', 'access', 'private', 'showAudience']
const KEYWORD = /^[\w-]{1,20}$/

/** An error in the front matter or the data of one post. Build logs are read by others, so it quotes nothing private. */
export class PostError extends ConfigurationError {
  readonly path: string
  readonly key: string
  /** Not for people: to find the line. */
  readonly #value: unknown

  constructor(path: string, key: string, value: unknown, what: string) {
    super(`${path}: ${key}: ${show(key, value)}: ${what}`)
    this.path = path
    this.key = key
    this.#value = value
  }

  /** The message with the line of the source, counted from 1, where the value stands, or else the key. */
  messageFor(source: string): string {
    const lines = source.split('\n')
    const text = typeof this.#value === 'string' ? this.#value.trim() : ''
    const key = new RegExp(`^\\s*(["']?)${this.key.replace(/\W/g, '\\$&')}\\1\\s*[:=]`)
    const ofKey = lines.findIndex((line) => key.test(line))
    const ofValue =
      text === '' ? -1 : lines.findIndex((line, at) => at >= ofKey && line.includes(text))
    const line = ofValue === -1 || ofKey === -1 ? ofKey : ofValue
    const { path, message } = this
    return line === -1 ? message : `${path}, line ${line + 1}${message.slice(path.length)}`
  }
}

/** An error in one post: where it stands, what is wrong with it, what to do. */
export function postError(
  path: string,
  key: string,
  value: unknown,
  { problem, remedy }: { readonly problem: string; readonly remedy: string },
): PostError {
  return new PostError(path, key, value, `${problem}. To do: ${remedy}.`)
}

function show(key: string, value: unknown): string {
  const text = value instanceof Date && value.valueOf() ? value.toISOString() : String(value)
  if (value === undefined) return '(nothing)'
  if (value === null || text.trim() === '') return JSON.stringify(value)
  if (key === 'expires' && /^[-\d:.+TZ ]+$/.test(text)) return JSON.stringify(text)
  const isShown = KEYWORDS.includes(key) ? KEYWORD.test(text) : /^\([a-z -]+\)$/i.test(text)
  return isShown ? JSON.stringify(value) : '"…"'
}
