import { postError } from './post-error.ts'
import type { FrontMatter } from './visibility.ts'

/** A group's name, or an address or a URL: neither has a space in it. */
const WITHOUT_SPACES = /^[\p{Ll}\p{N}_-]+$|[@:]/u

/**
 * The data with `recipients` as `audience`: the two are the same. One text may hold several, with commas
 * or spaces between them.
 *
 * @throws {ConfigurationError} where both are given, and for names with spaces between them: "Mum Dad" are two
 *   readers, "Aunt May" is one.
 */
export function withAudience(path: string, data: FrontMatter): FrontMatter {
  const { recipients, ...others } = data
  if (recipients === undefined) return data
  if (data['audience'] !== undefined) {
    throw postError(path, 'recipients', '(not shown)', {
      problem: '"recipients" and "audience" are the same, and the post has both',
      remedy: 'keep "audience", with everybody in it',
    })
  }
  return {
    ...others,
    audience: typeof recipients === 'string' ? split(path, recipients) : recipients,
  }
}

/** Whether the author has left the audience out, or empty. */
export function isEmptyAudience(audience: unknown): boolean {
  if (Array.isArray(audience)) return audience.every(isEmptyAudience)
  return (
    audience === undefined ||
    audience === null ||
    (typeof audience === 'string' && audience.trim() === '')
  )
}

/** `audience: public`: the post is for everybody. */
export function isPublicAudience(audience: unknown): boolean {
  return audience === 'public' || (Array.isArray(audience) && String(audience) === 'public')
}

function split(path: string, text: string): string[] {
  const parts = text
    .split(/[,;\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
  return parts.flatMap((part) => {
    const words = part.split(/\s+/)
    const isPlain = words.every((word) => WITHOUT_SPACES.test(word))
    const named = words.filter((word) => !WITHOUT_SPACES.test(word))
    if (words.length === 1 || isPlain || named.length === 1) return words
    if (parts.length > 1 && named.length === words.length) return part
    throw postError(path, 'recipients', '(not shown)', {
      problem:
        'it cannot be told whether these names with spaces between them are one reader or several',
      remedy: 'write a list with one reader an entry, such as recipients: [Ann, "Aunt May"]',
    })
  })
}
