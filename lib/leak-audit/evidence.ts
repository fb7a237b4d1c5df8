import { bodyParts } from './body-parts.ts'
import { createClue, isExplained, type Clue } from './clue.ts'
import { codesIn } from './codes.ts'
import { EdgeRuns } from './edges.ts'
import { decode, PARTING_NAMES } from './escapes.ts'
import { GluedIndex } from './glued.ts'
import { mailSpellings } from './mail-spellings.ts'
import { NumberIndex, numbersIn } from './numbers.ts'
import { addressOf, pathRun, type PathRun } from './path-runs.ts'
import { PhraseBeginnings, PhraseIndex } from './phrases.ts'
import { PlaceIndex, placesIn } from './places.ts'
import { recipientSpelling } from './recipient-spelling.ts'
import { SegmentIndex } from './segments.ts'
import { TermIndex } from './terms.ts'
import { wholeOf, type Trace } from './traces.ts'
import { partsOfValue, spellingOfUrl, wordOfValue } from './values.ts'
import { SENTENCE_WORDS, WindowIndex } from './windows.ts'
import { foldText, lettered, letteredWords, joinedWords, wordsOf, type Words } from './words.ts'

/** A private post, as far as the audit must know it. */
export interface AuditedPost {
  /** Input path. */
  readonly post: string
  readonly title?: string
  /** Path segments that would name it. */
  readonly slugs: readonly string[]
  /** Output paths that it would have without the plugin. */
  readonly naturalPaths: readonly string[]
  readonly tags: readonly string[]
  /** Its raw body: Markdown, HTML or plain text. */
  readonly text: string
  /** What its front matter says of it in sentences: a description, an excerpt. */
  readonly summaries?: readonly string[]
  /** Other texts of its front matter and data: a place, guests. */
  readonly values?: readonly string[]
  /** Who may read it, as the ledger calls them: profile URLs, `mailto:` addresses, names. */
  readonly recipients?: readonly string[]
  readonly attachments: readonly AuditedAttachment[]
}

interface AuditedAttachment {
  readonly path: string
  readonly sha256: string
}

/** A post that nothing can be found of: other sources say the same, or it says too little. */
export interface UnsearchablePost {
  readonly post: string
  readonly because: 'explained' | 'short'
}

/** A post of three words is no evidence by its text. */
const SHORTEST_TEXT = 4
/** "Invitations" is a word that one may look for; "Dinner" is not. */
const LONG_WORD = 10
const SHORTEST_SLUG = 4
const SHORTEST_TAG = 3

/** Whatever would betray a private post, ready to be looked up. */
export class Evidence {
  readonly windows = new WindowIndex()
  readonly beginnings = new PhraseBeginnings()
  readonly phrases = new PhraseIndex<Clue>(this.beginnings)
  /** Words of path segments that are clues, and of addresses: where these may stand. */
  readonly paths = new PhraseIndex<Clue | string>(this.beginnings)
  readonly glued = new GluedIndex<Clue>()
  readonly numbers = new NumberIndex<Clue>()
  readonly places = new PlaceIndex<Clue>()
  readonly terms = new TermIndex()
  readonly edges = new EdgeRuns()
  readonly segments = new SegmentIndex<Clue>()
  /** By address: the post that would be there. As it may stand in a text. */
  readonly addresses = new Map<string, string>()
  /** By address: the post that would be there. As there may be a file. */
  readonly files = new Map<string, string>()
  /** By SHA-256. */
  readonly attachments = new Map<string, string>()
  /** Longest text, in letters, that a phrase can be the whole of. */
  longestWhole = 0
  /** Whether there is something that a look at words alone cannot see. */
  isWordless = false
  /** Clues that come from what a post says, and not from what its file is called. */
  readonly #words: Clue[] = []
  readonly #texts = new Map<string, { hasWords: boolean }>()

  constructor(posts: readonly AuditedPost[]) {
    for (const post of posts) this.#addPost(post)
  }

  /** To be called when everything public has explained what it can. */
  settle(): void {
    this.edges.settle(this.windows)
  }

  /** Posts that cannot be told by any sentence within a paragraph, or by a file. */
  withoutSentence(): Set<string> {
    const left = new Set([...this.windows.posts(this.edges.keys()), ...this.attachments.values()])
    return new Set([...this.#texts.keys()].filter((post) => !left.has(post)))
  }

  /** All that some posts could be told by. */
  tracesOf(posts: ReadonlySet<string>): Trace[] {
    const clues = this.#words.filter(({ post }) => posts.has(post))
    return [...clues.map(wholeOf), ...this.windows.keysOf(posts)]
  }

  /** Posts of whose words none is left that could be looked for. */
  unsearchable(): UnsearchablePost[] {
    const left = new Set([
      ...this.windows.posts(),
      ...this.#words.flatMap((clue) => (isExplained(clue) ? [] : clue.post)),
      ...this.attachments.values(),
    ])
    return [...this.#texts]
      .filter(([post]) => !left.has(post) && !this.terms.has(post))
      .map(([post, { hasWords }]) => ({ post, because: hasWords ? 'explained' : 'short' }))
  }

  /** Clues among the segments of a path. */
  segmentClues({ segments }: Pick<PathRun, 'segments'>): readonly Clue[] {
    return this.segments.find(segments)
  }

  #addPost({ post, title, slugs, naturalPaths, tags, ...rest }: AuditedPost): void {
    if (rest.attachments.length === 0) this.#texts.set(post, { hasWords: false })
    if (title !== undefined) this.#addTitle(title, post)
    for (const slug of slugs) {
      if (slug.length >= SHORTEST_SLUG) this.#addSegment(slug, createClue('slug', post))
    }
    for (const tag of tags) this.#addTag(tag, post)
    for (const path of naturalPaths) {
      this.files.set(addressOf(path), post)
      // The address of the home page is a lone slash, which stands everywhere.
      if (addressOf(path) !== '') this.#addAddress(addressOf(path), post)
    }
    const texts = [rest.text, ...(rest.summaries ?? [])]
    for (const text of texts) this.#addText(text, post)
    const values = (rest.values ?? []).filter((value) => !rest.summaries?.includes(value))
    for (const value of values) this.#addValue(value, post)
    for (const text of [...texts, ...values]) this.#addNumbers(text, post)
    for (const recipient of rest.recipients ?? []) this.#addRecipient(recipient, post)
    this.terms.add(wordsOf(decode([title ?? '', ...values].join('\n'))), post)
    this.#addPath(post, post)
    for (const { path, sha256 } of rest.attachments) {
      this.#addPath(path, post)
      this.attachments.set(sha256, post)
    }
  }

  #addAddress(address: string, post: string): void {
    this.addresses.set(address, post)
    const words = wordsOf(address)
    this.paths.add(words, address)
    this.isWordless ||= words.length === 0
  }

  #addTitle(title: string, post: string): void {
    const words = wordsOf(decode(title))
    const letters = foldText(title).replace(/[^\p{L}]/gu, '').length
    const isPhrase = (lettered(words) >= 2 && letters >= SHORTEST_TEXT) || letters >= LONG_WORD
    // "January 2026" heads archives: a lone word beside numbers is no evidence at all.
    if (!isPhrase && (lettered(words) !== words.length || Buffer.byteLength(title) < 3)) return
    const clue = { ...createClue('title', post), isWhole: !isPhrase }
    this.#addPhrase(words, clue, title.length)
    if (isPhrase) this.glued.add(joinedWords(words), clue, words.length === 1)
    // Addresses are made without it: `bobs-surprise-party`.
    const plain = title.replace(/(?<=\p{L})['’](?=\p{L})/gu, '')
    if (isPhrase && plain !== title) this.phrases.add(wordsOf(decode(plain)), { ...clue, of: clue })
  }

  /** A text of the front matter: a sentence is looked for like one, a phrase or a name like a title. */
  #addValue(value: string, post: string): void {
    const url = spellingOfUrl(value)
    if (url !== undefined) this.#addSpelling(url, createClue('value', post))
    for (const part of url === undefined ? partsOfValue(value) : []) {
      const words = wordsOf(decode(part))
      if (words.length >= SENTENCE_WORDS) this.#addText(part, post)
      else if (lettered(words) >= 2) {
        const clue = createClue('value', post)
        this.#addPhrase(words, clue, part.length)
        if (/^\S+@\S+$/.test(part)) this.#addMail(part, clue)
        this.glued.add(joinedWords(words), clue, true)
      } else if (wordOfValue(part)) {
        this.#addPhrase(words, { ...createClue('value', post), isWhole: true }, part.length)
      }
    }
  }

  #addRecipient(recipient: string, post: string): void {
    const spelling = recipientSpelling(recipient)
    if (spelling === undefined) return
    const clue = createClue('recipient', post)
    if (spelling.isName) this.phrases.add(wordsOf(spelling.text), clue)
    else this.#addSpelling(spelling.text, clue)
    this.#addMail(spelling.text, clue)
  }

  #addMail(address: string, clue: Clue): void {
    for (const { words, pattern } of mailSpellings(foldText(address))) {
      this.phrases.add(wordsOf(words), { ...clue, pattern, of: clue })
    }
  }

  #addNumbers(text: string, post: string): void {
    for (const digits of numbersIn(text)) {
      const clue = createClue('number', post)
      this.numbers.add(digits, clue)
      this.#remember(clue)
    }
    for (const place of placesIn(text)) {
      const clue = createClue('number', post)
      this.places.add(place, clue)
      this.#remember(clue)
    }
    for (const { text: code, isBeside } of codesIn(foldText(decode(text)))) {
      const clue = createClue('number', post)
      this.#addPhrase(wordsOf(code), isBeside ? { ...clue, isBeside } : clue, 0)
    }
  }

  #addSpelling(text: string, clue: Clue): void {
    this.phrases.add(wordsOf(text), { ...clue, spelling: foldText(text), of: clue })
  }

  #addPhrase(words: Words, clue: Clue, letters: number): void {
    this.phrases.add(words, clue)
    this.#remember(clue)
    if (clue.isWhole) this.longestWhole = Math.max(this.longestWhole, letters)
  }

  #remember(clue: Clue): void {
    this.#words.push(clue)
    const known = this.#texts.get(clue.post)
    if (known) known.hasWords = true
  }

  #addTag(tag: string, post: string): void {
    if (tag.length < SHORTEST_TAG || !/\p{L}/u.test(tag)) return
    const clue = { ...createClue('tag', post), isWhole: true }
    this.#addPhrase(wordsOf(tag), clue, tag.length)
    this.#addSegment(tag, clue)
  }

  #addSegment(text: string, clue: Clue): void {
    if (!/\p{L}/u.test(text)) return
    this.segments.add(text, clue)
    this.paths.add(wordsOf(text), clue)
    // What an entity leaves where it is cut is no word of the text.
    this.isWordless ||= PARTING_NAMES.includes(foldText(text))
  }

  #addPath(path: string, post: string): void {
    this.#addSpelling(path, createClue('input-path', post))
  }

  #addText(text: string, post: string): void {
    const parts = bodyParts(text)
    const isShort = parts.every((part) => part.length < SENTENCE_WORDS)
    for (const part of parts) {
      this.terms.add(part, post)
      if (isShort && lettered(part) >= SHORTEST_TEXT) {
        this.#addPhrase(part, createClue('sentence', post), 0)
      }
      const isWord = letteredWords(part)
      let count = 0
      for (let end = 0; end < part.length; end++) {
        if (isWord[end] === true) count++
        const at = end + 1 - SENTENCE_WORDS
        if (isWord[at - 1] === true) count--
        if (at >= 0 && count >= SHORTEST_TEXT) this.#addRun(part, at, post)
      }
    }
  }

  #addRun(words: Words, at: number, post: string): void {
    this.windows.add(words, at, post)
    if (words.block[at] !== words.block[at + SENTENCE_WORDS - 1]) this.edges.add(words, at)
    const known = this.#texts.get(post)
    if (known) known.hasWords = true
  }
}

/** Clues in a path that stands by itself: a file's name. */
export function cluesOfPath(evidence: Evidence, path: string): readonly Clue[] {
  return evidence.segmentClues(pathRun(path))
}
