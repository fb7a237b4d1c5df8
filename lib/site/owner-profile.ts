import type { OwnerProfile } from '../indieauth/owner-profile.ts'
import type { SiteOptions } from './site-options.ts'

/** What the owner lets clients know, as the option `profile` says. */
export function profileOf({ settings }: SiteOptions): OwnerProfile {
  const { name, photo, url, email } = settings.profile
  return {
    ...(name !== undefined && { name }),
    ...(photo !== undefined && { photo: new URL(photo) }),
    ...(url !== undefined && { url: new URL(url) }),
    ...(email !== undefined && { email }),
  }
}
