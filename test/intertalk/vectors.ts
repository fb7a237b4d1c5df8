import {
  constants,
  createHash,
  createHmac,
  generateKeyPairSync,
  randomUUID,
  sign,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'
import { signJwt } from '../support/intertalk-peer.ts'

export const NOW = new Date('2026-11-21T12:00:00Z')
const TIME = NOW.getTime() / 1000
const DAY = 24 * 60 * 60

/** The seed's example, between our hosts. */
export const MESSAGE = {
  to: ['alice@alice.example', 'bob@bob.example'],
  from: 'bob@bob.example',
  sentAt: '2026-11-21T11:59:59Z',
  message: 'Where are you?',
  messageFormatted: 'Where _are_ you?',
  format: 'text/markdown',
}
export const BODY = Buffer.from(JSON.stringify(MESSAGE))

interface VectorKey {
  readonly kid: string
  readonly privateKey: KeyObject
  /** As it is published. */
  readonly jwk: JsonWebKey
}

function keyOf(
  kid: string,
  { privateKey, publicKey }: { readonly privateKey: KeyObject; readonly publicKey: KeyObject },
  extra: Record<string, unknown> = {},
): VectorKey {
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, ...extra } }
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** Bob's. */
export const KEYS = {
  ec: keyOf('ec', ec, { alg: 'ES256', use: 'sig' }),
  okp: keyOf('okp', generateKeyPairSync('ed25519'), { key_ops: ['verify'] }),
  rsa: keyOf('rsa', rsa),
  rs256: keyOf('rs256', rsa, { alg: 'RS256' }),
  weak: keyOf('weak', generateKeyPairSync('rsa', { modulusLength: 1024 })),
  rs384: keyOf('rs384', rsa, { alg: 'RS384' }),
  p384: keyOf('p384', generateKeyPairSync('ec', { namedCurve: 'P-384' })),
  encryption: keyOf('encryption', generateKeyPairSync('ec', { namedCurve: 'P-256' }), {
    use: 'enc',
  }),
  signs: keyOf('signs', generateKeyPairSync('ec', { namedCurve: 'P-256' }), { key_ops: ['sign'] }),
} satisfies Record<string, VectorKey>

const spilt = generateKeyPairSync('ec', { namedCurve: 'P-256' })
/** Published with its private half. */
export const SPILT: VectorKey = {
  ...keyOf('spilt', spilt),
  jwk: { ...spilt.privateKey.export({ format: 'jwk' }), kid: 'spilt' },
}
/** Not published by Bob. */
export const EVE = keyOf('eve', generateKeyPairSync('ec', { namedCurve: 'P-256' }))

type Part = Record<string, unknown>
type Signer = (input: Buffer) => Uint8Array

/** By what is signed: the names of JOSE. */
export const SIGN = {
  ES256: (key: KeyObject) => (input: Buffer) =>
    sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }),
  ES384: (key: KeyObject) => (input: Buffer) =>
    sign('sha384', input, { key, dsaEncoding: 'ieee-p1363' }),
  EdDSA: (key: KeyObject) => (input: Buffer) => sign(null, input, key),
  RS256: (key: KeyObject) => (input: Buffer) => sign('sha256', input, key),
  RS384: (key: KeyObject) => (input: Buffer) => sign('sha384', input, key),
  RS512: (key: KeyObject) => (input: Buffer) => sign('sha512', input, key),
  PS256: (key: KeyObject) => (input: Buffer) =>
    sign('sha256', input, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  PS384: (key: KeyObject) => (input: Buffer) =>
    sign('sha384', input, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 }),
  PS512: (key: KeyObject) => (input: Buffer) =>
    sign('sha512', input, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 }),
} satisfies Record<string, (key: KeyObject) => Signer>

/** What a good token says, with something else. `undefined` leaves a claim out. */
export function claims(changed: Part = {}): Part {
  return {
    aud: 'alice.example',
    sub: 'bob@bob.example',
    iss: 'bob.example',
    exp: TIME + 300,
    iat: TIME,
    jti: randomUUID(),
    sha256: createHash('sha256').update(BODY).digest('base64url'),
    ...changed,
  }
}

/** A token of Bob's that is good, unless something else is said. */
export function tokenOf({
  header = {},
  payload = {},
  key = KEYS.ec,
  signer = SIGN.ES256(key.privateKey),
}: {
  readonly header?: Part
  readonly payload?: Part
  readonly key?: VectorKey
  readonly signer?: Signer
} = {}): string {
  return signJwt({ alg: 'ES256', kid: key.kid, ...header }, claims(payload), signer)
}

export interface TokenVector {
  readonly name: string
  readonly token: () => string
}

export const GOOD: readonly TokenVector[] = [
  { name: 'ES256', token: () => tokenOf() },
  {
    name: 'EdDSA',
    token: () =>
      tokenOf({ key: KEYS.okp, header: { alg: 'EdDSA' }, signer: SIGN.EdDSA(KEYS.okp.privateKey) }),
  },
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const).map((alg) => ({
    name: alg,
    token: () =>
      tokenOf({ key: KEYS.rsa, header: { alg }, signer: SIGN[alg](KEYS.rsa.privateKey) }),
  })),
  {
    name: 'ES384',
    token: () =>
      tokenOf({
        key: KEYS.p384,
        header: { alg: 'ES384' },
        signer: SIGN.ES384(KEYS.p384.privateKey),
      }),
  },
  {
    name: 'RS384 with a key for that alone',
    token: () =>
      tokenOf({
        key: KEYS.rs384,
        header: { alg: 'RS384' },
        signer: SIGN.RS384(KEYS.rs384.privateKey),
      }),
  },
  {
    name: "with the claims of the seed's example alone",
    token: () => tokenOf({ payload: { iat: undefined, jti: undefined, sha256: undefined } }),
  },
  { name: 'without a kid', token: () => tokenOf({ header: { kid: undefined } }) },
  {
    name: 'for several audiences',
    token: () => tokenOf({ payload: { aud: ['x.example', 'alice.example'] } }),
  },
  { name: 'for us in capitals', token: () => tokenOf({ payload: { aud: 'ALICE.example' } }) },
  {
    name: 'of BOB@bob.example, who is bob',
    token: () => tokenOf({ payload: { sub: 'BOB@Bob.example' } }),
  },
  {
    name: 'that expired less than a minute ago',
    token: () => tokenOf({ payload: { exp: TIME - 59 } }),
  },
  {
    name: 'of a clock that is almost a minute ahead',
    token: () => tokenOf({ payload: { iat: TIME + 59, nbf: TIME + 59 } }),
  },
  { name: 'that lives for a day', token: () => tokenOf({ payload: { exp: TIME + DAY } }) },
  { name: 'without an exp', token: () => tokenOf({ payload: { exp: undefined } }) },
  {
    name: 'without a time of its own, for a message that was sent just now',
    token: () => tokenOf({ payload: { exp: undefined, iat: undefined, jti: undefined } }),
  },
]

const publicPem = () => ec.publicKey.export({ type: 'spki', format: 'pem' })
const hmac =
  (secret: string | Buffer): Signer =>
  (input) =>
    createHmac('sha256', secret).update(input).digest()
const eves = SIGN.ES256(EVE.privateKey)

/** Checklist 70, and what else has been tried on verifiers. By the status that they get. */
export const BAD: readonly (TokenVector & { readonly status: 401 | 403 })[] = [
  { name: 'no token at all', status: 401, token: () => 'xxxxxxx' },
  {
    name: 'alg none',
    status: 401,
    token: () => tokenOf({ header: { alg: 'none' }, signer: () => Buffer.alloc(0) }),
  },
  {
    name: 'alg None',
    status: 401,
    token: () => tokenOf({ header: { alg: 'None' }, signer: () => Buffer.alloc(0) }),
  },
  {
    name: 'an empty signature',
    status: 401,
    token: () => tokenOf({ signer: () => Buffer.alloc(0) }),
  },
  {
    name: 'a signature of zeros (CVE-2022-21449)',
    status: 401,
    token: () => tokenOf({ signer: () => Buffer.alloc(64) }),
  },
  {
    name: 'HS256 with the public key as PEM',
    status: 401,
    token: () => tokenOf({ header: { alg: 'HS256' }, signer: hmac(String(publicPem())) }),
  },
  {
    name: 'HS256 with the public key as JWK',
    status: 401,
    token: () => tokenOf({ header: { alg: 'HS256' }, signer: hmac(JSON.stringify(KEYS.ec.jwk)) }),
  },
  {
    name: 'HS256 with the x of the public key',
    status: 401,
    token: () =>
      tokenOf({
        header: { alg: 'HS256' },
        signer: hmac(Buffer.from(String(KEYS.ec.jwk['x']), 'base64url')),
      }),
  },
  {
    name: 'an algorithm that is not on the list (ES512)',
    status: 401,
    token: () =>
      tokenOf({
        key: KEYS.p384,
        header: { alg: 'ES512' },
        signer: SIGN.ES384(KEYS.p384.privateKey),
      }),
  },
  {
    name: 'ES384 with a key of another curve',
    status: 401,
    token: () => tokenOf({ header: { alg: 'ES384' }, signer: SIGN.ES384(KEYS.ec.privateKey) }),
  },
  {
    name: 'RS512 with a key for RS384',
    status: 401,
    token: () =>
      tokenOf({
        key: KEYS.rs384,
        header: { alg: 'RS512' },
        signer: SIGN.RS512(KEYS.rs384.privateKey),
      }),
  },
  {
    name: 'a signature of RS256 that says PS384',
    status: 401,
    token: () =>
      tokenOf({ key: KEYS.rsa, header: { alg: 'PS384' }, signer: SIGN.RS256(KEYS.rsa.privateKey) }),
  },
  {
    name: 'ES256 with a key of another curve',
    status: 401,
    token: () => tokenOf({ key: KEYS.p384 }),
  },
  {
    name: "an alg that is not the key's",
    status: 401,
    token: () =>
      tokenOf({
        key: KEYS.rs256,
        header: { alg: 'PS256' },
        signer: SIGN.PS256(KEYS.rs256.privateKey),
      }),
  },
  {
    name: 'an alg of another kind of key',
    status: 401,
    token: () =>
      tokenOf({ key: KEYS.okp, header: { alg: 'RS256' }, signer: SIGN.EdDSA(KEYS.okp.privateKey) }),
  },
  { name: 'a key for encryption', status: 401, token: () => tokenOf({ key: KEYS.encryption }) },
  {
    name: 'a key that is not for verifying',
    status: 401,
    token: () => tokenOf({ key: KEYS.signs }),
  },
  {
    name: 'a key whose private half is published too',
    status: 401,
    token: () => tokenOf({ key: SPILT }),
  },
  {
    name: 'an RSA key of 1024 bits',
    status: 401,
    token: () =>
      tokenOf({
        key: KEYS.weak,
        header: { alg: 'RS256' },
        signer: SIGN.RS256(KEYS.weak.privateKey),
      }),
  },
  { name: "somebody else's signature", status: 401, token: () => tokenOf({ signer: eves }) },
  {
    name: 'a key in the header (jwk)',
    status: 401,
    token: () => tokenOf({ header: { jwk: EVE.jwk }, signer: eves }),
  },
  {
    name: 'a key in the header, and no kid',
    status: 401,
    token: () => tokenOf({ header: { jwk: EVE.jwk, kid: undefined }, signer: eves }),
  },
  {
    name: 'an address of keys in the header (jku)',
    status: 401,
    token: () => tokenOf({ header: { jku: 'https://eve.example/keys', kid: 'eve' }, signer: eves }),
  },
  {
    name: 'a certificate in the header (x5c)',
    status: 401,
    token: () => tokenOf({ header: { x5c: ['MIIB'], x5u: 'https://eve.example/x' }, signer: eves }),
  },
  { name: 'the kid of another domain', status: 401, token: () => tokenOf({ key: EVE }) },
  {
    name: 'a kid that is an address',
    status: 401,
    token: () => tokenOf({ header: { kid: 'https://eve.example/keys/eve' }, signer: eves }),
  },
  {
    name: 'a kid that climbs',
    status: 401,
    token: () => tokenOf({ header: { kid: '..' }, signer: eves }),
  },
  {
    name: 'a kid that climbs further',
    status: 401,
    token: () => tokenOf({ header: { kid: '../../eve.example/keys/eve' }, signer: eves }),
  },
  { name: 'a kid that is no text', status: 401, token: () => tokenOf({ header: { kid: 1 } }) },
  {
    name: 'half a letter in the kid',
    status: 401,
    token: () => tokenOf({ header: { kid: '\ud800' } }),
  },
  {
    name: 'a crit that makes demands',
    status: 401,
    token: () => tokenOf({ header: { crit: ['exp'], exp: 1 } }),
  },
  {
    name: 'b64=false (RFC 7797)',
    status: 401,
    token: () => tokenOf({ header: { crit: ['b64'], b64: false } }),
  },
  { name: 'a payload that was changed afterwards', status: 401, token: () => forged() },
  {
    name: 'an exp that is no number',
    status: 401,
    token: () => tokenOf({ payload: { exp: String(TIME + 300) } }),
  },
  { name: 'expired', status: 401, token: () => tokenOf({ payload: { exp: TIME - 60 } }) },
  {
    name: 'an exp more than a day ahead',
    status: 401,
    token: () => tokenOf({ payload: { exp: TIME + DAY + 61 } }),
  },
  {
    name: 'from the future (nbf)',
    status: 401,
    token: () => tokenOf({ payload: { nbf: TIME + 61 } }),
  },
  {
    name: 'from the future (iat)',
    status: 401,
    token: () => tokenOf({ payload: { iat: TIME + 61 } }),
  },
  {
    name: 'another body',
    status: 401,
    token: () =>
      tokenOf({ payload: { sha256: createHash('sha256').update('{}').digest('base64url') } }),
  },
  { name: 'another aud', status: 403, token: () => tokenOf({ payload: { aud: 'carol.example' } }) },
  { name: 'no aud', status: 401, token: () => tokenOf({ payload: { aud: undefined } }) },
  { name: 'an empty list of aud', status: 403, token: () => tokenOf({ payload: { aud: [] } }) },
  {
    name: 'an aud with a scheme',
    status: 403,
    token: () => tokenOf({ payload: { aud: 'https://alice.example' } }),
  },
  {
    name: 'an aud with a port',
    status: 403,
    token: () => tokenOf({ payload: { aud: 'alice.example:443' } }),
  },
  {
    name: 'an aud that only begins like ours',
    status: 403,
    token: () => tokenOf({ payload: { aud: 'alice.example.eve.example' } }),
  },
  {
    name: 'an iss that is not the domain of sub',
    status: 403,
    token: () => tokenOf({ payload: { iss: 'eve.example' } }),
  },
  {
    name: 'an iss with a path',
    status: 403,
    token: () => tokenOf({ payload: { iss: 'bob.example/x' } }),
  },
  {
    name: 'an iss that is an IP address',
    status: 403,
    token: () => tokenOf({ payload: { iss: '127.0.0.1', sub: 'bob@127.0.0.1' } }),
  },
  {
    name: 'a sub that is not from',
    status: 403,
    token: () => tokenOf({ payload: { sub: 'carol@bob.example' } }),
  },
  {
    name: 'a sub of another domain',
    status: 403,
    token: () => tokenOf({ payload: { sub: 'bob@eve.example', iss: 'eve.example' } }),
  },
]

function forged(): string {
  const [header = '', , signature = ''] = tokenOf().split('.')
  const payload = Buffer.from(JSON.stringify(claims({ jti: 'another' }))).toString('base64url')
  return `${header}.${payload}.${signature}`
}

/** `MailAddressTest` of the reference implementation, and what its rules imply. */
export const ADDRESSES: readonly { readonly address: string; readonly isAddress: boolean }[] = [
  { address: 'bob@gmail.com', isAddress: true },
  { address: '@gmail.com', isAddress: false },
  { address: 'jim@', isAddress: false },
  { address: 'bob@bob@bobby.bob', isAddress: false },
  { address: 'Bob.B+x@CHAT.example', isAddress: true },
  { address: 'bob', isAddress: false },
  { address: '', isAddress: false },
  { address: 'bob@127.0.0.1', isAddress: false },
  { address: 'bob@chat.example:25', isAddress: false },
  { address: 'bob@chat.example/x', isAddress: false },
  { address: 'b\u0000b@chat.example', isAddress: false },
]
