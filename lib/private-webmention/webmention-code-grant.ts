import { SECRET_KINDS } from '../jwt/kinds.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { RequestError } from '../web/errors.ts'
import { field } from '../web/form.ts'
import type { Grant, TokenResponse } from '../web/oauth.ts'

/** With one of these the owner's own client redeems an authorization code (IndieAuth §5.3). */
const OF_A_CLIENT = ['client_id', 'redirect_uri', 'code_verifier']

export interface WebmentionCodeGrantOptions {
  readonly secrets: Secrets
}

/**
 * Redeems the code that we sent with a webmention: `grant_type=authorization_code` and `code`, nothing else.
 *
 * A code opens once. Whether its recipient may still read anything is for the gate to say.
 *
 * @throws {RequestError} `invalid_request` without a code, `invalid_grant` for one that is not good
 * @see [Private-Webmention, Exchanging the code](https://indieweb.org/Private-Webmention)
 */
export function webmentionCodeGrant({ secrets }: WebmentionCodeGrantOptions): Grant {
  return async (form) => {
    if (field(form, 'grant_type') !== 'authorization_code') return undefined
    if (OF_A_CLIENT.some((name) => form.has(name))) return undefined
    const code = field(form, 'code')
    if (!code) throw new RequestError('invalid_request', '"code" is missing')

    const opened = await secrets.redeem('webmention-code', code)
    if (opened.valid) return issueReaderToken(opened.claims.recipient, secrets)
    // Somebody's own site may know it: a code of seed 002 comes with `me`.
    if (opened.reason === 'not ours' && form.has('me')) return undefined
    throw new RequestError('invalid_grant', 'the code is unknown, expired or used')
  }
}

/** A token for whatever this reader may read here. */
export async function issueReaderToken(me: string, secrets: Secrets): Promise<TokenResponse> {
  return {
    access_token: await secrets.issue('access-token', { me, scope: ['read'] }),
    token_type: 'Bearer',
    expires_in: SECRET_KINDS['access-token'].lifetime,
  }
}
