import * as v from 'valibot'
import { RequestError } from '../web/errors.ts'
import { readMarkup, SANITISED_HTML, TEXT_OF_HTML } from '../web/markup-readings.ts'
import { toDate } from '../web/date-text.ts'
import { toLine, toParagraphs } from '../web/message-text.ts'
import { parseUrl, parseWebUrl } from '../web/parse-url.ts'
import { isOwnPage } from './profile.ts'

/** What an inbox can show of a letter; the rest is read where it stands. */
const MAX_TEXT = 20_000
const MAX_TITLE = 200
const MAX_NAME = 100
const MAX_URL = 2048
const MAX_PEOPLE = 100
const MAX_REPLIES = 20

const Text = v.string()
/** One value, or a list of which the first is meant: jf2 has single values, microformats lists. */
function one<Value>(schema: v.GenericSchema<unknown, Value>) {
  const first = v.transform((value: unknown) => listOf(value)[0])
  return v.optional(v.pipe(v.unknown(), first, v.optional(schema)))
}

/** A list, or one value. */
function many<Value>(schema: v.GenericSchema<unknown, Value>) {
  return v.optional(v.pipe(v.unknown(), v.transform(listOf), v.array(schema)), [])
}

/** No value at all may be written as `null`. */
function listOf(value: unknown): unknown[] {
  const values: unknown[] = Array.isArray(value) ? value : [value]
  return values.filter((item) => item !== null && item !== undefined)
}

const Name = v.pipe(
  v.union([Text, v.pipe(v.number(), v.transform(String))]),
  v.maxLength(512),
  v.regex(/^[\x21-\x7e]+$/),
)
const Card = v.object({ name: one(Text), url: one(Text), uid: one(Text) })
const Content = v.object({ text: one(Text), value: one(Text), html: one(Text) })
const Cite = v.object({ url: one(Text), uid: one(Text) })

const Jf2 = v.object({
  type: v.pipe(v.unknown(), v.transform(listOf), v.strictTuple([v.literal('entry')])),
  uid: one(Name),
  message_id: one(Name),
  id: one(Name),
  author: one(v.union([Text, Card])),
  audience: many(v.union([Text, Card])),
  published: one(Text),
  name: one(Text),
  summary: one(Text),
  url: one(Text),
  content: one(v.union([Text, Content])),
  'in-reply-to': many(v.union([Text, Cite])),
})
type Jf2 = v.InferOutput<typeof Jf2>

/** What a message says, cleaned; who wrote it has been compared with who brought it. */
export interface ReceivedEntry {
  readonly uid?: string
  readonly authorName?: string
  readonly audience: readonly string[]
  /** ISO 8601 in UTC. */
  readonly published?: string
  readonly title?: string
  /** Where it stands, if that is at its sender's. */
  readonly url?: URL
  readonly text: string
  readonly html?: string
  /** What it answers: URLs, and names of messages. */
  readonly inReplyTo: readonly string[]
}

interface EntrySource {
  readonly from: URL
  readonly now: Date
  /** The name that its token is for. */
  readonly announced?: string | undefined
}

/**
 * Reads the message of step 6, which `from` is known to have sent.
 *
 * @throws {RequestError} `invalid_request` for what is no jf2 entry, or says nothing; `access_denied`, 403,
 *   if it names another author than `from`
 * @see [JF2](https://jf2.spec.indieweb.org/)
 */
export async function readEntry(
  value: unknown,
  { from, now, announced }: EntrySource,
): Promise<ReceivedEntry> {
  const result = v.safeParse(Jf2, value, { abortEarly: true })
  if (!result.success) throw unreadable(result.issues)
  const { author, audience, published, name, summary, url, content } = result.output
  const uid = nameOf(result.output)
  refuseForeign({ uid: uid === announced ? undefined : uid, author }, from)

  const title = toLine(name ?? '', MAX_TITLE)
  const said = await readContent(content ?? summary ?? '')
  const text = said.text || title
  if (text === '') throw new RequestError('invalid_request', 'the entry has no content')
  const authorName = toLine((typeof author === 'object' && author?.name) || '', MAX_NAME)
  const date = toDate(published, now)
  const page = webUrl(url ?? '')
  return {
    ...(uid && { uid }),
    ...(authorName && { authorName }),
    audience: audience.slice(0, MAX_PEOPLE).flatMap(personIn),
    ...(date !== undefined && { published: date }),
    ...(title && said.text && !said.text.startsWith(title) && { title }),
    ...(page?.origin === from.origin && { url: page }),
    text,
    ...(said.html !== undefined && { html: said.html }),
    inReplyTo: result.output['in-reply-to'].slice(0, MAX_REPLIES).flatMap(citeIn),
  }
}

/** What the message is called: by a name where it has one, or else by an address. */
function nameOf({ uid, message_id, id }: Pick<Jf2, 'uid' | 'message_id' | 'id'>) {
  const all = [message_id, id, uid].flatMap((name) => name?.trim() ?? [])
  const names = new Set(all.filter((name) => !parseWebUrl(name)))
  if (names.size > 1) {
    const reason = '"uid", "message_id", "id" are names of one field, and have different values'
    throw new RequestError('invalid_request', reason)
  }
  return [...names, ...all][0]
}

/** The same message says it in both ways; where there is HTML alone, it is read for its text. */
async function readContent(
  content: NonNullable<Jf2['content']>,
): Promise<{ readonly text: string; readonly html?: string }> {
  if (typeof content === 'string') return { text: toParagraphs(content, MAX_TEXT) }
  const html = content.html ? await readMarkup(SANITISED_HTML, content.html) : undefined
  const plain = toParagraphs(content.text ?? content.value ?? '', MAX_TEXT)
  if (plain !== '' || !content.html) return { text: plain, ...(html !== undefined && { html }) }
  const text = await readMarkup(TEXT_OF_HTML, { html: content.html, maxLength: MAX_TEXT })
  return { text: text ?? '', ...(html !== undefined && { html }) }
}

/** @throws {RequestError} where it says to be somebody else's */
function refuseForeign(
  { uid, author }: { readonly uid: string | undefined; readonly author: Jf2['author'] },
  from: URL,
): void {
  const pages = typeof author === 'object' ? [author.url, author.uid] : [author]
  const isForeign = pages.some((text) => {
    if (text === undefined) return false
    // The document names people by their hosts alone.
    const page = [text, `${from.protocol}//${text}`].map((place) => parseUrl(place))
    return !page.some((url) => url && isOwnPage(url, from))
  })
  if (isForeign || isElsewhere(uid ?? '', from)) {
    throw new RequestError('access_denied', 'the author is not who this token was given to', {
      status: 403,
    })
  }
}

/** A uid that is a URL of the web has to be one of the sender's. */
function isElsewhere(uid: string, from: URL): boolean {
  const url = parseWebUrl(uid)
  return url !== undefined && url.origin !== from.origin
}

function personIn(person: string | v.InferOutput<typeof Card>): string[] {
  const text = typeof person === 'string' ? person : (person.url ?? person.uid ?? person.name ?? '')
  const line = toLine(text, MAX_URL)
  return line === '' ? [] : [line]
}

function citeIn(cite: string | v.InferOutput<typeof Cite>): string[] {
  const text = (typeof cite === 'string' ? cite : (cite.url ?? cite.uid ?? '')).trim()
  return /^[\x21-\x7e]{1,2048}$/.test(text) ? [text] : []
}

function webUrl(text: string): URL | undefined {
  return text.length <= MAX_URL ? parseWebUrl(text) : undefined
}

/** Says which field it is, and nothing of what it holds. */
function unreadable([issue]: readonly v.BaseIssue<unknown>[]): RequestError {
  const [step] = issue?.path ?? []
  const what = step === undefined ? 'the message' : JSON.stringify(String(step.key).slice(0, 40))
  return new RequestError('invalid_request', `${what} is not as jf2 has it in an entry`)
}
