/**
 * The message of step 6 in whatever form it comes, as jf2. The document names none.
 *
 * @module
 */
import { RequestError } from '../web/errors.ts'
import { readBody } from '../web/form.ts'
import { readJsonBody } from '../web/json-body.ts'
import { readMarkup } from '../web/markup-readings.ts'
import type { PageReading } from '../web/page-parser.ts'
import { parseUrl } from '../web/parse-url.ts'
import { MAX_MESSAGE_BYTES } from './limits.ts'
import { messageIn, valuesOf } from './pm-fields.ts'
import { isRecord } from '../web/record.ts'

/** Its h-entry as jf2; for HTML without one, all of it is the message. */
export const ENTRY_IN_HTML: PageReading<
  { readonly html: string; readonly url: string },
  Readonly<Record<string, unknown>>,
  'pm entry'
> = { name: 'pm entry' }

const JSON_TYPE = /^application\/(.+\+)?json$/
const HTML_TYPES = ['text/html', 'application/xhtml+xml']
const TEXT_TYPES = ['text/plain', 'text/markdown']

/** What a media type holds, where it is a message. */
export type MessageFormat = 'json' | 'html' | 'text'

export function messageFormat(type: string): MessageFormat | undefined {
  if (JSON_TYPE.test(type)) return 'json'
  if (HTML_TYPES.includes(type)) return 'html'
  return TEXT_TYPES.includes(type) ? 'text' : undefined
}

/**
 * Reads the body of a message. Where it has no place for a name, the query may have one.
 *
 * @throws {RequestError} for what is too large, too deep, or cannot be read
 */
export async function readMessageBody(
  request: Request,
  format: MessageFormat,
  from: URL,
): Promise<unknown> {
  const limits = { maxBytes: MAX_MESSAGE_BYTES }
  if (format === 'json') return jf2Of(await readJsonBody(request, limits))
  const text = await readBody(request, limits.maxBytes)
  const query = new URL(request.url).searchParams
  const named = ['message', 'message_id', 'id']
  const name = valuesOf(query, named).length > 0 && { message_id: messageIn(query) }
  if (format === 'text') return { type: 'entry', content: text, ...name }
  const entry = await readMarkup(ENTRY_IN_HTML, { html: text, url: from.href })
  if (!entry) throw new RequestError('invalid_request', 'this HTML takes too long to read')
  return { ...entry, ...name }
}

/** The JSON of a message as jf2: microformats' JSON says the same in another shape. Anything else stays as it is. */
function jf2Of(value: unknown): unknown {
  if (!isRecord(value)) return value
  const { items } = value
  if (!Array.isArray(items)) return isItem(value) ? jf2OfItem(value) : value
  const entry = entryAmong(items)
  return entry ? jf2OfItem(entry) : value
}

interface Item {
  readonly type: readonly unknown[]
  readonly properties: Readonly<Record<string, unknown>>
  readonly children?: unknown
}

/** The first entry, also within a feed. */
export function entryAmong(items: readonly unknown[]): Item | undefined {
  const found = items.filter(isItem)
  return (
    found.find(({ type }) => type.includes('h-entry')) ??
    found
      .map(({ children }) => (Array.isArray(children) ? entryAmong(children) : undefined))
      .find((entry) => entry !== undefined)
  )
}

export function jf2OfItem({ type, properties }: Item): Record<string, unknown> {
  const all = Object.entries(properties).map(([name, value]) => {
    const values = (Array.isArray(value) ? value : [value]).map(jf2OfValue)
    // A card may be no more than a name.
    return [name, name === 'author' ? values.map(cardOf) : values] as const
  })
  return { ...Object.fromEntries(all), ...nameOfType(type) }
}

function nameOfType(type: readonly unknown[]): { readonly type?: string } {
  const names = type.filter((name) => typeof name === 'string').map((name) => name.slice(2))
  return names[0] === undefined ? {} : { type: names.includes('entry') ? 'entry' : names[0] }
}

/** Of what is there as HTML as well, the HTML alone: the `value` beside it has lost its lines. */
function jf2OfValue(value: unknown): unknown {
  if (isItem(value)) return jf2OfItem(value)
  if (!isRecord(value) || typeof value['html'] !== 'string') return value
  return { html: value['html'] }
}

function cardOf(author: unknown): unknown {
  const isName = typeof author === 'string' && !parseUrl(author)
  return isName ? { type: 'card', name: author } : author
}

function isItem(value: unknown): value is Item {
  return isRecord(value) && Array.isArray(value['type']) && isRecord(value['properties'])
}
