/**
 * Markup that a stranger sent with a message, read in a worker thread.
 *
 * @module
 */
import { FetchError, RequestError } from './errors.ts'
import { parsePage, type PageParser, type PageReading } from './page-parser.ts'

/** Seconds. A worker has read many texts by then. */
const WHEN_BUSY = 30

export interface HtmlText {
  readonly html: string
  readonly maxLength: number
}

/** Nothing but formatting and links; `undefined` where nothing is left. */
export const SANITISED_HTML: PageReading<string, string | undefined, 'sanitised'> = {
  name: 'sanitised',
}
/** What it says, with paragraphs. */
export const TEXT_OF_HTML: PageReading<HtmlText, string, 'text'> = { name: 'text' }

/**
 * Reads the markup of a message. What takes longer than it is given is as if there were none.
 *
 * @throws {RequestError} `temporarily_unavailable`, 503, where too much is waiting to be read
 */
export async function readMarkup<Input, Output>(
  reading: PageReading<Input, Output>,
  input: Input,
  parse: PageParser = parsePage,
): Promise<Output | undefined> {
  try {
    return await parse(reading, input)
  } catch (error) {
    if (!(error instanceof FetchError)) throw error
    if (error.kind === 'refused') return undefined
    throw new RequestError('temporarily_unavailable', 'too many messages are waiting to be read', {
      ...{ status: 503, retryAfter: WHEN_BUSY },
      cause: error,
    })
  }
}
