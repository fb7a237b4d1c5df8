import { formatUserAddress } from '../web/user-address.ts'
import { ownEncryptMethod } from './encryption.ts'
import type { FmtpOptions } from './fmtp.ts'
import type { ServerObject, UserObject } from './object.ts'

type OwnObjectOptions = Pick<
  FmtpOptions,
  'site' | 'me' | 'address' | 'settings' | 'paths' | 'secrets' | 'now'
>

/** What the inbox shows. */
const FORMATS = ['text/plain', 'text/html']
/** What the document calls what becomes of everybody on neither list. */
const POLICY = { accept: 'accept', hold: 'confirm', reject: 'reject' } as const

/**
 * The owner of the site as a user: contact data, what they accept, how to reach them. Public, because whoever
 * wants to write has to have it. BLACKLIST and WHITELIST are nobody's business and not in it.
 *
 * @returns To be signed. DATE is now, so that an old copy is known for one.
 * @see FMTP, "User"
 */
export async function buildUserObject(options: OwnObjectOptions): Promise<UserObject> {
  const { me, address, secrets, now } = options
  const { profile, policy, fmtp } = options.settings
  const { photo, url, name } = profile
  return {
    TYPE: 'user',
    ADDRESS: formatUserAddress(address),
    ...namesOf(name),
    ...(photo !== undefined && { PHOTO: photo }),
    URL: url ?? me.href,
    FORMAT: FORMATS,
    'ENCRYPT-POLICY': fmtp.encrypt,
    ...(fmtp.encrypt !== 'none' && { 'ENCRYPT-METHOD': await ownEncryptMethod(secrets) }),
    ...(fmtp.status !== undefined && { STATUS: fmtp.status }),
    POLICY: POLICY[policy.otherwise],
    CONTACT: fmtp.contact ?? endpointOf(options).href,
    DATE: now().toISOString(),
    PUBLIC: true,
  }
}

/** The server of the site's domain. @see FMTP, "A user is an object, as is a server" */
export function buildServerObject(options: OwnObjectOptions): ServerObject {
  return {
    TYPE: 'server',
    SERVER: options.address.domain,
    CONTACT: endpointOf(options).href,
    STATUS: 'online',
    DATE: options.now().toISOString(),
    PUBLIC: true,
  }
}

/** The URL below which everything of FMTP answers, without a slash at its end. */
export function endpointOf({ site, paths }: Pick<FmtpOptions, 'site' | 'paths'>): URL {
  return new URL(paths.fmtp.replace(/^\/|\/$/g, ''), site)
}

/** What a user is called, in the order of the languages that the document has in mind. */
export function nameOf(user: UserObject): string | undefined {
  const names = [user['GIVEN-NAME'] ?? '', user['FAMILY-NAME'] ?? '']
  const name = names
    .map((part) => part.trim())
    .join(' ')
    .trim()
  return name === '' ? undefined : name
}

/** The last word is the family's; who has one word only has no family name here. */
function namesOf(name: string = ''): Partial<Record<'GIVEN-NAME' | 'FAMILY-NAME', string>> {
  const words = name.split(/\s+/).filter((word) => word !== '')
  const family = words.length > 1 ? words.pop() : undefined
  return {
    ...(words.length > 0 && { 'GIVEN-NAME': words.join(' ') }),
    ...(family !== undefined && { 'FAMILY-NAME': family }),
  }
}
