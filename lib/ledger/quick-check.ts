import * as v from 'valibot'
import { isRecord } from '../web/record.ts'

type Check = (value: unknown) => boolean

/**
 * Says of most values what `v.is` would, without a note about each field: for the many entries of a ledger. What it
 * does not know, it leaves to `v.is`.
 */
export function quickCheck(schema: v.ObjectSchema<v.ObjectEntries, undefined>): Check {
  const checks = Object.entries(schema.entries).map(
    ([name, entry]) => [name, checkOf(entry)] as const,
  )
  return (value) => {
    if (!isRecord(value)) return false
    for (const [name, check] of checks) if (!check(value[name])) return false
    return true
  }
}

function checkOf(schema: v.GenericSchema): Check {
  // A schema with a pipe asks for more than its type says.
  if ('pipe' in schema) return (value) => v.is(schema, value)
  switch (schema.type) {
    case 'string':
    case 'boolean':
      return (value) => typeof value === schema.type
    case 'nullable':
    case 'optional': {
      const none = schema.type === 'nullable' ? null : undefined
      const inner = checkOf((schema as v.OptionalSchema<v.GenericSchema, undefined>).wrapped)
      return (value) => value === none || inner(value)
    }
    default:
      return (value) => v.is(schema, value)
  }
}
