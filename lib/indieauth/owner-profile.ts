/** What the owner lets clients know of themselves, where they ask and the owner agrees. */
export interface OwnerProfile {
  readonly name?: string
  readonly photo?: URL
  readonly url?: URL
  readonly email?: string
}

/**
 * The profile that goes with these scopes, or nothing. `email` counts only beside `profile`.
 *
 * @see [IndieAuth §5.3.4 Profile Information](https://indieauth.spec.indieweb.org/#profile-information)
 */
export function profileFor(
  scope: readonly string[],
  { name, photo, url, email }: OwnerProfile = {},
): { readonly profile?: Readonly<Record<string, string>> } {
  if (!scope.includes('profile')) return {}
  const profile = {
    ...(name !== undefined && { name }),
    ...(url && { url: url.href }),
    ...(photo && { photo: photo.href }),
    ...(email !== undefined && scope.includes('email') && { email }),
  }
  return Object.keys(profile).length > 0 ? { profile } : {}
}
