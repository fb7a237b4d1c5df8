import { timingSafeEqual } from 'node:crypto'
import { isCurrent, isLetterId, readLetters, type Letter } from '../delivery/letter.ts'
import type { Secrets } from '../jwt/secrets.ts'
import type { DeployFiles } from '../store/deploy-files.ts'
import { parseWebUrl } from '../web/parse-url.ts'
import { spellingOf } from './profile.ts'

/** A letter's id, and 128 bits: 55 characters. */
const OWN_NAME = /^([0-9a-f]{32})\.([\w-]{22})$/
/** What anybody may call a message: a number, a mail's id, a URL. */
const NAME = /^[\x21-\x7e]{1,512}$/
/** A word that is no punctuated one: what looks like a name, where it may be what a message says. */
const PLAIN_NAME = /^[\w.~:@+=-]{1,128}$/

export function isMessageName(text: string): boolean {
  return NAME.test(text)
}

export function looksLikeName(text: string): boolean {
  return PLAIN_NAME.test(text)
}

/** A letter on its way to one recipient. */
export interface AddressedLetter {
  readonly letter: Letter
  /** The recipient id that the letter is kept under. */
  readonly recipient: string
  /** Their profile URL. */
  readonly to: URL
}

/**
 * What a letter is called between the two servers: the same for each version of it. Nobody but its
 * recipient is told, and nobody else can make it up.
 */
export function messageNameOf(
  { letter, recipient, to }: AddressedLetter,
  secrets: Secrets,
): string {
  return `${letter.id}.${secrets.nameOf('pm', nameText({ letter, recipient, to }))}`
}

/** Profile URLs by recipient id, where the author has given one. */
export type Profiles = Readonly<Record<string, { readonly profile?: string | undefined }>>

export interface LetterPlace {
  readonly files: DeployFiles
  readonly secrets: Secrets
  readonly profiles?: Profiles
}

/**
 * The letter of that name, if it is for that profile; also by a name from before the secret was replaced. Without a
 * profile, its recipient's own: whoever knows the name has been told it.
 */
export async function findLetter(
  name: string,
  to: URL | undefined,
  { files, secrets, profiles = {} }: LetterPlace,
): Promise<AddressedLetter | undefined> {
  const [, id = ''] = OWN_NAME.exec(name) ?? []
  if (!isLetterId(id)) return undefined
  for (const [recipient, letter] of Object.entries(await readLetters(files, id))) {
    const profile = to ?? profileOf(recipient, profiles)
    if (!profile) continue
    const addressed = { letter, recipient, to: profile }
    const names = secrets.namesOf('pm', nameText(addressed)).map((own) => `${id}.${own}`)
    if (names.some((own) => isEqual(name, own))) return addressed
  }
  return undefined
}

function profileOf(recipient: string, profiles: Profiles): URL | undefined {
  const given = Object.hasOwn(profiles, recipient) ? profiles[recipient]?.profile : undefined
  const url = parseWebUrl(recipient) ?? parseWebUrl(given ?? '')
  if (url) url.hash = ''
  return url
}

function nameText({ letter, recipient, to }: AddressedLetter): string {
  return `${letter.id} ${recipient} ${spellingOf(to)}`
}

/** The same, if they may still read it: what has expired is not there for anybody who asks. */
export async function findCurrentLetter(
  name: string,
  to: URL | undefined,
  options: Parameters<typeof findLetter>[2] & { readonly now: () => Date },
): Promise<AddressedLetter | undefined> {
  const addressed = await findLetter(name, to, options)
  return addressed && isCurrent(addressed.letter, options.now()) ? addressed : undefined
}

function isEqual(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
}
