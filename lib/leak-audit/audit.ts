/**
 * The leak audit: does anything private stand in anything public?
 *
 * It reads every file of an output folder, whatever made it, and looks for two sorts of things.
 * *Secrets* (tokens, placeholders) may stand nowhere but in their own folder. *Words* of private
 * posts may stand in no public file; and because words are common property, a word is evidence only if
 *
 * - it is long enough to be no accident: eight words of the text in a row, a title of two words or a
 *   long one (a short one counts where it is the whole of an element, an attribute or a string), a
 *   name that is a whole segment of a path, a text of the front matter, a recipient, a number; and
 * - no *published* source of the site has it. What the author wrote in public explains itself; a backup,
 *   a draft, or data that no page prints explain nothing.
 *
 * Case, accents, quotes, dashes, line breaks, markup and escapes make no difference. In the folder of
 * a capability URL only secrets are looked for: its own text belongs there.
 *
 * 1. {@link auditOutput} – the walk over the output, file by file
 * 2. `Evidence` (evidence.ts) – what would betray a post; from words.ts, phrases.ts, source-text.ts,
 *    values.ts, mail-spellings.ts, numbers.ts, places.ts, codes.ts, glued.ts, terms.ts
 * 3. `groundsOfSource` (public-words.ts, grounds.ts) – what a published source has, and one of its pages prints,
 *    is no evidence; edges.ts
 * 4. `createFileAudit` (file-audit.ts) – one file; its text from output-files.ts, zip.ts, media-text.ts
 * 5. `searchText` (text-search.ts) – the evidence in a text; from markup.ts, escapes.ts, path-runs.ts,
 *    packed-text.ts, rewritten-text.ts, nested-terms.ts
 * 6. `findTokens` (tokens.ts) – the secrets; `ForeignSecrets` (foreign-secrets.ts) – those of others
 * 7. `MediaWatch` (media.ts) – pictures and other files that only private sources name
 * 8. `Finding`, `createExceptionRule` (finding.ts) – what is said of it, and what the author lets pass;
 *    `describeLeaks` (leak-sentences.ts) – the same for people
 * 9. `describeSubjects` (subjects.ts) – all this for the sources of a folder
 *
 * @module
 */
import { redactSecrets } from '../web/redaction.ts'
import type { AuditInput } from './audit-input.ts'
import { isExplained } from './clue.ts'
import { cluesOfPath, Evidence } from './evidence.ts'
import { capabilityOf, createFileAudit, type Report } from './file-audit.ts'
import { createExceptionRule, sortFindings, type Finding } from './finding.ts'
import { ForeignSecrets } from './foreign-secrets.ts'
import { MediaWatch } from './media.ts'
import type { Grounds } from './grounds.ts'
import { listOutputFiles, readOutputFile } from './output-files.ts'
import { withoutExtension } from './path-runs.ts'
import { explainByAddress, explainByPath, groundsOfPage, groundsOfSource } from './public-words.ts'
import { searchWords } from './text-search.ts'
import { wordsOf } from './words.ts'

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
  const paths = input.files ?? (await listOutputFiles(input.output))
  const open = paths.filter((path) => !capabilityOf(path, input.prefix))
  const media = await MediaWatch.open(input.output, open, input.media ?? [])
  const foreign = new ForeignSecrets(input.foreign, paths, input.publicSources)
  const evidence = await gatherEvidence(input, media)
  const withMedia = new Set(input.media?.map(({ post }) => post))
  input.onUnsearchable?.(evidence.unsearchable().filter(({ post }) => !withMedia.has(post)))
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
  for (const { path, post, line, seen } of foreign.left()) {
    reportOf(path)('foreign-secret', post, line, seen)
  }
  return sortFindings(findings.values())

  function reportOf(path: string): Report {
    let shown: string | undefined
    return (kind, post, line, seen) => {
      if (isException(path, { kind, post })) return
      input.onLeak?.(path)
      shown ??= showPath(evidence, path)
      const source = input.pages?.get(path)
      const finding = {
        ...{ file: shown, line, kind, post },
        ...(seen !== undefined && { seen }),
        // A secret of somebody else's is told by its source instead of a post.
        ...(source !== undefined && kind !== 'foreign-secret' && { source }),
        ...(source === undefined && input.isLeft?.(path) === true && { isLeft: true as const }),
      }
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

/** What private posts have and public sources have not. */
async function gatherEvidence(
  { posts, publicNaturalPaths, ...input }: AuditInput,
  media: MediaWatch,
): Promise<Evidence> {
  const evidence = new Evidence(posts)
  if (posts.length === 0) return evidence
  for (const path of publicNaturalPaths) explainByAddress(evidence, path)
  for (const hash of input.publicFiles ?? []) evidence.attachments.delete(hash)
  const printed = new Map<string, Grounds>()
  for (const source of input.publicSources) {
    const { path, text, pages } = source
    explainByPath(evidence, path)
    media.readSource(path, text)
    const grounds = groundsOfSource(evidence, source, input.hosts)
    if (pages === undefined) grounds.explain(evidence)
    for (const page of pages ?? []) {
      if (grounds.isEmpty) break
      const there = printed.get(page) ?? (await readGrounds(page))
      printed.set(page, there)
      grounds.take(there).explain(evidence)
    }
  }
  evidence.settle()
  return evidence

  async function readGrounds(page: string): Promise<Grounds> {
    const { text } = await readOutputFile(input.output, page)
    return groundsOfPage(evidence, page, text)
  }
}

/** The path of a file as it may be shown: names that are private themselves are cut short. */
function showPath(evidence: Evidence, path: string): string {
  const names = redactSecrets(path).split('/')
  return names.map((name) => (betrays(evidence, name) ? `${name.slice(0, 2)}…` : name)).join('/')
}

/** Whether a name says more of a post than its input path does, which every finding tells. */
function betrays(evidence: Evidence, name: string): boolean {
  const posts = cluesOfPath(evidence, name).flatMap((clue) => (isExplained(clue) ? [] : clue.post))
  searchWords(evidence, wordsOf(name), ({ post }) => posts.push(post))
  return posts.some((post) => !post.includes(withoutExtension(name)))
}
