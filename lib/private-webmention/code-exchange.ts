import type { WebOptions } from '../web/fetch.ts'
import { postForm } from '../web/post-form.ts'
import type { SeedOffer } from './seed-code.ts'

/**
 * Exchanges a sender's code for a token: these two fields and nothing else. A redirect is not followed.
 *
 * @returns Resolves with the response for {@link processTokenResponse}.
 * @see [Private-Webmention, Exchanging the code](https://indieweb.org/Private-Webmention)
 */
export function codeRequest(endpoint: URL, code: string, web: WebOptions): Promise<Response> {
  return postForm(endpoint, { grant_type: 'authorization_code', code }, web)
}

/**
 * Shows a sender's token endpoint a code of ours, and says who we are.
 *
 * @returns Resolves with the response for {@link processTokenResponse}.
 * @see [seed 002, Send the authorization code to Alice's server](https://indieweb.org/private-webmention-brainstorming#Send_the_authorization_code_to_Alice.27s_server)
 */
export function seedCodeRequest(
  endpoint: URL,
  { code, me }: SeedOffer,
  web: WebOptions,
): Promise<Response> {
  return postForm(endpoint, { code, me: me.href }, web)
}
