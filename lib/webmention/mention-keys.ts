import type { MessageSink } from '../delivery/message.ts'
import { fragmentOf } from '../web/page-identity.ts'
import { keyOfMention, sourceForm } from './equivalence.ts'
import type { Webmention } from './webmention.ts'

type Sink = Pick<MessageSink, 'find'>

/** The key of what a source was found to be: a part of a page has its own, beside that of the page. */
export function keyOfSource(sink: Sink, mention: Webmention, isPart: boolean): Promise<string> {
  return keyOfMention(sink, isPart ? mention : wholePage(mention))
}

/** Under which key the inbox holds what this source sent before; `undefined` if it does not. */
export async function heldKey(sink: Sink, mention: Webmention): Promise<string | undefined> {
  const key = await keyOfSource(sink, mention, true)
  if ((await sink.find(key)) !== undefined) return key
  return namesPart(mention) ? heldAs(sink, mention, false) : undefined
}

/**
 * The key under which the inbox still holds the same source as something else: as a part that has left its page
 * meanwhile, such as a deleted comment; or as the page that had no such part.
 */
export async function formerKey(
  sink: Sink,
  mention: Webmention,
  isPart: boolean,
): Promise<string | undefined> {
  if (!namesPart(mention)) return undefined
  const key = await heldAs(sink, mention, !isPart)
  return key === (await keyOfSource(sink, mention, isPart)) ? undefined : key
}

/** Another part of the page, or the page itself, may be there by the key of the page. */
async function heldAs(
  sink: Sink,
  mention: Webmention,
  isPart: boolean,
): Promise<string | undefined> {
  const key = await keyOfSource(sink, mention, isPart)
  const message = await sink.find(key)
  const isHeld = message && sourceForm(new URL(message.source)) === sourceForm(mention.source)
  return isHeld ? key : undefined
}

/** Without a fragment, a source has one key, and is looked for once. */
function namesPart({ source }: Webmention): boolean {
  return fragmentOf(source) !== ''
}

function wholePage({ source, target }: Webmention): Webmention {
  const page = new URL(source)
  page.hash = ''
  return { source: page, target }
}
