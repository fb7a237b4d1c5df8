import type { PublicSource } from './audit-input.ts'
import { cluesOfPath, type Evidence } from './evidence.ts'
import type { Grounds } from './grounds.ts'
import { explainByPath, groundsOfPage, groundsOfSource } from './public-words.ts'
import type { Sieve } from './sieve.ts'
import { isLeft, wholeOf, type Trace, type Traces } from './traces.ts'

export interface PublishedWordsOptions {
  readonly evidence: Evidence
  readonly sieve: Sieve
  readonly sources: readonly PublicSource[]
  /** Hosts of the site. */
  readonly hosts: readonly string[] | undefined
  /** The text of a page of the output. */
  readonly textOf: (page: string) => string
}

/**
 * What public sources say is no secret. Most sources are read in full only if a page of theirs may have something of
 * the evidence: what no file of the output has, no source has to explain.
 */
export class PublishedWords {
  readonly #options: PublishedWordsOptions
  readonly #printed = new Map<string, Grounds>()
  /** Sources that are not yet read in full. */
  readonly #unread: Set<PublicSource>
  /** Files of the output in which nothing was seen. */
  readonly #blank = new Set<string>()
  /** What stands in the others, and in their names. */
  readonly #seen = new Map<string, Traces[]>()
  /** What may be a finding somewhere. */
  readonly #needed = new Set<Trace>()
  /** Some file can only be read by the full search: then anything may be one. */
  #isAllNeeded = false
  #hasTerms = false

  constructor(options: PublishedWordsOptions) {
    this.#options = options
    const { evidence, sources, hosts } = options
    for (const source of sources) {
      explainByPath(evidence, source.path)
      // What need not stand in a page explains all.
      if (source.pages === undefined) groundsOfSource(evidence, source, hosts).explain(evidence)
    }
    this.#unread = new Set(sources.filter(({ pages }) => pages !== undefined))
  }

  /** Learns what a file of the output, or its name, may have. */
  see(path: string, traces: Traces): void {
    this.#isAllNeeded ||= traces.isOpaque
    for (const trace of traces.strong) this.#needed.add(wholeOf(trace))
    if (traces.weak.size === 0 && !traces.isOpaque) {
      if (!this.#seen.has(path)) this.#blank.add(path)
      return
    }
    this.#blank.delete(path)
    this.#seen.set(path, [...(this.#seen.get(path) ?? []), traces])
  }

  /** The same of the name of a file. */
  seeName(path: string): void {
    const { evidence, sieve } = this.#options
    const traces = sieve.look(path, false)
    const clues = new Set(cluesOfPath(evidence, path))
    this.see(path, {
      ...traces,
      strong: new Set([...clues, ...traces.strong]),
      weak: new Set([...[...clues].map(wholeOf), ...traces.weak]),
    })
  }

  /** Lets the sources explain what was seen so far. */
  explain(): void {
    // A layout first: it explains what stands on many pages.
    const sources = [...this.#unread].sort((one, other) => countOf(other) - countOf(one))
    for (const source of sources) {
      const pages = source.pages?.filter((page) => this.#mayExplain(page)) ?? []
      if (pages.length > 0) this.#read(source, pages)
    }
    if (this.#isAllNeeded || this.#needsEdges()) this.#settle()
  }

  /** Lets them explain what there is of some posts, whether it was seen or not. */
  explainPosts(posts: ReadonlySet<string>): void {
    for (const trace of this.#options.evidence.tracesOf(posts)) this.#needed.add(trace)
    this.explain()
    this.explainTerms()
  }

  /** Lets the sources explain words that an index may have. */
  explainTerms(): void {
    if (this.#hasTerms) return
    this.#hasTerms = true
    const { evidence, sieve, hosts } = this.#options
    for (const source of this.#unread) {
      if (source.isCopied === true || sieve.explainTerms(source.text)) continue
      groundsOfSource(evidence, source, hosts)
    }
  }

  #needsEdges(): boolean {
    const keys = this.#options.evidence.edges.keys()
    return [...this.#needed].some((trace) => typeof trace === 'number' && keys.has(trace))
  }

  #mayExplain(page: string): boolean {
    if (this.#blank.has(page)) return false
    const seen = this.#seen.get(page)
    if (seen === undefined) return this.#isAllNeeded || this.#needed.size > 0
    return seen.some(
      ({ weak, isOpaque }) =>
        isOpaque ||
        [...weak].some(
          (trace) =>
            (this.#isAllNeeded || this.#needed.has(trace)) && isLeft(this.#options.evidence, trace),
        ),
    )
  }

  #read(source: PublicSource, pages: readonly string[]): void {
    const { evidence, hosts } = this.#options
    this.#unread.delete(source)
    const grounds = groundsOfSource(evidence, source, hosts)
    for (const page of pages) {
      if (grounds.isEmpty) break
      grounds.take(this.#groundsOf(page)).explain(evidence)
    }
  }

  #groundsOf(page: string): Grounds {
    const { evidence, textOf } = this.#options
    const known = this.#printed.get(page)
    const grounds = known ?? groundsOfPage(evidence, page, textOf(page))
    if (!known) this.#printed.set(page, grounds)
    return grounds
  }

  /** Runs across an edge are explained by pieces of them, which may stand in any source. */
  #settle(): void {
    const { evidence, hosts } = this.#options
    for (const source of this.#unread) groundsOfSource(evidence, source, hosts)
    evidence.settle()
  }
}

function countOf({ pages = [] }: PublicSource): number {
  return pages.length
}
