import { addressOf, othersOf, senderOf } from './correspondents.ts'
import type { Envelope } from './entry.ts'
import { webUrl } from './page-address.ts'

type Answerable = Pick<Envelope, 'source' | 'sender' | 'host' | 'type'>

/**
 * Front matter of a post that answers the message. What stands nowhere on the web is named as its protocol
 * names it, and so finds its way back by that. `undefined` for what nobody can answer.
 *
 * The author joins the audience by the address of their page, or by the name of the message; where neither
 * tells who they are, it is said.
 */
export function replyLines(
  envelope: Answerable,
  isPrivate: boolean,
): readonly string[] | undefined {
  const { source } = envelope
  const page = webUrl(source)
  if (envelope.type === 'unopened') return undefined
  if (!page && !/^(fmtp|intertalk|pm):/.test(source)) return undefined
  const author = unnamedAuthor(envelope, page)
  return [
    '---',
    ...(isPrivate ? ['visibility: private'] : []),
    ...(author === undefined ? [] : [`audience: ${yamlList([author])}`]),
    `inReplyTo: ${JSON.stringify(page?.href ?? source)}`,
    '---',
  ]
}

/** What to change in it to answer everybody whom the message went to; `undefined` where that is its author alone. */
export function toAllLines(
  envelope: Answerable & Pick<Envelope, 'audience'>,
  homes: readonly URL[],
): readonly string[] | undefined {
  const others = othersOf(envelope, homes)
  if (others.length === 0) return undefined
  return [
    `audience: ${yamlList([addressOf(envelope) ?? senderOf(envelope), ...others])}`,
    'showAudience: true',
  ]
}

/** JSON is YAML, too; the spaces let a narrow screen break the line. */
function yamlList(people: readonly string[]): string {
  return `[${people.map((person) => JSON.stringify(person)).join(', ')}]`
}

function unnamedAuthor(envelope: Answerable, page: URL | undefined): string | undefined {
  if (page) return addressOf(envelope)
  return envelope.source.startsWith('pm:') ? envelope.sender : undefined
}
