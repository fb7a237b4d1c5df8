import { isFolderIndex } from '../web/folder-index.ts'
import { isTombstone } from '../web/tombstone.ts'
import { GATE_NAME_LENGTH, looksLikeToken } from '../web/token-alphabet.ts'
import type { AuditInput } from './audit-input.ts'
import { isExplained } from './clue.ts'
import { cluesOfPath, type Evidence } from './evidence.ts'
import { UNKNOWN_POST, type FindingKind } from './finding.ts'
import { sha256, type OutputFile } from './output-files.ts'
import { addressOf } from './path-runs.ts'
import { searchText, searchWords } from './text-search.ts'
import { createPlaceholderSearch, findTokens } from './tokens.ts'
import { wordsOf } from './words.ts'

/** Our own folder: none of it may be copied into the output. */
const STATE_FOLDER = /(^|\/)\.private-posts\//

const PAGE = /\.(?:x?html?|css|svg)$/i
/** Data that a page brings along for its search. */
const HOLDS_INDEX = /<script[^>]*\bjson\b|\b(?:elastic)?lunr\b|\bminisearch\b|\bflexsearch\b/i

export type Report = (kind: FindingKind, post: string, line: number, seen?: string) => void

/** The two halves of the search through one file. */
export interface FileAudit {
  /** Reports what is secret wherever it stands. Returns whether the file is one that words may not stand in, either. */
  findSecrets(file: OutputFile, report: Report): boolean
  /** Reports the words of posts in the name of a file. */
  findInPath(path: string, report: Report): void
  /** Reports the words of posts in the text. */
  findWords(file: OutputFile, report: Report): void
}

/** Makes the functions that look through one file of the output. */
export function createFileAudit(
  input: AuditInput,
  evidence: Evidence,
  paths: readonly string[],
): FileAudit {
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

  return {
    findSecrets,
    findInPath: (path, report) => auditPath(evidence, path, report),
    findWords(file, report) {
      if (file.caption !== '') {
        searchText(evidence, file.caption, { isData: true }, ({ kind, post }) =>
          report(kind, post, 0),
        )
      }
      if (!file.isMedia) searchFile(evidence, file, report)
    },
  }

  function findSecrets({ path, bytes, text }: OutputFile, report: Report): boolean {
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
      if (isDead(capability.token) && !isTombstone(bytes)) {
        report('dead-link', tokens.get(capability.token) ?? UNKNOWN_POST, 0)
      }
      return false
    }
    // Ours, and the prefix is its path: it says nothing of a post, even if that is called "p" or "robots".
    if (isFolderIndex(bytes)) return false
    // Ours, too: it stands where everybody could read a page, and others were told of it.
    if (isTombstone(bytes)) return false
    const attachment = evidence.attachments.size > 0 && evidence.attachments.get(sha256(bytes))
    if (attachment) report('attachment', attachment, 0)
    return true
  }
}

/** The text in which words of posts are looked for, and whether it is an index rather than a page. */
export function searchedText({ path, text }: Pick<OutputFile, 'path' | 'text'>): {
  readonly text: string
  readonly isData: boolean
} {
  return {
    text: path === '_redirects' ? withoutGone(text) : text,
    isData: !PAGE.test(path) || HOLDS_INDEX.test(text),
  }
}

/** Netlify does not publish the file, and is told in it which pages are gone: others knew them once. */
function withoutGone(rules: string): string {
  return rules.replace(/^\S+ \/410\.html 410$/gm, '')
}

/** The words of a post in an index are worth telling where no sentence of it stands beside them. */
function searchFile(evidence: Evidence, file: OutputFile, report: Report): void {
  const { text, isData } = searchedText(file)
  const told = new Set<string>()
  const indexed = new Map<string, number>()
  searchText(evidence, text, { isData }, ({ kind, post, line }) => {
    if (kind === 'terms') indexed.set(post, line)
    else report(kind, post, line)
    if (kind === 'sentence') told.add(post)
  })
  for (const [post, line] of indexed) if (!told.has(post)) report('terms', post, line)
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
    if (!isExplained(clue)) report(clue.kind, clue.post, 0)
  }
  searchWords(evidence, wordsOf(path), (hit) => report(hit.kind, hit.post, 0))
}

/** The token that a file lies under, if it lies under one. */
export function capabilityOf(path: string, prefix: string): { readonly token: string } | undefined {
  const names = path.toLowerCase().split('/')
  const place = prefix.toLowerCase().split('/').filter(Boolean)
  if (!place.every((name, at) => names[at] === name)) return undefined
  const token = names[place.length]
  const isFolder = names.length > place.length + 1
  return token !== undefined && isFolder && looksLikeToken(token) ? { token } : undefined
}

function fold<Of>(tokens: ReadonlyMap<string, Of> | undefined): (readonly [string, Of])[] {
  return [...(tokens ?? [])].map(([token, of]) => [token.toLowerCase(), of] as const)
}
