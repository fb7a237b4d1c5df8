import type { Socket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import dns2 from 'dns2'

/**
 * What the name server answers when it is asked for a name.
 *
 * - a list of TXT records, each a text or its chunks; a list of `[priority, exchange]`
 * - `nxdomain`, `nodata`, `servfail`, `refused`: what their names say
 * - `silence`: nothing, ever
 * - `garbage`: bytes that are no DNS
 * - `truncated`: that the answer is too long for UDP; there is no TCP here
 * - `headless`: an answer that breaks off in its middle
 */
export type DnsAnswer =
  | { readonly txt: readonly (string | readonly string[])[] }
  | { readonly mx: readonly (readonly [priority: number, exchange: string])[] }
  | 'nxdomain'
  | 'nodata'
  | 'servfail'
  | 'refused'
  | 'silence'
  | 'garbage'
  | 'truncated'
  | 'headless'

/** What somebody between us and the name server sends before its answer arrives. */
export interface Spoof {
  readonly answer: DnsAnswer
  /** Another transaction id than that of the question. */
  readonly id?: 'wrong'
  /** What the packet says was asked, where it is something else. */
  readonly question?: string
  /** Whose records it holds, where they are another name's. */
  readonly owner?: string
}

export interface DnsServer {
  /** `127.0.0.1:port` */
  readonly address: string
  /** What is asked, as `TXT fmtpkey.poe.example`. What has no answer does not exist. */
  readonly answers: Map<string, DnsAnswer>
  readonly spoofs: Map<string, Spoof>
  /** Every question, in order. */
  readonly log: string[]
  close(): Promise<void>
}

interface Question {
  name: string
  type: number
}

interface DnsPacket {
  header: { id: number; rcode: number; tc: number; aa: number }
  questions: Question[]
  answers: Record<string, unknown>[]
  toBuffer(): Buffer
}

type Send = (packet: DnsPacket | Buffer) => Promise<unknown>

const RCODE: Readonly<Record<string, number>> = { servfail: 2, nxdomain: 3, refused: 5 }
const { TYPE, CLASS } = dns2.Packet
const TYPE_NAMES: Readonly<Record<number, string>> = { [TYPE.TXT]: 'TXT', [TYPE.MX]: 'MX' }

/** A real name server on loopback, over UDP. */
export async function startDnsServer(
  records: Readonly<Record<string, DnsAnswer>> = {},
): Promise<DnsServer> {
  const answers = new Map(Object.entries(records))
  const spoofs = new Map<string, Spoof>()
  const log: string[] = []
  const server = dns2.createUDPServer((async (request: DnsPacket, send: Send) => {
    const [question] = request.questions
    if (!question) return
    const asked = `${TYPE_NAMES[question.type]} ${question.name.toLowerCase()}`
    log.push(asked)
    const spoof = spoofs.get(asked)
    if (spoof) await send(packetOf(request, spoof.answer, spoof))
    const answer = answers.get(asked) ?? 'nxdomain'
    if (answer !== 'silence') await send(packetOf(request, answer))
  }) as never) as unknown as Socket
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    address: `127.0.0.1:${port}`,
    answers,
    spoofs,
    log,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function packetOf(
  request: DnsPacket,
  answer: DnsAnswer,
  { id, question, owner }: Partial<Spoof> = {},
): Buffer {
  if (answer === 'garbage') return Buffer.from('this is not DNS at all')
  const response = copyOf(request)
  const [asked] = response.questions
  if (id === 'wrong') response.header.id = (request.header.id + 1) % 65536
  if (question !== undefined && asked) response.questions = [{ ...asked, name: question }]
  const name = owner ?? question ?? asked?.name ?? ''
  const common = { name, class: CLASS.IN, ttl: 60 }
  if (typeof answer === 'string') {
    response.header.rcode = RCODE[answer] ?? 0
    response.header.tc = answer === 'truncated' ? 1 : 0
  } else if ('txt' in answer) {
    for (const text of answer.txt) {
      response.answers.push({
        ...common,
        type: TYPE.TXT,
        data: typeof text === 'string' ? [text] : [...text],
      })
    }
  } else {
    for (const [priority, exchange] of answer.mx) {
      response.answers.push({ ...common, type: TYPE.MX, priority, exchange })
    }
  }
  if (answer !== 'headless') return response.toBuffer()
  response.answers.push({ ...common, type: TYPE.TXT, data: ['v=FMTP1; k=ed25519'] })
  return response.toBuffer().subarray(0, -6)
}

/** The library answers with the request itself, and so once. */
function copyOf(request: DnsPacket): DnsPacket {
  const clone = <Value extends object>(value: Value): Value =>
    Object.assign(Object.create(Object.getPrototypeOf(value)), value)
  const header = Object.assign(clone(request.header), { qr: 1, ra: 1 })
  const copy = { header, questions: request.questions.map(clone), answers: [], additionals: [] }
  return Object.assign(clone(request), copy)
}
