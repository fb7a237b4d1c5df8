/**
 * The leak audit: does anything private stand in anything public?
 *
 * It reads every file of an output folder, whatever made it, and looks for two sorts of things.
 * *Secrets* (tokens, placeholders) may stand nowhere but in their own folder. *Words* of private
 * posts may stand in no public file; and because words are common property, a word is evidence only if
 *
 * - it is long enough to be no accident: eight words of the text in a row, a title of two words or a
 *   long one (a short one counts where it is the whole of an element, an attribute or a string), a
 *   name that is a whole segment of a path; and
 * - no public source of the site has it. What the author wrote in public explains itself.
 *
 * Case, accents, quotes, dashes, line breaks, markup and escapes make no difference. In the folder of
 * a capability URL only secrets are looked for: its own text belongs there.
 *
 * 1. {@link auditOutput} – the walk over the output, file by file
 * 2. `Evidence` (evidence.ts) – what would betray a post; from words.ts, phrases.ts, source-text.ts
 * 3. `explainByText` (public-words.ts) – what public sources explain is no evidence
 * 4. `searchText` (text-search.ts) – the evidence in a text; from markup.ts, escapes.ts, path-runs.ts
 * 5. `findTokens` (tokens.ts) – the secrets; `ForeignSecrets` (foreign-secrets.ts) – those of others
 * 6. `Finding`, `createExceptionRule` (finding.ts) – what is said of it, and what the author lets pass
 * 7. `MediaWatch` (media.ts) – pictures and other files that only private sources name
 * 8. `describeSubjects` (subjects.ts) – all this for the sources of a folder
 *
 * @module
 */
import { isFolderIndex } from '../web/folder-index.ts'
import { cluesOfPath, Evidence, type AuditedPost } from './evidence.ts'
import {
  createExceptionRule,
  sortFindings,
  UNKNOWN_POST,
  type AuditException,
  type Finding,
  type FindingKind,
} from './finding.ts'
import { MediaWatch, type NamedMedia } from './media.ts'
import { ForeignSecrets, type ForeignSecretOptions } from './foreign-secrets.ts'
import { isMediaFile, listOutputFiles, readOutputFile, sha256, textOf } from './output-files.ts'
import type { OutputFile } from './output-files.ts'
import { addressOf, withoutExtension } from './path-runs.ts'
import { explainByAddress, explainByPath, explainByText } from './public-words.ts'
import { searchText, searchWords } from './text-search.ts'
import { createPlaceholderSearch, findTokens } from './tokens.ts'
import { wordsOf } from './words.ts'
import { redactSecrets } from '../web/redaction.ts'
import { GATE_NAME_LENGTH, looksLikeToken } from '../web/token-alphabet.ts'

/** A file that the author wrote for everybody. */
export interface PublicSource {
  readonly path: string
  read(): Promise<Buffer>
}

export interface AuditInput {
  /** The output folder. */
  readonly output: string
  /** Where capability URLs lie: `/p/`. */
  readonly prefix: string
  /** Posts by the tokens that open them. Without it, each folder under the prefix is taken for live. */
  readonly liveTokens?: ReadonlyMap<string, string>
  /** Posts by the tokens that opened them once. */
  readonly revokedTokens?: ReadonlyMap<string, string>
  /** Tokens of posts that are public now. Their old addresses lead there, and are no secret. */
  readonly publishedTokens?: ReadonlySet<string>
  /** Recipients by live tokens, `null` where nobody is named: who may read a page may see their other links. */
  readonly readers?: ReadonlyMap<string, string | null>
  /** Those among the tokens that open no folder: they are invitations. */
  readonly invitations?: ReadonlySet<string>
  /** Gated posts by the name that they have behind the gate's prefix. */
  readonly gates?: ReadonlyMap<string, AuditedGate>
  /** Posts by the SHA-256 of files that travel with the deploy, outside the output. */
  readonly deployFiles?: ReadonlyMap<string, string>
  readonly posts: readonly AuditedPost[]
  readonly publicSources: readonly PublicSource[]
  readonly publicNaturalPaths: readonly string[]
  /** Posts by the texts that stand for their addresses during a build. */
  readonly placeholders?: ReadonlyMap<string, string>
  readonly exceptions?: readonly AuditException[]
  /** Files outside of private folders that private sources name. */
  readonly media?: readonly NamedMedia[]
  /** Secret addresses of others are looked for if it is known what is the site's own. */
  readonly foreign?: ForeignSecretOptions
  /** Learns the true path of each file with a finding, below the output folder. */
  readonly onLeak?: (path: string) => void
}

/** A gated post: that it exists, only its readers may know. */
export interface AuditedGate {
  readonly post: string
  readonly readers: ReadonlySet<string | null>
}

/** Our own folder: none of it may be copied into the output. */
const STATE_FOLDER = /(^|\/)\.private-posts\//

/** Files read at once: enough to keep the disk busy, few enough for any limit of open files. */
const FILES_AT_ONCE = 32

/**
 * Looks for anything private in an output folder. What it returns holds neither a secret nor a
 * private word, and is sorted.
 *
 * @throws {ConfigurationError} for an exception without a reason.
 */
export async function auditOutput(input: AuditInput): Promise<Finding[]> {
  const isException = createExceptionRule(input.exceptions ?? [])
  const paths = await listOutputFiles(input.output)
  const open = paths.filter((path) => !capabilityOf(path, input.prefix))
  const media = await MediaWatch.open(input.output, open, input.media ?? [])
  const foreign = new ForeignSecrets(input.foreign, paths, input.publicSources)
  const evidence = await gatherEvidence(input, media)
  const audit = createFileAudit(input, evidence, paths)
  const findings = new Map<string, Finding>()
  const read = (path: string) => readOutputFile(input.output, path)
  for await (const batch of readAll(paths, read)) {
    for (const [, file] of batch) {
      audit(file, reportOf(file.path))
      if (!file.isMedia && !capabilityOf(file.path, input.prefix)) {
        media.readOutput(file.path, file.text)
        foreign.readOutput(file.path, file.text)
      }
    }
  }
  for (const [path, post] of media.left) reportOf(path)('media', post, 0)
  for (const { path, post, line, seen } of await foreign.left()) {
    reportOf(path)('foreign-secret', post, line, seen)
  }
  return sortFindings(findings.values())

  function reportOf(path: string): Report {
    const shown = showPath(evidence, path)
    return (kind, post, line, seen) => {
      if (isException(path, { kind, post })) return
      input.onLeak?.(path)
      const finding = { file: shown, line, kind, post, ...(seen !== undefined && { seen }) }
      findings.set(JSON.stringify(finding), finding)
    }
  }
}

/** Reads the next files while the last ones are looked through. */
async function* readAll<Name, Content>(
  names: readonly Name[],
  read: (name: Name) => Promise<Content>,
): AsyncGenerator<(readonly [Name, Content])[]> {
  const readBatch = (at: number) => {
    const batch = names.slice(at, at + FILES_AT_ONCE)
    return Promise.all(batch.map(async (name) => [name, await read(name)] as const))
  }
  let next = readBatch(0)
  for (let at = 0; at < names.length; at += FILES_AT_ONCE) {
    const batch = await next
    next = readBatch(at + FILES_AT_ONCE)
    // Whoever stops early is told of nothing more.
    next.catch(() => undefined)
    yield batch
  }
}

type Report = (kind: FindingKind, post: string, line: number, seen?: string) => void

/** What private posts have and public sources have not. */
async function gatherEvidence(input: AuditInput, media: MediaWatch): Promise<Evidence> {
  const evidence = new Evidence(input.posts)
  for (const path of input.publicNaturalPaths) explainByAddress(evidence, path)
  for await (const batch of readAll(input.publicSources, (source) => source.read())) {
    for (const [{ path }, bytes] of batch) {
      explainByPath(evidence, path)
      if (evidence.attachments.size > 0) evidence.attachments.delete(sha256(bytes))
      if (isMediaFile(path)) continue
      const text = await textOf(path, bytes)
      explainByText(evidence, text)
      media.readSource(path, text)
    }
  }
  return evidence
}

function createFileAudit(
  input: AuditInput,
  evidence: Evidence,
  paths: readonly string[],
): (file: OutputFile, report: Report) => void {
  const { prefix, liveTokens, revokedTokens, publishedTokens, readers, placeholders } = input
  const { invitations, deployFiles } = input
  const folders = new Set(paths.flatMap((path) => capabilityOf(path, prefix)?.token ?? []))
  const unknown = [...folders].map((token) => [token, UNKNOWN_POST] as const)
  const tokens = new Map([...unknown, ...fold(revokedTokens), ...fold(liveTokens)])
  for (const token of publishedTokens ?? []) tokens.delete(token.toLowerCase())
  const standing = new Set([
    ...fold(liveTokens).flatMap(([token]) => (invitations?.has(token) ? [] : token)),
    ...(publishedTokens ?? []),
  ])
  const isDead = (token: string) => liveTokens !== undefined && !standing.has(token)
  const revoked = new Set(fold(revokedTokens).map(([token]) => token))
  const readerOf = new Map(fold(readers))
  const findPlaceholders = createPlaceholderSearch(placeholders ?? new Map())
  const gates = new Map([...(input.gates ?? [])].map(([name, { post }]) => [name, post]))
  const mayKnow = (gate: string, reader: string | null | undefined) =>
    reader !== undefined && input.gates?.get(gate)?.readers.has(reader) === true

  return function audit({ path, bytes, text, isMedia }, report) {
    const capability = capabilityOf(path, prefix)
    for (const { token, post } of findTokens(path, tokens)) {
      if (token !== capability?.token) report('token', post, 0)
    }
    for (const { token, post, line } of findTokens(text, tokens)) {
      // Netlify does not publish this file, and is told in it which links are gone.
      const isRule = path === '_redirects' && revoked.has(token)
      if (isRule || mayStandIn(capability?.token, token, readerOf)) continue
      report('token', post, line)
    }
    const reader = capability && readerOf.get(capability.token)
    for (const { post } of findTokens(path, gates, GATE_NAME_LENGTH))
      report('gate-address', post, 0)
    for (const { token, post, line } of findTokens(text, gates, GATE_NAME_LENGTH)) {
      if (!mayKnow(token, reader)) report('gate-address', post, line)
    }
    const copied = deployFiles && deployFiles.size > 0 && deployFiles.get(sha256(bytes))
    if (copied || STATE_FOLDER.test(path)) report('deploy-file', copied || UNKNOWN_POST, 0)
    for (const { post } of findPlaceholders(path)) report('placeholder', post, 0)
    for (const { post, line } of findPlaceholders(text)) report('placeholder', post, line)

    if (capability) {
      if (isDead(capability.token)) {
        report('dead-link', tokens.get(capability.token) ?? UNKNOWN_POST, 0)
      }
      return
    }
    // Ours, and the prefix is its path: it says nothing of a post, even if that is called "p" or "robots".
    if (isFolderIndex(bytes)) return
    auditPath(evidence, path, report)
    const attachment = evidence.attachments.size > 0 && evidence.attachments.get(sha256(bytes))
    if (attachment) report('attachment', attachment, 0)
    if (!isMedia) searchText(evidence, text, ({ kind, post, line }) => report(kind, post, line))
  }
}

/** A link to another post may stand where only somebody who has it anyway can read it. */
function mayStandIn(
  place: string | undefined,
  token: string,
  readers: ReadonlyMap<string, string | null>,
): boolean {
  if (place === undefined || place === token) return place === token
  const reader = readers.get(token)
  if (reader === undefined || !readers.has(place)) return false
  return reader === null || reader === readers.get(place)
}

function auditPath(evidence: Evidence, path: string, report: Report): void {
  const post = evidence.files.get(addressOf(path))
  if (post !== undefined) report('natural-path', post, 0)
  for (const clue of cluesOfPath(evidence, path)) {
    if (!clue.isExplained) report(clue.kind, clue.post, 0)
  }
  searchWords(evidence, wordsOf(path), (hit) => report(hit.kind, hit.post, 0))
}

/** The token that a file lies under, if it lies under one. */
function capabilityOf(path: string, prefix: string): { readonly token: string } | undefined {
  const names = path.toLowerCase().split('/')
  const place = prefix.toLowerCase().split('/').filter(Boolean)
  if (!place.every((name, at) => names[at] === name)) return undefined
  const token = names[place.length]
  const isFolder = names.length > place.length + 1
  return token !== undefined && isFolder && looksLikeToken(token) ? { token } : undefined
}

/** The path of a file as it may be shown: names that are private themselves are cut short. */
function showPath(evidence: Evidence, path: string): string {
  const names = redactSecrets(path).split('/')
  return names.map((name) => (betrays(evidence, name) ? `${name.slice(0, 2)}…` : name)).join('/')
}

/** Whether a name says more of a post than its input path does, which every finding tells. */
function betrays(evidence: Evidence, name: string): boolean {
  const posts = cluesOfPath(evidence, name).flatMap((clue) => (clue.isExplained ? [] : clue.post))
  searchWords(evidence, wordsOf(name), ({ post }) => posts.push(post))
  return posts.some((post) => !post.includes(withoutExtension(name)))
}

function fold<Of>(tokens: ReadonlyMap<string, Of> | undefined): (readonly [string, Of])[] {
  return [...(tokens ?? [])].map(([token, of]) => [token.toLowerCase(), of] as const)
}
