import { staticPageIdentity } from '../web/page-identity.ts'
import { canParseUrl } from '../web/parse-url.ts'

/** Whether a message to this page is one to the owner, whatever its query: nobody comments on a home page. */
export type IsHomePage = (target: string) => boolean

export function createIsHomePage(homes: readonly URL[]): IsHomePage {
  const keys = new Set(
    homes.flatMap((home) => [staticPageIdentity(home), staticPageIdentity(new URL('/', home))]),
  )
  return (target) => canParseUrl(target) && keys.has(staticPageIdentity(new URL(target)))
}

/** The owner's profile, and the site that the inbox belongs to. */
export function homesOf(inbox: URL, me: URL): readonly URL[] {
  return [me, new URL('/', inbox)]
}

/** A URL of the web, or `undefined` for what somebody else should not get us to link to. */
export function webUrl(address: string | undefined): URL | undefined {
  if (address === undefined || !canParseUrl(address)) return undefined
  const url = new URL(address)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined
}
