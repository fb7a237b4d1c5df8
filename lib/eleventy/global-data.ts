import { readdirSync } from 'node:fs'

/**
 * The keys that every template's data have, whatever is written in it: of the files of the data folder, and
 * of `addGlobalData`.
 */
export function globalDataKeys(
  folder: string | undefined,
  added: Readonly<Record<string, unknown>> = {},
): ReadonlySet<string> {
  const files = folder === undefined ? [] : namesIn(folder)
  const keys = [...Object.keys(added), ...files]
  return new Set(keys.map((name) => name.split('.')[0] ?? name))
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // Most small sites have no such folder.
    return []
  }
}
