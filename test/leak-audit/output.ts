import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { auditOutput } from '../../lib/leak-audit/audit.ts'
import type { AuditInput, PublicSource } from '../../lib/leak-audit/audit-input.ts'
import type { AuditedPost } from '../../lib/leak-audit/evidence.ts'
import type { Finding } from '../../lib/leak-audit/finding.ts'
import { sha256 } from '../../lib/leak-audit/output-files.ts'

export type Files = Readonly<Record<string, string | Buffer>>

/** What a test says of a site; everything else is empty. */
export interface AuditedSite extends Partial<
  Omit<AuditInput, 'output' | 'posts' | 'publicSources'>
> {
  readonly output: Files
  readonly publicSources?: Readonly<Record<string, string | Buffer | Omit<PublicSource, 'path'>>>
  readonly posts?: readonly (Partial<AuditedPost> & { readonly post: string })[]
}

/** Audits an output folder that is written for the occasion. */
export async function audit(t: TestContext, site: AuditedSite): Promise<Finding[]> {
  const { output, posts = [], publicSources = {}, ...input } = site
  return auditOutput({
    prefix: '/p/',
    publicNaturalPaths: [],
    ...input,
    output: writeFolder(t, output),
    posts: posts.map((post) => ({
      ...{ slugs: [], naturalPaths: [], tags: [], text: '', attachments: [] },
      ...post,
    })),
    publicSources: Object.entries(publicSources).map(([path, source]) =>
      isContent(source) ? { path, text: source.toString() } : { path, ...source },
    ),
    publicFiles: new Set(
      Object.values(publicSources).flatMap((source) =>
        isContent(source) ? sha256(Buffer.from(source)) : [],
      ),
    ),
  })
}

function isContent(source: string | Buffer | object): source is string | Buffer {
  return typeof source === 'string' || Buffer.isBuffer(source)
}

export function writeFolder(t: TestContext, files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'private-posts-audit-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}
