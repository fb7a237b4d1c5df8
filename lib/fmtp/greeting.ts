import { randomBytes } from 'node:crypto'
import { storeKey } from '../store/store.ts'
import { verifyByDomain, type DomainKeyOptions } from './domain-key.ts'
import { parseObjectOf, type Greeting } from './object.ts'
import { signObject, type Signed, type Signer } from './signature.ts'

/** Milliseconds by which TIME may differ from our clock: that of a machine without a time server, and the way. */
const GREETING_WINDOW = 5 * 60 * 1000
/** A marker lives a little longer than what it marks. */
const GRACE = 60 * 1000
/** 144 bits: no two greetings have the same. */
const NONCE_BYTES = 18

/**
 * What is wrong with a greeting.
 *
 * - `shape`: it is none, or does not say AT which host it is
 * - `not for us`: TO or AT is another server, or it does not answer our greeting
 * - `not from them`: it is of another server than the one that we greeted
 * - `time`: too old, or from the future
 * - `replayed`: its nonce was here before
 * - the others: see {@link verifyByDomain}
 */
export type GreetingFault =
  | 'shape'
  | 'not for us'
  | 'not from them'
  | 'time'
  | 'replayed'
  | Extract<Awaited<ReturnType<typeof verifyByDomain>>, { verified: false }>['reason']

export type GreetingOutcome =
  | { readonly verified: true; readonly greeting: Greeting }
  | { readonly verified: false; readonly reason: GreetingFault }

export interface GreetingOptions extends DomainKeyOptions {
  /** Our own domain. */
  readonly domain: string
}

export interface GreetedOptions extends GreetingOptions {
  /** Whether it is our server that answers at that host. */
  readonly isHere: (host: string) => Promise<boolean>
}

/**
 * "Hi, I'm poe.net. Here's my hash."
 *
 * @param to The domain of the server that is greeted: nobody else can use the greeting.
 * @param at The host that it is sent to: who takes the place of a server cannot pass it on to the real one.
 * @returns A new one each time, for {@link verifyGreeting} there.
 */
export function buildGreeting(
  to: string,
  at: string,
  { signer, now }: { readonly signer: Signer; readonly now: () => Date },
): Signed<Greeting> {
  return signObject({ ...greeting(to, signer, now), AT: at }, signer)
}

/**
 * Verifies the greeting of a server that makes contact, and sees to it that it counts once.
 *
 * @throws {FetchError} where the key of their domain could not be asked for
 */
export async function verifyGreeting(
  value: unknown,
  options: GreetedOptions,
): Promise<GreetingOutcome> {
  const greeting = parseObjectOf('greeting', value)
  // What answers a greeting opens no conversation, or one answer of ours could be shown to us as a greeting.
  const { AT, ANSWERS } = greeting ?? {}
  if (!greeting || AT === undefined || ANSWERS !== undefined) {
    return { verified: false, reason: 'shape' }
  }
  if (greeting.SERVER === options.domain) return { verified: false, reason: 'not from them' }
  if (!(await options.isHere(AT.toLowerCase()))) {
    return { verified: false, reason: 'not for us' }
  }
  return verifyFresh(greeting, options)
}

/**
 * "Nice to meet you, poe.net. I am lenore.org. Here's my hash."
 *
 * @returns For {@link verifyGreetingAnswer} there.
 */
export function answerGreeting(
  { SERVER, NONCE }: Greeting,
  {
    signer,
    session,
    now,
  }: { readonly signer: Signer; readonly session: string; readonly now: () => Date },
): Signed<Greeting> {
  const answer = greeting(SERVER, signer, now)
  return signObject({ ...answer, ANSWERS: NONCE, SESSION: session }, signer)
}

/**
 * "Poe verifies the hash": that the server is the one that we greeted, and answers this greeting.
 *
 * @returns With the greeting whose SESSION is the bearer token for what follows.
 * @throws {FetchError} where the key of their domain could not be asked for
 */
export async function verifyGreetingAnswer(
  value: unknown,
  ours: Greeting,
  options: GreetingOptions,
): Promise<GreetingOutcome> {
  const answer = parseObjectOf('greeting', value)
  if (!answer?.SESSION) return { verified: false, reason: 'shape' }
  if (answer.SERVER !== ours.TO) return { verified: false, reason: 'not from them' }
  if (answer.ANSWERS !== ours.NONCE) return { verified: false, reason: 'not for us' }
  return verifyFresh(answer, options)
}

async function verifyFresh(greeting: Greeting, options: GreetingOptions): Promise<GreetingOutcome> {
  const { domain, store, now } = options
  if (greeting.TO !== domain) return { verified: false, reason: 'not for us' }
  const time = Date.parse(greeting.TIME)
  if (!(Math.abs(now().getTime() - time) <= GREETING_WINDOW)) {
    return { verified: false, reason: 'time' }
  }
  const verification = await verifyByDomain(greeting, options)
  if (!verification.verified) return verification

  // Only now: nobody else can spend a nonce in the name of this server.
  const key = storeKey('fmtp-nonce', greeting.SERVER, greeting.NONCE)
  const expires = new Date(time + GREETING_WINDOW + GRACE)
  const isNew = await store.createIfAbsent(key, true, { expires })
  return isNew ? { verified: true, greeting } : { verified: false, reason: 'replayed' }
}

function greeting(to: string, { domain }: Signer, now: () => Date): Greeting {
  return {
    TYPE: 'greeting',
    SERVER: domain,
    TO: to,
    NONCE: randomBytes(NONCE_BYTES).toString('base64url'),
    TIME: now().toISOString(),
  }
}
