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
 * 5. `Sieve` (sieve.ts) – which files may have any evidence at all, and which sources are read because of it
 *    (published-words.ts); only such files are searched by
 *    `searchText` (text-search.ts) – the evidence in a text; from markup.ts, escapes.ts, path-runs.ts,
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
import { capabilityOf, createFileAudit, searchedText, type Report } from './file-audit.ts'
import { createExceptionRule, sortFindings, type Finding, type FindingKind } from './finding.ts'
import { ForeignSecrets } from './foreign-secrets.ts'
import { MediaWatch } from './media.ts'
import { listOutputFiles, readOutputFile, type OutputFile } from './output-files.ts'
import { withoutExtension } from './path-runs.ts'
import { explainByAddress } from './public-words.ts'
import { PublishedWords } from './published-words.ts'
import { Sieve } from './sieve.ts'
import { searchWords } from './text-search.ts'
import { isLeft, type Traces } from './traces.ts'
import { wordsOf } from './words.ts'

/** Files that have to be searched are kept that long, so that none is read twice. */
const KEPT_BYTES = 64 * 1024 * 1024

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
  const kept = new Map<string, OutputFile>()
  const read = (path: string) => kept.get(path) ?? readOutputFile(input.output, path)

  const evidence = gatherEvidence(input, media)
  const sieve = new Sieve(evidence)
  const published = new PublishedWords({
    ...{ evidence, sieve, hosts: input.hosts, textOf: (page) => read(page).text },
    sources: input.posts.length > 0 ? input.publicSources : [],
  })
  const audit = createFileAudit(input, evidence, paths)
  const leaks: Leak[] = []
  const suspects = new Map<string, Traces>()
  const named: string[] = []
  let keptBytes = 0

  for (const path of paths) {
    const file = read(path)
    const isOpen = audit.findSecrets(file, reportOf(path))
    if (!file.isMedia && !capabilityOf(path, input.prefix)) {
      media.readOutput(path, file.text)
      foreign.readOutput(path, file.text)
    }
    if (input.posts.length === 0) continue
    published.seeName(path)
    if (isOpen) named.push(path)
    const traces = isOpen ? look(file) : undefined
    if (traces) published.see(path, traces)
    if (!traces || !mayHave(evidence, traces)) continue
    suspects.set(path, traces)
    keptBytes += file.bytes.length
    if (keptBytes < KEPT_BYTES) kept.set(path, file)
  }
  published.explain()
  const silent = evidence.withoutSentence()
  if (silent.size > 0) published.explainPosts(silent)
  const withMedia = new Set(input.media?.map(({ post }) => post))
  input.onUnsearchable?.(evidence.unsearchable().filter(({ post }) => !withMedia.has(post)))

  for (const path of named) audit.findInPath(path, reportOf(path))
  for (const [path, traces] of suspects) {
    if (mayHave(evidence, traces)) audit.findWords(read(path), reportOf(path))
  }
  for (const [path, post] of media.left) reportOf(path)('media', post, 0)
  for (const { path, post, line, seen } of foreign.left()) {
    reportOf(path)('foreign-secret', post, line, seen)
  }
  return findingsOf(leaks)

  /** What the words of a file may tell. */
  function look(file: OutputFile): Traces | undefined {
    const { text, isData } = file.isMedia
      ? { text: file.caption, isData: true }
      : searchedText(file)
    if (isData && text !== '' && evidence.terms.size > 0) published.explainTerms()
    const traces = sieve.look(text, isData)
    if (file.isMedia || file.caption === '') return traces
    const { strong, weak, isOpaque, isIndex } = sieve.look(file.caption, true)
    return {
      strong: new Set([...traces.strong, ...strong]),
      weak: new Set([...traces.weak, ...weak]),
      isOpaque: traces.isOpaque || isOpaque,
      isIndex: traces.isIndex || isIndex,
    }
  }

  function reportOf(path: string): Report {
    return (kind, post, line, seen) => {
      if (isException(path, { kind, post })) return
      leaks.push({ path, kind, post, line, seen })
    }
  }

  function findingsOf(all: readonly Leak[]): Finding[] {
    const found = new Map<string, Finding>()
    const shown = new Map<string, string>()
    for (const { path, kind, post, line, seen } of all) {
      input.onLeak?.(path)
      const file = shown.get(path) ?? showPath(evidence, path)
      shown.set(path, file)
      const source = input.pages?.get(path)
      const finding = {
        ...{ file, line, kind, post },
        ...(seen !== undefined && { seen }),
        // A secret of somebody else's is told by its source instead of a post.
        ...(source !== undefined && kind !== 'foreign-secret' && { source }),
        ...(source === undefined && input.isLeft?.(path) === true && { isLeft: true as const }),
      }
      found.set(JSON.stringify(finding), finding)
    }
    return sortFindings(found.values())
  }
}

/** A finding before it is known how its file may be called. */
interface Leak {
  readonly path: string
  readonly kind: FindingKind
  readonly post: string
  readonly line: number
  readonly seen: string | undefined
}

/** Whether there is anything left that the full search may find. */
function mayHave(evidence: Evidence, { strong, isOpaque, isIndex }: Traces): boolean {
  return isOpaque || isIndex || [...strong].some((trace) => isLeft(evidence, trace))
}

/** What private posts have. */
function gatherEvidence(
  { posts, publicNaturalPaths, publicFiles = new Set(), publicSources }: AuditInput,
  media: MediaWatch,
): Evidence {
  const evidence = new Evidence(posts)
  if (posts.length === 0) return evidence
  for (const path of publicNaturalPaths) explainByAddress(evidence, path)
  for (const hash of publicFiles) evidence.attachments.delete(hash)
  for (const { path, text } of publicSources) media.readSource(path, text)
  return evidence
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
