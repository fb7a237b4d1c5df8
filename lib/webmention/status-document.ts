import * as v from 'valibot'

const text = v.optional(v.fallback(v.optional(v.string()), undefined))

/** What receivers put into JSON, by the names that webmention.io and OAuth use for it. */
const StatusDocument = v.object({
  status: text,
  summary: text,
  error: text,
  error_description: text,
  message: text,
})
export type StatusDocument = v.InferOutput<typeof StatusDocument>

/** Reads a receiver's JSON. The spec prescribes none of it, so whatever is not understood is absent. */
export function parseStatusDocument(json: string): StatusDocument {
  try {
    const result = v.safeParse(StatusDocument, JSON.parse(json))
    return result.success ? result.output : {}
  } catch {
    // No JSON: then it says nothing to us.
    return {}
  }
}
