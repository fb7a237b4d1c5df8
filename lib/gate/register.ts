import * as v from 'valibot'
import type { DeployFiles } from '../store/deploy-files.ts'
import { readDeployJson } from '../store/deploy-files.ts'

/** The deploy file that tells the gate who may read what. The build writes it, nobody else sees it. */
export const GATE_REGISTER = 'gate.json'

const Reader = v.object({
  /** Recipient id, as `parseAudience` makes it: a profile URL, `user@domain`, `mailto:…`, or a name. */
  id: v.string(),
  /** For people to read. */
  name: v.string(),
  /** Deploy files of this reader's own copy, by their path below the post: `''` is the page itself. */
  files: v.record(v.string(), v.string()),
  /** SHA-256 (hex) of the token of this reader's invitation link, if there is one that works. */
  invitation: v.optional(v.string()),
  /** When that was issued: how long it works is counted from there. */
  invited: v.optional(v.string()),
})

const GatedPost = v.object({
  readers: v.array(Reader),
  /** When it ceases to be readable. */
  expires: v.optional(v.string()),
})

const Register = v.object({
  version: v.literal(1),
  /** By the segment behind the gate's prefix: `/private/<segment>/`. */
  posts: v.record(v.string(), GatedPost),
  /** By segment: ids of those who could read the post once, and may do so no more. */
  gone: v.optional(v.record(v.string(), v.array(v.string()))),
})

export type GateReader = v.InferOutput<typeof Reader>
export type GatedPost = v.InferOutput<typeof GatedPost>
export type GateRegister = v.InferOutput<typeof Register>

/** Reads it anew for each request: a revoked reader is out with the next deploy. No build, no readers. */
export async function readGateRegister(files: DeployFiles): Promise<GateRegister> {
  const value = await readDeployJson(files, GATE_REGISTER)
  return value === undefined ? { version: 1, posts: {} } : parseGateRegister(value)
}

/** @throws when it is none */
export function parseGateRegister(value: unknown): GateRegister {
  return v.parse(Register, value)
}
