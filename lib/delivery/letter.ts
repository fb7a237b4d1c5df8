/**
 * What a post says to one recipient, for the protocols that carry the words themselves and not only a link.
 *
 * The build leaves every letter among its deploy files, so that a function can hand it over later:
 * `letters/<id>.json` holds the letters of one source by recipient, `public-letters.json` names the posts that
 * everybody may see.
 *
 * @module
 */
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { readDeployJson, type DeployFiles } from '../store/deploy-files.ts'

const Text = v.string()

const Letter = v.object({
  /** {@link letterIdOf} its URL: names the message for ever, whatever it comes to say. */
  id: Text,
  /** Changes with what it says. */
  version: Text,
  /** Where the recipient can read it: their own copy. */
  url: Text,
  title: v.exactOptional(Text),
  /** Plain text; paragraphs are divided by an empty line. */
  text: Text,
  /** What the post shows, its links absolute. No scripts, no styles. */
  html: v.exactOptional(Text),
  /** ISO 8601, with a time zone. */
  published: v.exactOptional(Text),
  /** The message or page that it answers: a URL, or what an inbox calls a message. */
  inReplyTo: v.exactOptional(Text),
  /** Recipient ids of everybody whom this recipient may know of, themselves included. */
  audience: v.array(Text),
  /** ISO 8601: from when on nobody is given it any more. */
  expires: v.exactOptional(Text),
})
export type Letter = Readonly<v.InferOutput<typeof Letter>>

const LetterFile = v.object({
  version: v.literal(1),
  /** {@link letterIdOf} what the ledger calls the post: the same for all its copies. For the owner's eyes. */
  post: v.exactOptional(Text),
  letters: v.record(Text, Letter),
})
/** The letters of one source, by recipient id. */
export type LetterFile = v.InferOutput<typeof LetterFile>

const PublicLetters = v.object({ version: v.literal(1), letters: v.array(Letter) })
export type PublicLetters = v.InferOutput<typeof PublicLetters>

export const PUBLIC_LETTERS_FILE = 'public-letters.json'

/** 128 bits of a hash: nobody learns a capability URL from it, and whoever has the URL can name the letter. */
export function letterIdOf(url: URL | string): string {
  return createHash('sha256').update(String(url)).digest('hex').slice(0, 32)
}

/** Whether it may still be handed over: a deploy lives longer than some of its letters. */
export function isCurrent({ expires }: Letter, now: Date): boolean {
  return expires === undefined || new Date(expires) > now
}

export function isLetterId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text)
}

export function letterFileName(id: string): string {
  return `letters/${id}.json`
}

/** The letter of that id to that recipient, or `undefined` if this deploy has none. */
export async function readLetter(
  files: DeployFiles,
  id: string,
  recipient: string,
): Promise<Letter | undefined> {
  const letters = await readLetters(files, id)
  return Object.hasOwn(letters, recipient) ? letters[recipient] : undefined
}

/** All letters of that id, by recipient id. */
export async function readLetters(
  files: DeployFiles,
  id: string,
): Promise<Readonly<Record<string, Letter>>> {
  return (await readLetterFile(files, id))?.letters ?? {}
}

/** Which post the letters of that id are of, whichever copy they stand for. */
export async function readLetterPost(files: DeployFiles, id: string): Promise<string | undefined> {
  return (await readLetterFile(files, id))?.post
}

async function readLetterFile(files: DeployFiles, id: string): Promise<LetterFile | undefined> {
  if (!isLetterId(id)) return undefined
  const value = await readDeployJson(files, letterFileName(id))
  return value === undefined ? undefined : v.parse(LetterFile, value)
}

/** The posts that everybody may see, the newest first. */
export async function readPublicLetters(files: DeployFiles): Promise<readonly Letter[]> {
  const value = await readDeployJson(files, PUBLIC_LETTERS_FILE)
  return value === undefined ? [] : v.parse(PublicLetters, value).letters
}
