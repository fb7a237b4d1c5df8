/**
 * Everything that this site signs: codes, tickets, tokens, sessions. Each kind has a key of its own,
 * derived from `PRIVATE_POSTS_SECRET`, so that none is ever accepted as another.
 *
 * 1. {@link createSecrets} – from the secret of the environment, and the one before it
 * 2. `issue`, `open` – a signed claim and its check
 * 3. `redeem` – the same for what may be used once
 * 4. `revoke`, `revokeFamily` – before its time
 * 5. `seal`, `unseal` – what only we may read, such as a peer's token in our store
 * 6. `seeds` – what key pairs grow from, whose public half we publish (key-pairs.ts)
 *
 * @see [RFC 7519, JSON Web Token](https://www.rfc-editor.org/rfc/rfc7519)
 * @see [RFC 5869, HKDF](https://www.rfc-editor.org/rfc/rfc5869)
 * @module
 */
import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'
// @NOTE By their own paths: a bundler takes the package's index for one piece, encryption included.
import { JOSEError, JWTExpired } from 'jose/errors'
import { SignJWT } from 'jose/jwt/sign'
import { jwtVerify } from 'jose/jwt/verify'
import { storeKey, type Store } from '../store/store.ts'
import { parseClaims, SECRET_KINDS, type ClaimsOf, type SecretKind } from './kinds.ts'

/** Something signed by us that opens a door. Never logged, never in an error. */
type Secret<Kind extends SecretKind = SecretKind> = string & { readonly __brand: Kind }

/** What a valid secret says. */
export interface Opened<Kind extends SecretKind> {
  readonly valid: true
  readonly claims: ClaimsOf[Kind]
  /** 128 random bits, for marking it as spent or revoked. */
  readonly id: string
  readonly issued: Date
  readonly expires: Date
}

interface Unopened {
  readonly valid: false
  readonly reason: 'expired' | 'not ours' | 'spent' | 'revoked'
}

export interface SecretsOptions {
  /** The current secret first, then those that were current before: they still open, but sign nothing. */
  readonly keys: readonly [Uint8Array, ...Uint8Array[]]
  /** The site that issues and accepts them: what one site signed opens nothing at another. */
  readonly site: URL
  /** Where spent and revoked ids are remembered. */
  readonly store: Store
  readonly now: () => Date
}

export interface Secrets {
  /** @param lifetime Seconds; by default what {@link SECRET_KINDS} says of the kind. */
  issue<Kind extends SecretKind>(
    kind: Kind,
    claims: ClaimsOf[Kind],
    options?: { readonly lifetime?: number },
  ): Promise<Secret<Kind>>
  /** Checks signature, kind, site, time and revocation. */
  open<Kind extends SecretKind>(kind: Kind, secret: string): Promise<Opened<Kind> | Unopened>
  /** Opens it and spends it. Of any number of simultaneous calls, one gets it. */
  redeem<Kind extends SecretKind>(kind: Kind, secret: string): Promise<Opened<Kind> | Unopened>
  /** Spends what was opened before, where a check has to come in between. `false`: somebody was faster. */
  spend<Kind extends SecretKind>(opened: Opened<Kind>): Promise<boolean>
  revoke<Kind extends SecretKind>(opened: Opened<Kind>): Promise<void>
  /** Revokes every token that says to be of this family, also those that are issued from now on. */
  revokeFamily(family: string): Promise<void>
  /** Encrypts a text for our own eyes. */
  seal(text: string): Promise<string>
  unseal(sealed: string): Promise<string | undefined>
  /** Always the same unguessable name for the same text: 128 bits as base64url. */
  nameOf(purpose: string, text: string): string
  /** The same by each secret: the current one's first, then the one that was given out before it. */
  namesOf(purpose: string, text: string): readonly string[]
  /** 32 bytes of each secret for a purpose of one's own: the current one's first, then the one before it. */
  seeds(purpose: string): readonly [Uint8Array, ...Uint8Array[]]
}

const ALGORITHM = 'HS256'
/** Milliseconds by which the clocks of two servers of ours may differ. */
const GRACE = 60_000

export function createSecrets({ keys, site, store, now }: SecretsOptions): Secrets {
  return { issue, open, redeem, spend, revoke, revokeFamily, seal, unseal, nameOf, namesOf, seeds }

  async function issue<Kind extends SecretKind>(
    kind: Kind,
    claims: ClaimsOf[Kind],
    { lifetime = SECRET_KINDS[kind].lifetime }: { readonly lifetime?: number } = {},
  ): Promise<Secret<Kind>> {
    const key = deriveKey(keys[0], kind)
    const iat = Math.floor(now().getTime() / 1000)
    const jwt = await new SignJWT({ c: claims })
      .setProtectedHeader({ alg: ALGORITHM, kid: key.id })
      .setIssuer(site.origin)
      .setJti(randomBytes(16).toString('base64url'))
      .setIssuedAt(iat)
      .setExpirationTime(iat + lifetime)
      .sign(key.bytes)
    return jwt as Secret<Kind>
  }

  async function open<Kind extends SecretKind>(
    kind: Kind,
    secret: string,
  ): Promise<Opened<Kind> | Unopened> {
    const opened = await verify(kind, secret)
    if (!opened.valid) return opened
    const keys = [storeKey('revoked', opened.id)]
    const { claims } = opened
    if ('family' in claims && claims.family !== undefined) keys.push(familyKey(claims.family))
    const marks = await Promise.all(keys.map((key) => store.get(key)))
    return marks.some((mark) => mark) ? { valid: false, reason: 'revoked' } : opened
  }

  async function redeem<Kind extends SecretKind>(
    kind: Kind,
    secret: string,
  ): Promise<Opened<Kind> | Unopened> {
    const opened = await open(kind, secret)
    if (!opened.valid) return opened
    return (await spend(opened)) ? opened : { valid: false, reason: 'spent' }
  }

  function spend({ id, expires }: Opened<SecretKind>): Promise<boolean> {
    return store.createIfAbsent(storeKey('spent', id), true, { expires: afterGrace(expires) })
  }

  async function revoke({ id, expires }: Opened<SecretKind>): Promise<void> {
    await store.createIfAbsent(storeKey('revoked', id), true, { expires: afterGrace(expires) })
  }

  async function revokeFamily(family: string): Promise<void> {
    const last = new Date(now().getTime() + SECRET_KINDS['refresh-token'].lifetime * 1000)
    await store.createIfAbsent(familyKey(family), true, { expires: afterGrace(last) })
  }

  async function verify<Kind extends SecretKind>(
    kind: Kind,
    secret: string,
  ): Promise<Opened<Kind> | Unopened> {
    for (const master of keys) {
      const key = deriveKey(master, kind)
      try {
        const { payload } = await jwtVerify(secret, key.bytes, {
          algorithms: [ALGORITHM],
          issuer: site.origin,
          requiredClaims: ['jti', 'iat', 'exp'],
          currentDate: now(),
        })
        const claims = parseClaims(kind, payload['c'])
        const { jti, iat, exp } = payload
        if (!claims || jti === undefined || iat === undefined || exp === undefined) {
          return { valid: false, reason: 'not ours' }
        }
        // Only a clock that was wrong then, or is wrong now, makes such a thing.
        if (iat * 1000 > now().getTime() + GRACE) return { valid: false, reason: 'not ours' }
        const issued = new Date(iat * 1000)
        return { valid: true, claims, id: jti, issued, expires: new Date(exp * 1000) }
      } catch (error) {
        if (error instanceof JWTExpired) return { valid: false, reason: 'expired' }
        if (!(error instanceof JOSEError)) throw error
        // Not signed with this key; perhaps with the one before.
      }
    }
    return { valid: false, reason: 'not ours' }
  }

  // @NOTE Loaded when something is sealed: encryption is as large as signing, and seldom needed.
  async function seal(text: string): Promise<string> {
    const { sealText } = await import('./seal.ts')
    return sealText(text, deriveKey(keys[0], 'seal').bytes)
  }

  async function unseal(sealed: string): Promise<string | undefined> {
    const { unsealText } = await import('./seal.ts')
    for (const master of keys) {
      const text = await unsealText(sealed, deriveKey(master, 'seal').bytes)
      if (text !== undefined) return text
    }
    return undefined
  }

  function nameOf(purpose: string, text: string): string {
    return nameBy(keys[0], purpose, text)
  }

  function namesOf(purpose: string, text: string): string[] {
    return keys.map((master) => nameBy(master, purpose, text))
  }

  function seeds(purpose: string): [Uint8Array, ...Uint8Array[]] {
    const seedOf = (master: Uint8Array) => deriveKey(master, `seed/${purpose}`).bytes
    const [current, ...previous] = keys
    return [seedOf(current), ...previous.map(seedOf)]
  }
}

function nameBy(master: Uint8Array, purpose: string, text: string): string {
  const key = deriveKey(master, 'name').bytes
  const hmac = createHmac('sha256', key).update(`${purpose}\0`).update(text).digest()
  return hmac.subarray(0, 16).toString('base64url')
}

function familyKey(family: string): string {
  return storeKey('revoked-family', family)
}

/** A marker lives a little longer than what it marks, whatever the clocks of two servers say. */
function afterGrace(expires: Date): Date {
  return new Date(expires.getTime() + GRACE)
}

function deriveKey(
  master: Uint8Array,
  purpose: string,
): { readonly id: string; readonly bytes: Uint8Array } {
  const bytes = new Uint8Array(hkdfSync('sha256', master, '', `private-posts/${purpose}/v1`, 32))
  return { id: createHash('sha256').update(bytes).digest('base64url').slice(0, 6), bytes }
}
