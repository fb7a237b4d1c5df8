import {
  letterIdOf,
  readLetterPost,
  readLetters,
  readPublicLetters,
  type Letter,
} from '../delivery/letter.ts'
import type { DeployFiles } from '../store/deploy-files.ts'
import { pageIdentityOf, spellingsOf, staticPageIdentity } from '../web/page-identity.ts'

/** As much of a note without a title as tells it from others. */
const MAX_WORDS = 48

/** What the build says of the posts of the owner that others answer. */
export interface OwnPosts {
  /** What the owner calls it: its title, or how it begins. */
  titleOf(page: URL): Promise<string | undefined>
  /** What it answers itself, of a post to one person alone: their message. */
  parentOf(page: URL): Promise<string | undefined>
  /** The same name for every copy of a private post: each of its readers answers at an address of their own. */
  postOf(page: URL): Promise<string | undefined>
}

/** Reads the letters of the build. That there are none, or that they cannot be read, keeps nobody from a message. */
export function openOwnPosts(files: DeployFiles): OwnPosts {
  return {
    async titleOf(page) {
      const letters = [...(await lettersOf(page)), ...(await publicOf(page))]
      return letters.map(nameOf).find((name) => name !== '')
    },
    async parentOf(page) {
      const [letter, ...others] = await lettersOf(page)
      // Of several readers, only one may have a part in what it answers.
      return others.length === 0 ? letter?.inReplyTo : undefined
    },
    async postOf(page) {
      for (const spelling of spellingsOf(page)) {
        const post = await orElse(undefined, () => readLetterPost(files, letterIdOf(spelling)))
        if (post !== undefined) return post
      }
      return undefined
    },
  }

  async function lettersOf(page: URL): Promise<readonly Letter[]> {
    for (const spelling of spellingsOf(page)) {
      const letters = await orElse({}, () => readLetters(files, letterIdOf(spelling)))
      if (Object.keys(letters).length > 0) return Object.values(letters)
    }
    return []
  }

  function publicOf(page: URL): Promise<readonly Letter[]> {
    return orElse([], async () => {
      const letters = await readPublicLetters(files)
      // Of two posts that are one page by their spelling, the one that is named exactly.
      const exact = letters.filter(({ url }) => url === spellingsOf(page)[0]?.href)
      return exact.length > 0
        ? exact
        : letters.filter(({ url }) => pageIdentityOf(url) === staticPageIdentity(page))
    })
  }
}

function nameOf({ title, text }: Letter): string {
  const line = (title ?? text).replace(/\s+/g, ' ').trim()
  if (title !== undefined || line.length <= MAX_WORDS) return line
  return `${line.slice(0, MAX_WORDS).replace(/\s+\S*$/, '')}…`
}

async function orElse<Found>(otherwise: Found, read: () => Promise<Found>): Promise<Found> {
  try {
    return await read()
  } catch {
    // A message is worth more than the heading above it.
    return otherwise
  }
}
