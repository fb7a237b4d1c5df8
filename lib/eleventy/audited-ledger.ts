import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { AuditedGate, AuditInput } from '../leak-audit/audit-input.ts'
import { UNKNOWN_POST } from '../leak-audit/finding.ts'
import { sha256 } from '../leak-audit/output-files.ts'
import { linkState, type Ledger } from '../ledger/ledger.ts'
import { ifVanished } from '../web/vanished.ts'

/** The tokens of a ledger as the audit wants them; nothing when it has none, for then all may be live. */
export function auditedTokens(
  ledger: Ledger | undefined,
  now: Date,
): Pick<
  AuditInput,
  'liveTokens' | 'revokedTokens' | 'publishedTokens' | 'invitations' | 'readers'
> {
  const links = Object.values(ledger?.posts ?? {}).flatMap(({ path, publishedAs, links }) =>
    links.map((link) => ({
      token: link.token,
      post: path,
      recipient: link.recipient,
      isInvitation: link.invitation === true,
      // Of those that are not built, a page may be written right now.
      isLive: ['live', 'not-built'].includes(linkState(link, now)),
      isPublished: publishedAs !== undefined && link.revoked?.reason === 'published',
    })),
  )
  if (links.length === 0) return {}
  const postsOf = (some: typeof links) => new Map(some.map(({ token, post }) => [token, post]))
  return {
    liveTokens: postsOf(links.filter(({ isLive }) => isLive)),
    readers: new Map(
      links.flatMap(({ token, recipient, isLive }) =>
        isLive ? [[token, recipient] as const] : [],
      ),
    ),
    revokedTokens: postsOf(links.filter(({ isLive }) => !isLive)),
    publishedTokens: new Set(
      links.flatMap(({ token, isPublished, isInvitation }) =>
        isPublished && !isInvitation ? token : [],
      ),
    ),
    invitations: new Set(links.flatMap(({ token, isInvitation }) => (isInvitation ? token : []))),
  }
}

/** What gated posts are called in their addresses, also of those that were gated once. */
export function auditedGates(ledger: Ledger | undefined): Pick<AuditInput, 'gates'> {
  const gates = new Map<string, AuditedGate>()
  for (const { path, gate, visibility, links } of Object.values(ledger?.posts ?? {})) {
    if (gate === undefined || visibility === 'public') continue
    const live = links.filter(({ revoked }) => !revoked)
    gates.set(gate, { post: path, readers: new Set(live.map(({ recipient }) => recipient)) })
  }
  return { gates }
}

/** Hashes of what travels with the deploy: registers, plans and readers' copies. Attachments are known otherwise. */
export async function auditedDeployFiles(
  folder: string,
  ledger: Ledger | undefined,
): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>()
  const posts = Object.values(ledger?.posts ?? {})
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    ifVanished([]),
  )
  for (const entry of entries) {
    const name = relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')
    if (!entry.isFile() || !/\.(html|json)$/.test(name) || /^gate\/\w+\/files\//.test(name))
      continue
    const bytes = await readFile(join(folder, name)).catch(ifVanished(undefined))
    if (!bytes || bytes.length === 0) continue
    const [, gate] = name.split('/')
    const post = posts.find((record) => record.gate !== undefined && record.gate === gate)
    hashes.set(sha256(bytes), post?.path ?? UNKNOWN_POST)
  }
  return hashes
}
