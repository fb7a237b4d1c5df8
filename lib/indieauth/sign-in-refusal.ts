/** Why somebody could not sign in with their own site. For the log; people read {@link explainRefusal}. */
export type SignInRefusal =
  // before they leave for their own server
  | { readonly type: 'unreachable'; readonly detail: string }
  | { readonly type: 'no_server' }
  | { readonly type: 'no_authorization_endpoint' }
  | { readonly type: 'broken_server'; readonly detail: string }
  | { readonly type: 'no_pkce' }
  | { readonly type: 'too_long' }
  // as they come back
  | { readonly type: 'repeated_parameter'; readonly parameter: string }
  | { readonly type: 'state_mismatch' }
  | { readonly type: 'expired' }
  | { readonly type: 'iss_missing' }
  | { readonly type: 'iss_mismatch' }
  | { readonly type: 'denied' }
  | { readonly type: 'server_refused'; readonly error: string }
  | { readonly type: 'no_code' }
  // while their server is asked who they are
  | { readonly type: 'redemption_failed'; readonly detail: string }
  | { readonly type: 'code_refused'; readonly status: number }
  | { readonly type: 'bad_answer'; readonly detail: string }
  | { readonly type: 'invalid_me' }
  | { readonly type: 'me_unreachable'; readonly detail: string }
  | { readonly type: 'me_elsewhere' }

/** What the person gets to read: one sentence on what happened, and one on what to do about it. */
export function explainRefusal({ type }: SignInRefusal): string {
  switch (type) {
    case 'unreachable':
      return 'We could not reach that address. Is it spelt right? If your site has no https, type http:// in front of it.'
    case 'no_server':
      return 'That site does not say how to sign in with it. It needs IndieAuth, for example through a plugin of your blog software.'
    case 'no_authorization_endpoint':
      return 'That site speaks a part of IndieAuth, but not the part that signs people in: it names no authorization endpoint.'
    case 'broken_server':
      return 'That site names an IndieAuth server, but its description is broken. Its owner has to mend that first.'
    case 'no_pkce':
      return 'The server of that site is too old to sign you in safely: it offers no S256 code challenge.'
    case 'too_long':
      return 'That address, or the one of its server, is too long for us.'
    case 'state_mismatch':
      return 'This is not the sign-in that this browser began. Please start again.'
    case 'expired':
      return 'That took too long, so the sign-in is no longer good. Please start again.'
    case 'denied':
      return 'You chose not to sign in, so nothing happened.'
    case 'iss_missing':
    case 'iss_mismatch':
    case 'repeated_parameter':
      return 'The answer did not come from the server of your site in the way it should. To be safe, we stopped here.'
    case 'server_refused':
    case 'no_code':
    case 'code_refused':
      return 'The server of your site did not confirm the sign-in. Please start again.'
    case 'redemption_failed':
      return 'The server of your site did not answer us in time. Please try again in a moment.'
    case 'bad_answer':
    case 'invalid_me':
      return 'The server of your site gave an answer that we do not understand.'
    case 'me_unreachable':
      return 'We could not reach the address that your server gave for you. Please try again in a moment.'
    case 'me_elsewhere':
      return 'The server that you used does not speak for the address that it gave for you.'
  }
}
