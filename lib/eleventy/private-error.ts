import { relative } from 'node:path'
import { inputPathOf } from './eleventy-config.ts'

/** What is known of the site's files when a build fails. */
export interface ErrorContext {
  readonly cwd: string
  /** Private posts that this build has seen. */
  readonly privatePaths: readonly string[]
  /** Whether a file that this build has not classified yet may be private. */
  readonly mayBePrivate: (path: string) => boolean
  readonly readSource: (path: string) => string | undefined
}

/** Something of Eleventy, a template language or the site that went wrong. */
interface Failure extends Error {
  readonly originalError?: unknown
  /** Where the parser of YAML stopped. */
  readonly mark?: { readonly line?: number }
  readonly reason?: string
}

interface Place {
  readonly file: string
  /** Counted from 1, in the file; `undefined` if the template language does not tell. */
  readonly line: number | undefined
}

const REMEDY =
  'What the error says is not shown, because the post is private and others may read build logs. To do: look there; on your own machine, PRIVATE_POSTS_SHOW_ERRORS=1 shows the whole error.'
/** How Eleventy names the template that an error is about. */
const SUBJECTS = [
  /^Having trouble (?:reading front matter from|compiling|rendering .*?) template (.+)$/m,
  /^Having trouble writing to .* from "(.+)"$/m,
  /^Having trouble building "(.+)"$/m,
  /^Having trouble parsing data file (.+)$/m,
  /^Error generating template page\(s\) for (.+)\.$/m,
  /^There was a problem importing '(.+?)' via /m,
  /encountered an error when transforming (.+)\.$/m,
  /^Problem creating an Eleventy Layout for the "(.+)" template file/m,
  /\bin (?:virtual )?template: (.+?)\. Received: /m,
  /\bis invalid for (.+?)(?:\. Expected .*)?$/m,
]
/** What failed, by the message of the error that says so. Names of filters and the like are code. */
const KINDS: readonly (readonly [pattern: RegExp, kind: string])[] = [
  [/^Having trouble reading front matter/, 'its front matter cannot be read'],
  [/^Having trouble parsing data file/, 'its data cannot be read'],
  [/^There was a problem importing/, 'it cannot be imported'],
  [/^Transform `([\w-]+)`/, 'the transform "$1" failed'],
  [/Error in Nunjucks (Filter|Shortcode) `([\w-]+)`/, 'the $1 "$2" failed'],
  [/^Error with Nunjucks (?:paired )?shortcode `([\w-]+)`/, 'the shortcode "$1" failed'],
  [/^Problem creating an Eleventy Layout/, 'its layout cannot be used'],
  [/^Having trouble compiling/, 'the template cannot be compiled'],
  [/^Having trouble rendering/, 'the template cannot be rendered'],
]
/** Names of errors that say what kind of fault it is; any other may be made of the post's text. */
const KNOWN_NAME =
  /^(?:Type|Reference|Syntax|Range|URI|Parse|Render|Tokenization|UndefinedVariable|Assertion)Error$|^YAMLException$/
const MAX_CHAIN = 12

/**
 * Says what failed in a private post: path, line and kind, and no word of the post.
 *
 * @returns `undefined` if the error is about nothing private.
 */
export function explainPrivateError(error: unknown, context: ErrorContext): string | undefined {
  const chain = errorChain(error)
  const path = privatePath(chain, context)
  const thrown = codePlace(chain, context.cwd)
  if (path === undefined) {
    if (namesPage(chain) || !quotesPrivate(chain, context)) return undefined
    return `An error that names no page${thrown ? `, thrown in ${describePlace(thrown)}` : ''}. It has words of a private post in it. ${REMEDY}`
  }
  const place = placeOf(chain, path, context)
  const where =
    place?.file === path && place.line !== undefined ? `${path}, line ${place.line}` : path
  const layout = place && place.file !== path ? `in ${describePlace(place)}` : undefined
  const details = [nameOf(chain), layout, thrown && `thrown in ${describePlace(thrown)}`]
  const told = details.filter((detail) => detail !== undefined).join(', ')
  return `${where}: ${kindOf(chain)}${told === '' ? '' : ` (${told})`}. ${REMEDY}`
}

/** An error and those that it wraps, the innermost last. */
export function errorChain(error: unknown): Failure[] {
  const chain: Failure[] = []
  for (let next = error; next instanceof Error && chain.length < MAX_CHAIN;) {
    const failure: Failure = next
    if (chain.includes(failure)) break
    chain.push(failure)
    next = failure.originalError ?? failure.cause
  }
  return chain
}

function privatePath(chain: readonly Failure[], context: ErrorContext): string | undefined {
  const texts = chain.map(({ message }) => String(message))
  const named = context.privatePaths.find((path) => texts.some((text) => names(text, path)))
  if (named !== undefined) return named
  const subjects = texts.flatMap((text) =>
    SUBJECTS.flatMap((pattern) => pattern.exec(text)?.[1] ?? []),
  )
  const code = codePlace(chain, context.cwd)?.file
  return [...subjects.map(inputPathOf), ...(code === undefined ? [] : [code])].find((path) =>
    context.mayBePrivate(path),
  )
}

function namesPage(chain: readonly Failure[]): boolean {
  return chain.some(({ message }) => SUBJECTS.some((pattern) => pattern.test(message)))
}

/** An error without a page may come from any: its words decide, those apart that stand in the code. */
function quotesPrivate(chain: readonly Failure[], context: ErrorContext): boolean {
  const code = codePlace(chain, context.cwd)?.file
  const known = wordsOf(code === undefined ? '' : (context.readSource(code) ?? ''))
  const said = chain.flatMap(({ message }) => [...wordsOf(message)])
  const open = said.filter((word) => !known.has(word))
  return context.privatePaths.some((path) => {
    const words = wordsOf(context.readSource(path) ?? '')
    return open.some((word) => words.has(word))
  })
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu))
}

function names(text: string, path: string): boolean {
  for (let at = text.indexOf(path); at !== -1; at = text.indexOf(path, at + 1)) {
    const before = text.slice(0, at).replace(/\.\/$/, '').at(-1) ?? ' '
    const after = text.at(at + path.length) ?? ' '
    if (!/[\w/.-]/.test(before) && !/[\w/-]/.test(after)) return true
  }
  return false
}

function kindOf(chain: readonly Failure[]): string {
  for (const [pattern, kind] of KINDS) {
    const found = chain.map(({ message }) => pattern.exec(message)).find((match) => match !== null)
    if (found)
      return kind.replace(/\$(\d)/g, (_, group) => (found[Number(group)] ?? '').toLowerCase())
  }
  return 'its page cannot be built'
}

function nameOf(chain: readonly Failure[]): string | undefined {
  const last = chain.at(-1)
  if (!last || !KNOWN_NAME.test(last.name)) return undefined
  // The parser of YAML quotes what it does not know; what stands before the quotes are its own words.
  const reason =
    last.name === 'YAMLException' ? /^[a-z ,-]+/.exec(last.reason ?? '')?.[0] : undefined
  return reason === undefined ? last.name : `${last.name}: ${reason.trim()}`
}

/** Where the template language says that it stopped. */
function placeOf(
  chain: readonly Failure[],
  path: string,
  context: ErrorContext,
): Place | undefined {
  for (const failure of [...chain].reverse()) {
    const yaml = failure.mark?.line
    if (failure.name === 'YAMLException' && yaml !== undefined)
      return { file: path, line: yaml + 1 }
    const liquid = /, file:(.+?), line:(\d+), col:\d+/.exec(failure.message)
    const nunjucks = /^\((.+?)\)(?: \[Line (\d+), Column \d+\])?$/m.exec(failure.message)
    const [, name = '', line] = liquid ?? nunjucks ?? []
    const file = inputPathOf(name)
    const source = file === '' ? undefined : context.readSource(file)
    if (source === undefined) continue
    const above = /^---[^\n]*\n(?:[^]*?\n)?---[^\n]*\n/.exec(source)?.[0].split('\n').length ?? 1
    // Nunjucks counts from 0 when it renders, and from 1 when it compiles.
    const first = nunjucks && failure !== chain.at(-1) ? 0 : 1
    const at = line === undefined ? undefined : Number(line) - first + above
    // A value of the data, rendered as a template: its lines are not those of the file.
    const isElsewhere =
      liquid && at !== undefined && !/\{[{%]/.test(source.split('\n')[at - 1] ?? '')
    return { file, line: isElsewhere ? undefined : at }
  }
  return undefined
}

/** The first line of the site's own code in the stack of the innermost error. */
function codePlace(chain: readonly Failure[], cwd: string): Place | undefined {
  const stack = chain.at(-1)?.stack ?? ''
  for (const line of stack.split('\n')) {
    const [, file, number] =
      /^(?:\s+at .*?\(?(?:file:\/\/)?)?(\/[^():]+):(\d+)(?::\d+)?\)?$/.exec(line) ?? []
    if (file === undefined || number === undefined) continue
    const path = relative(cwd, decodeURI(file))
    if (path.startsWith('..') || path.includes('node_modules')) continue
    return { file: path, line: Number(number) }
  }
  return undefined
}

function describePlace({ file, line }: Place): string {
  return line === undefined ? file : `${file}, line ${line}`
}
