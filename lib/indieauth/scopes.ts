/** What may be asked for, and what it means to the one who is asked. */
const MEANINGS: Readonly<Record<string, string>> = {
  profile: 'see your name and picture',
  email: 'see your e-mail address',
  create: 'publish new posts on your site',
  draft: 'save drafts on your site',
  update: 'change your posts',
  delete: 'delete your posts',
  undelete: 'bring deleted posts back',
  media: 'upload pictures and files to your site',
  read: 'read what you follow, and posts that only you may read',
  follow: 'change whom you follow',
  mute: 'hide people from you',
  block: 'block people',
  channels: 'sort what you follow into channels',
  save: 'save things for you to read later',
  introspect: 'ask whether the tokens that others show it are good',
}

/** For the metadata. */
export const SCOPES = Object.keys(MEANINGS).filter((scope) => scope !== 'email')

/** More permissions than a person can weigh are none. */
const MAX_SCOPES = 30
/** RFC 6749 §3.3, and no longer than a page has room for. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,60}$/

/** @returns The scopes in their order, each once, or `undefined` if the text is no list of scopes. */
export function parseScope(text: string): readonly string[] | undefined {
  const scopes = [...new Set(text.split(' ').filter(Boolean))]
  return scopes.length <= MAX_SCOPES && scopes.every((scope) => SCOPE.test(scope))
    ? scopes
    : undefined
}

/** In plain words, or `undefined` for what we have no words for. */
export function meaningOf(scope: string): string | undefined {
  return Object.hasOwn(MEANINGS, scope) ? MEANINGS[scope] : undefined
}

/** Whether all of `scopes` were granted. */
export function isWithin(scopes: readonly string[], granted: readonly string[]): boolean {
  return scopes.every((scope) => granted.includes(scope))
}
