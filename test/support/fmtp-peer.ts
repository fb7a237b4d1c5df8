/**
 * A server and client of FMTP written from the document and its wire profile alone: with its own canonical
 * JSON, signatures and encryption, and without a line of ours. As small as a server can be, and as strict.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
export type Attributes = { [name: string]: Json }
type Ask = (url: URL, init?: RequestInit) => Promise<Response>

export interface FmtpPeerOptions {
  readonly domain: string
  /** The records of a domain, as DNS has them. */
  readonly keysOf: (domain: string) => Promise<readonly string[]>
  readonly fetch: Ask
  readonly now: () => Date
}

export interface PeerUser {
  readonly address: string
  /** What the user object says besides. */
  readonly attributes: Attributes
  /** To be changed by a test. */
  encryptPolicy: 'required' | 'optional' | 'none'
  /** What arrived, decrypted. */
  readonly inbox: { readonly from: string; readonly message: Attributes }[]
}

/** A message without its attributes of order: what a test gives. */
export interface PeerLetter {
  readonly from: string
  readonly to: readonly string[]
  readonly nonce?: string
  readonly attributes?: Attributes
  /** Encrypts what can be, to this ENCRYPT-METHOD. */
  readonly method?: string
}

/** RFC 8785, as far as objects of FMTP need it. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const names = Object.keys(value).sort((one, other) => (one < other ? -1 : 1))
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`).join(',')}}`
}

export function hashOf({ HASH: _h, KEY: _k, SIGNATURE: _s, ...attributes }: Attributes): string {
  return createHash('sha256').update(canonical(attributes)).digest('base64url')
}

/** Whose an object is. */
function domainOf({ SERVER, ADDRESS, FROM }: Attributes): string {
  return String(SERVER ?? String(ADDRESS ?? FROM).split('@')[1]).toLowerCase()
}

function statementOf(object: Attributes, hash: string): Buffer {
  return Buffer.from(['fmtp1', String(object['TYPE']), domainOf(object), hash].join('\n'))
}

export function signWith(object: Attributes, key: KeyObject, keyId = 'peer'): Attributes {
  const HASH = hashOf(object)
  const SIGNATURE = sign(null, statementOf(object, HASH), key).toString('base64url')
  return { ...object, HASH, KEY: keyId, SIGNATURE }
}

/** Whether one of the records is the key that it was signed with. */
export function isSignedBy(object: Attributes, records: readonly string[]): boolean {
  const hash = hashOf(object)
  if (hash !== object['HASH']) return false
  const signature = Buffer.from(String(object['SIGNATURE']), 'base64url')
  return records.some((record) => {
    const p = /^v=FMTP1; k=ed25519; p=(\S{44})$/.exec(record)?.[1]
    if (p === undefined) return false
    const x = Buffer.from(p, 'base64').toString('base64url')
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    return verify(null, statementOf(object, hash), key, signature)
  })
}

export function createFmtpPeer({ domain, keysOf, fetch, now }: FmtpPeerOptions) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const agreement = generateKeyPairSync('x25519')
  const x = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  const record = `v=FMTP1; k=ed25519; p=${x.toString('base64')}`
  const jwk = Buffer.from(JSON.stringify(agreement.publicKey.export({ format: 'jwk' })))
  const encryptMethod = `ECDH-ES+A256KW ${jwk.toString('base64url')}`
  const users = new Map<string, PeerUser>()
  const published = new Map<string, Attributes>()
  const greetings = new Set<string>()
  const sessions = new Map<string, string>()
  /** What it was asked, and what it answered: one line each. */
  const log: string[] = []

  const signed = (object: Attributes) => signWith(object, privateKey)
  const greetingTo = (to: string, more: Attributes = {}) =>
    signed({
      ...{ TYPE: 'greeting', SERVER: domain, TO: to, AT: to, TIME: now().toISOString() },
      NONCE: randomBytes(18).toString('base64url'),
      ...more,
    })

  return {
    domain,
    record,
    log,
    encryptMethod,
    signed,
    greetingTo,
    userObject,
    messageObject,
    addUser,
    /** Makes a public post, which anybody may ask for. */
    publish: (object: Attributes) => void published.set(String(object['ID']), object),
    greet,
    ask,
    send,
    endpoint,
    read: (jwe: string) => decryptJwe(jwe, agreement.privateKey),
  }

  function addUser(local: string, attributes: Attributes = {}): PeerUser {
    const user: PeerUser = {
      ...{ address: `${local}@${domain}`, attributes, inbox: [], encryptPolicy: 'none' },
    }
    users.set(user.address, user)
    return user
  }

  function userObject({ address, attributes, encryptPolicy }: PeerUser): Attributes {
    return signed({
      ...{ TYPE: 'user', ADDRESS: address, DATE: now().toISOString(), PUBLIC: true },
      ...{ 'ENCRYPT-POLICY': encryptPolicy, 'ENCRYPT-METHOD': encryptMethod },
      ...attributes,
    })
  }

  function messageObject(letter: PeerLetter): Attributes {
    const { from, to, nonce = String(now().getTime()), attributes = {}, method } = letter
    const ID = `${nonce}.${from}`
    const envelope = { TYPE: 'message', ID, FROM: from, TO: [...to], DATE: now().toISOString() }
    const { PARENT, TOP, ...content } = { BODY: { text: 'Hello.' }, ...attributes } as Attributes
    const thread = { ...(PARENT && { PARENT }), ...(TOP && { TOP }) }
    if (method === undefined) return signed({ ...envelope, ...thread, ...content })
    return signed({ ...envelope, ...thread, ENCRYPTED: encryptJwe(content, method, ID) })
  }

  /** "Hi, I'm poe.net. Here's my hash." – "Poe verifies the hash" */
  async function greet(server: URL, to: string): Promise<string> {
    const greeting = greetingTo(to, { AT: server.host })
    const response = await fetch(below(server, 'greeting'), post(greeting))
    if (response.status !== 200) throw new Error(`greeting: ${response.status}`)
    const answer = (await response.json()) as Attributes
    const isTheirs =
      isSignedBy(answer, await keysOf(to)) &&
      answer['TYPE'] === 'greeting' &&
      answer['SERVER'] === to &&
      answer['TO'] === domain &&
      answer['ANSWERS'] === greeting['NONCE']
    if (!isTheirs) throw new Error(`this is not ${to}`)
    return String(answer['SESSION'])
  }

  /** "Do you know lost@lenore.org?" */
  async function ask(server: URL, name: string, session?: string): Promise<Attributes | undefined> {
    const headers: Record<string, string> =
      session === undefined ? {} : { authorization: `Bearer ${session}` }
    const url = below(server, `objects/${encodeURIComponent(name)}`)
    const response = await fetch(url, { headers })
    if (!response.ok) return undefined
    const object = (await response.json()) as Attributes
    if (!isSignedBy(object, await keysOf(domainOf(object)))) throw new Error('not signed')
    return object
  }

  /** "This is edgar@poe.net. Here is a message for lost@lenore.org from edgar@poe.net" */
  function send(server: URL, session: string, objects: readonly Attributes[]): Promise<Response> {
    const { method, headers, body } = post([...objects])
    return fetch(below(server, 'objects'), {
      ...{ method, body },
      headers: { ...headers, authorization: `Bearer ${session}` },
    })
  }

  async function endpoint(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    const answer = await respond(request, pathname.replace(/^\/fmtp\//, ''))
    log.push(`${request.method} ${pathname} ${answer.status}`)
    return answer
  }

  async function respond(request: Request, path: string): Promise<Response> {
    const [folder = '', encoded = ''] = path.split('/')
    if (path === 'key') return new Response(`${record}\n`)
    if (request.method === 'POST' && path === 'greeting')
      return greeted((await request.json()) as Attributes)
    if (request.method === 'GET' && folder === 'objects') return found(decodeURIComponent(encoded))
    const server = sessions.get(request.headers.get('authorization')?.replace('Bearer ', '') ?? '')
    if (server === undefined) return new Response(null, { status: 401 })
    if (request.method === 'POST' && path === 'objects')
      return taken((await request.json()) as Attributes[])
    return new Response(null, { status: 404 })
  }

  async function greeted(greeting: Attributes): Promise<Response> {
    const { SERVER, TO, AT, NONCE, TIME } = greeting
    const isOld = Math.abs(Date.parse(String(TIME)) - now().getTime()) > 5 * 60 * 1000
    const isRefused =
      TO !== domain ||
      typeof AT !== 'string' ||
      isOld ||
      greetings.has(String(NONCE)) ||
      !isSignedBy(greeting, await keysOf(String(SERVER)))
    if (isRefused) return new Response(null, { status: 401 })
    greetings.add(String(NONCE))
    const session = randomBytes(16).toString('hex')
    sessions.set(session, String(SERVER))
    return Response.json(greetingTo(String(SERVER), { ANSWERS: NONCE ?? null, SESSION: session }))
  }

  function found(name: string): Response {
    const user = users.get(name)
    const object = user ? userObject(user) : published.get(name)
    return object ? Response.json(object) : new Response(null, { status: 404 })
  }

  async function taken(objects: readonly Attributes[]): Promise<Response> {
    for (const object of objects) {
      const isSigned = isSignedBy(object, await keysOf(domainOf(object)))
      if (!isSigned) return new Response('not signed', { status: 403 })
    }
    const message = objects.find(({ TYPE }) => TYPE === 'message')
    if (!message) return new Response(null, { status: 202 })
    const { FROM, TO, ID, ENCRYPTED } = message
    const author = objects.find(({ TYPE, ADDRESS }) => TYPE === 'user' && ADDRESS === FROM)
    if (!author || !String(ID).endsWith(`.${FROM}`)) return new Response(null, { status: 403 })
    for (const user of users.values()) {
      if (!Array.isArray(TO) || !TO.includes(user.address)) continue
      if (user.encryptPolicy === 'required' && ENCRYPTED === undefined) {
        return new Response('encrypt it', { status: 403 })
      }
      const content = ENCRYPTED ? decryptJwe(String(ENCRYPTED), agreement.privateKey) : {}
      user.inbox.push({ from: String(FROM), message: { ...message, ...content } })
    }
    return new Response('Thanks.', { status: 202 })
  }
}

export type FmtpPeer = ReturnType<typeof createFmtpPeer>

function below(server: URL, path: string): URL {
  return new URL(path, server.href.replace(/\/*$/, '/'))
}

function post(value: Json) {
  const headers = { 'content-type': 'application/json' }
  return { method: 'POST', headers, body: JSON.stringify(value) }
}

// ECDH-ES+A256KW with A256GCM by hand: RFC 7518 §4.6, RFC 3394, RFC 7516 §5.

const KEY_WRAP_IV = Buffer.alloc(8, 0xa6)

export function encryptJwe(content: Json, method: string, partyU: string): string {
  const jwk = JSON.parse(Buffer.from(method.split(' ')[1] ?? '', 'base64url').toString())
  const ephemeral = generateKeyPairSync('x25519')
  const epk = ephemeral.publicKey.export({ format: 'jwk' })
  const apu = Buffer.from(partyU).toString('base64url')
  const header = encode(JSON.stringify({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', epk, apu }))
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey })
  const key = randomBytes(32)
  const wrap = createCipheriv('id-aes256-wrap', concatKdf(shared, Buffer.from(partyU)), KEY_WRAP_IV)
  const wrapped = Buffer.concat([wrap.update(key), wrap.final()])
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(header))
  const text = Buffer.concat([cipher.update(JSON.stringify(content)), cipher.final()])
  return [header, ...[wrapped, iv, text, cipher.getAuthTag()].map(encode)].join('.')
}

export function decryptJwe(jwe: string, privateKey: KeyObject): Attributes {
  const [header = '', ...rest] = jwe.split('.')
  const [wrapped, iv, text, tag] = rest.map((part) => Buffer.from(part, 'base64url'))
  const { alg, enc, epk, apu = '' } = JSON.parse(Buffer.from(header, 'base64url').toString())
  if (!wrapped || !iv || !text || !tag) throw new Error('no compact JWE')
  if (alg !== 'ECDH-ES+A256KW' || enc !== 'A256GCM') throw new Error(`${alg}, ${enc}`)
  const publicKey = createPublicKey({ key: epk, format: 'jwk' })
  const shared = diffieHellman({ privateKey, publicKey })
  const kek = concatKdf(shared, Buffer.from(apu, 'base64url'))
  const unwrap = createDecipheriv('id-aes256-wrap', kek, KEY_WRAP_IV)
  const key = Buffer.concat([unwrap.update(wrapped), unwrap.final()])
  const cipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(header))
  cipher.setAuthTag(tag)
  return JSON.parse(Buffer.concat([cipher.update(text), cipher.final()]).toString())
}

/** One round is enough for 256 bits. */
function concatKdf(shared: Buffer, partyU: Buffer): Buffer {
  const sized = (bytes: Buffer) => Buffer.concat([number(bytes.length), bytes])
  const other = [sized(Buffer.from('ECDH-ES+A256KW')), sized(partyU), sized(Buffer.alloc(0))]
  const rounds = [number(1), shared, ...other, number(256)]
  return createHash('sha256').update(Buffer.concat(rounds)).digest()
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function encode(bytes: Buffer | string): string {
  return Buffer.from(bytes).toString('base64url')
}
