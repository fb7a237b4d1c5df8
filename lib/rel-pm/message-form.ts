/**
 * The message of step 6 as a form: "a POST request with the message contents and secret".
 *
 * @module
 */
import { parseUrl } from '../web/parse-url.ts'
import { looksLikeName } from './message-name.ts'
import { hasField, MESSAGE_NAMES, messageIn, SENDER_NAMES, valuesOf } from './pm-fields.ts'

/** By the name that jf2 has for it, and by the names that forms have: Micropub's, and plain words. */
const PROPERTIES = {
  uid: ['uid'],
  audience: ['audience'],
  published: ['published', 'date'],
  name: ['name', 'title', 'subject'],
  summary: ['summary'],
  url: ['url'],
  'in-reply-to': ['in-reply-to'],
} as const
const TEXT = [
  ...['content', 'content[text]', 'content[value]', 'text', 'body', 'contents'],
  ...['message_contents', 'message_content', 'message_text', 'message_body'],
]
const HTML = ['html', 'content[html]']
/** Names of a message that are not the word for what it says. */
const NAMES = MESSAGE_NAMES.filter((name) => name !== 'message')

/** Whether a form says something: its `message` may be the name of one, or what it says. */
export function isMessageForm(form: URLSearchParams): boolean {
  const says = [...TEXT, ...HTML, ...PROPERTIES.name, ...PROPERTIES.summary]
  return valuesOf(form, says).length > 0 || wordsIn(form) !== undefined
}

/**
 * The message as jf2.
 *
 * @param announced The name that its token is for: where `message` is something else, it is what the message says.
 * @throws {RequestError} for a field that is there twice
 */
export function entryOfForm(form: URLSearchParams, announced?: string): Record<string, unknown> {
  const entry: Record<string, unknown> = { type: 'entry' }
  for (const [property, names] of Object.entries(PROPERTIES)) {
    const [value] = valuesOf(form, names)
    if (value !== undefined) entry[property] = value
  }
  const words = wordsIn(form, announced)
  const [text = words] = valuesOf(form, TEXT)
  const [html] = valuesOf(form, HTML)
  entry['content'] = { ...(text !== undefined && { text }), ...(html !== undefined && { html }) }
  const [author] = valuesOf(form, ['author'])
  const [sender] = valuesOf(form, SENDER_NAMES)
  entry['author'] = {
    ...(author !== undefined && { [parseUrl(author) ? 'url' : 'name']: author }),
    ...(sender !== undefined && { uid: sender }),
  }
  const names = valuesOf(form, NAMES)
  if (names.length > 0) entry['message_id'] = messageIn(form, NAMES)
  else if (words === undefined && hasField(form, 'message')) entry['message_id'] = messageIn(form)
  return entry
}

/** What `message` says, where it is not the name that the message has. */
function wordsIn(form: URLSearchParams, announced?: string): string | undefined {
  const [words] = valuesOf(form, ['message'])
  if (words === undefined) return undefined
  const names = valuesOf(form, [...NAMES, 'uid'])
  if (names.length === 0 && announced !== undefined) names.push(announced)
  const isName = names.length > 0 ? names.includes(words) : looksLikeName(words)
  return isName ? undefined : words
}
