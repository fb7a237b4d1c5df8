import * as v from 'valibot'

const MINUTES = 60
const HOURS = 60 * MINUTES
const DAYS = 24 * HOURS

const Text = v.string()
const Scopes = v.array(v.string())

/** Each kind of secret: how many seconds it lives, and what it says. */
export const SECRET_KINDS = {
  /** We sent it with a webmention: whoever brings it may have a token for the recipient's posts. */
  'webmention-code': {
    lifetime: 10 * MINUTES,
    claims: v.strictObject({ recipient: Text }),
  },
  /** Our receiver shows it to a sender's token endpoint, which asks our authorization endpoint about it. */
  'seed-code': {
    lifetime: 10 * MINUTES,
    /** `audience`: that token endpoint. */
    claims: v.strictObject({ me: Text, audience: Text }),
  },
  /** The owner let a client know who they are. */
  'authorization-code': {
    lifetime: 10 * MINUTES,
    claims: v.strictObject({
      client_id: Text,
      redirect_uri: Text,
      code_challenge: v.optional(Text),
      scope: Scopes,
    }),
  },
  ticket: { lifetime: 10 * MINUTES, claims: v.strictObject({ subject: Text, resource: Text }) },
  /** `client_id`: of the owner's own clients. Without it: a recipient's, for gated posts. */
  'access-token': {
    lifetime: 24 * HOURS,
    claims: v.strictObject({
      me: Text,
      scope: Scopes,
      client_id: v.optional(Text),
      /** The URL prefix that it is good for; by default every gated post that `me` may read. */
      resource: v.optional(Text),
      /** The refresh token that it came with, or its successors: revoked with them. */
      family: v.optional(Text),
    }),
  },
  'refresh-token': {
    lifetime: 30 * DAYS,
    claims: v.strictObject({
      me: Text,
      scope: Scopes,
      client_id: v.optional(Text),
      resource: v.optional(Text),
      family: Text,
    }),
  },
  /** Of a browser. `reader` is a profile URL, or the recipient id of somebody who was invited. */
  session: {
    lifetime: 30 * DAYS,
    claims: v.strictObject({
      reader: Text,
      by: v.picklist(['indieauth', 'invitation', 'passphrase']),
      /** Hash of the invitation that it was started with: when that is revoked, so is the session. */
      invitation: v.optional(Text),
    }),
  },
  /** Of a browser that the owner has signed in with before. Opens nothing: only its tries are counted apart. */
  device: { lifetime: 180 * DAYS, claims: v.strictObject({}) },
  /** In the forms of a session's pages. `session` is that session's id. */
  csrf: { lifetime: 12 * HOURS, claims: v.strictObject({ session: Text, form: Text }) },
  /** rel=pm: brings the one message that was announced to us. */
  'pm-token': {
    lifetime: 10 * MINUTES,
    claims: v.strictObject({ message: Text, from: Text, to: Text }),
  },
  /** rel=pm: brings any message of this sender, again and again, until it is revoked with its family. */
  'pm-standing-token': {
    lifetime: 30 * DAYS,
    claims: v.strictObject({ from: Text, to: Text, family: Text }),
  },
  /** Of a local user of the intertalk provider: reads the stream, and sends. */
  'intertalk-token': { lifetime: 12 * HOURS, claims: v.strictObject({ user: Text }) },
  /** FMTP: a server that has proved its name in a greeting. */
  'fmtp-session': { lifetime: 10 * MINUTES, claims: v.strictObject({ server: Text }) },
  /** Our own machines calling each other: a deploy its deliver function, the terminal its inbox. */
  call: { lifetime: 5 * MINUTES, claims: v.strictObject({ purpose: Text }) },
} as const

export type SecretKind = keyof typeof SECRET_KINDS
export type ClaimsOf = {
  [Kind in SecretKind]: v.InferOutput<(typeof SECRET_KINDS)[Kind]['claims']>
}

export function parseClaims<Kind extends SecretKind>(
  kind: Kind,
  value: unknown,
): ClaimsOf[Kind] | undefined {
  const schema: v.GenericSchema<unknown, ClaimsOf[Kind]> = SECRET_KINDS[kind]
    .claims as unknown as v.GenericSchema<unknown, ClaimsOf[Kind]>
  const result = v.safeParse(schema, value)
  return result.success ? result.output : undefined
}
