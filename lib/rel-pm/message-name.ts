import { timingSafeEqual } from 'node:crypto'
import { isCurrent, isLetterId, readLetters, type Letter } from '../delivery/letter.ts'
import type { Secrets } from '../jwt/secrets.ts'
import type { DeployFiles } from '../store/deploy-files.ts'
import { spellingOf } from './profile.ts'

/** A letter's id, and 128 bits: 55 characters. */
const OWN_NAME = /^([0-9a-f]{32})\.([\w-]{22})$/
/** What anybody may call a message: the unreserved characters of a URL. */
const NAME = /^[\w.~-]{1,128}$/

export function isMessageName(text: string): boolean {
  return NAME.test(text)
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

/** The letter of that name, if it is for that profile; also by a name from before the secret was replaced. */
export async function findLetter(
  name: string,
  to: URL,
  { files, secrets }: { readonly files: DeployFiles; readonly secrets: Secrets },
): Promise<AddressedLetter | undefined> {
  const [, id = ''] = OWN_NAME.exec(name) ?? []
  if (!isLetterId(id)) return undefined
  for (const [recipient, letter] of Object.entries(await readLetters(files, id))) {
    const addressed = { letter, recipient, to }
    const names = secrets.namesOf('pm', nameText(addressed)).map((own) => `${id}.${own}`)
    if (names.some((own) => isEqual(name, own))) return addressed
  }
  return undefined
}

function nameText({ letter, recipient, to }: AddressedLetter): string {
  return `${letter.id} ${recipient} ${spellingOf(to)}`
}

/** The same, if they may still read it: what has expired is not there for anybody who asks. */
export async function findCurrentLetter(
  name: string,
  to: URL,
  options: Parameters<typeof findLetter>[2] & { readonly now: () => Date },
): Promise<AddressedLetter | undefined> {
  const addressed = await findLetter(name, to, options)
  return addressed && isCurrent(addressed.letter, options.now()) ? addressed : undefined
}

function isEqual(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
}
