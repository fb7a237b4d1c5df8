import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { belowInput } from '../post/natural-path.ts'
import { removePage } from './written-pages.ts'

const TEXT = /\.(html?|xml|json|css|js|mjs|txt|svg|webmanifest|atom|rss)$/i

/**
 * Removes copies of private attachments that a passthrough rule of the site's own put into the
 * public output, unless a public page shows them: then the author means them to be public, or the
 * leak audit says that they are not.
 *
 * @param attachments Paths of the attachments from the project's root.
 */
export function removePublicCopies(
  output: string,
  prefix: string,
  input: string,
  attachments: ReadonlySet<string>,
): void {
  const copies = [...attachments]
    .map((source) => ({ source, copy: belowInput(posix.normalize(source), input) }))
    .filter(({ source, copy }) => isCopy(source, join(output, copy)))
  if (copies.length === 0) return
  const pages = listPublicTexts(output, prefix)
  for (const { copy } of copies) {
    if (!pages.some((page) => mentionsPath(page, copy))) removePage(output, join(output, copy))
  }
}

/** A public file that could refer to others. */
export interface PublicText {
  readonly folder: string
  readonly text: string
}

/** Whether a public file refers to `copy`, a path below the output folder. */
export function mentionsPath({ folder, text }: PublicText, copy: string): boolean {
  const names = new Set([`/${copy}`, encodeURI(`/${copy}`)])
  if (folder === posix.dirname(copy)) names.add(posix.basename(copy))
  return [...names].some((name) => text.includes(name))
}

function isCopy(source: string, copy: string): boolean {
  return existsSync(copy) && readFileSync(source).equals(readFileSync(copy))
}

export function listPublicTexts(output: string, prefix: string): PublicText[] {
  const capabilities = posix.join(prefix.slice(1))
  return readdirSync(output, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    if (!entry.isFile() || !TEXT.test(entry.name)) return []
    const file = posix.relative(output, posix.join(entry.parentPath, entry.name))
    if (file.startsWith(capabilities)) return []
    return [{ folder: posix.dirname(file), text: readFileSync(join(output, file), 'utf8') }]
  })
}
