import { isLoopbackHost } from '../web/address-text.ts'
import { RequestError } from '../web/errors.ts'
import { field } from '../web/form.ts'
import { canParseUrl } from '../web/parse-url.ts'

/** A ticket is a name or a signed text; ours have some 400 characters. */
const MAX_TICKET_LENGTH = 2048
const MAX_URL_LENGTH = 512
/** Each of another origin costs a visit there. */
const MAX_RESOURCES = 5
const DOT_SEGMENT = /\/(\.|%2e){1,2}(\/|$)/i

/** A ticket as it came, when it makes sense. Nothing in it is confirmed. */
export interface ReceivedTicket {
  readonly ticket: string
  readonly resources: readonly [URL, ...URL[]]
  /** Letter by letter: it is compared as text. Publ sends none. */
  readonly iss: string | undefined
}

export interface TicketRules {
  /** The owner: nobody else's tickets are taken. */
  readonly me: URL
  /** For development: loopback hosts may do without https. */
  readonly allowLoopback: boolean
}

/**
 * Reads `ticket`, `resource` (perhaps several), `subject` and `iss`.
 *
 * @throws {RequestError} `invalid_request`, naming the parameter
 * @see [Ticketing for IndieAuth](https://indieweb.org/IndieAuth_Ticket_Auth)
 */
export function parseTicket(form: URLSearchParams, rules: TicketRules): ReceivedTicket {
  const ticket = field(form, 'ticket') ?? ''
  if (ticket === '' || ticket.length > MAX_TICKET_LENGTH) throw invalid('ticket')

  const subject = field(form, 'subject') ?? ''
  if (!canParseUrl(subject) || new URL(subject).href !== rules.me.href) throw invalid('subject')

  const texts = form.getAll('resource')
  const [first, ...others] = texts.map((text) => parseWebUrl(text, rules))
  if (!first || texts.length > MAX_RESOURCES) throw invalid('resource')
  const rest = others.map((url) => {
    if (url) return url
    throw invalid('resource')
  })

  const iss = field(form, 'iss')
  if (iss !== undefined && !isIssuer(iss, rules)) throw invalid('iss')
  return { ticket, resources: [first, ...rest], iss }
}

/** As strict as WordPress: https, no query, fragment, user or dot segments. */
function isIssuer(iss: string, rules: TicketRules): boolean {
  return parseWebUrl(iss, rules) !== undefined && !/[?#]/.test(iss) && !DOT_SEGMENT.test(iss)
}

function parseWebUrl(text: string, { allowLoopback }: TicketRules): URL | undefined {
  if (text.length > MAX_URL_LENGTH || /[\s\\]/.test(text) || !canParseUrl(text)) return undefined
  const url = new URL(text)
  const mayBeHttp = allowLoopback && isLoopbackHost(url.hostname)
  if (url.protocol !== 'https:' && !(mayBeHttp && url.protocol === 'http:')) return undefined
  return url.username === '' && url.password === '' ? url : undefined
}

function invalid(name: string): RequestError {
  return new RequestError('invalid_request', `"${name}" is missing, or not what can be taken here`)
}
