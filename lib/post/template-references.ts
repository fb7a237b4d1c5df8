/** What a template names of other files. */
export interface References {
  /** Layouts, includes, components and modules, as they are written; a folder ends in a slash. */
  readonly parts: readonly string[]
  /** Keys of data, as dotted paths: `site`, `site.author`. */
  readonly names: readonly string[]
}

/** Nothing but code: names stand in it without any marks around them. */
const ALL_CODE = /\.(?:11ty\.[cm]?[jt]sx?|[cm]?[jt]sx?|webc|vue|pug|haml|slim)$/i
/** Template syntax, where it is not the whole file. */
const SYNTAX = /\{\{[^]*?\}\}|\{%[^]*?%\}|<%[^]*?%>|\$\{[^]*?\}/g
const COMMENT =
  /\{#(?![\w-]+\})[^]*?#\}|\{%-?\s*comment\s*-?%\}[^]*?\{%-?\s*endcomment\s*-?%\}|\{\{!--[^]*?--\}\}|<%#[^]*?%>/g
const PART_TAG =
  /\b(?:include|includes|render|renderFile|renderTemplate|extends|import|from|layout|require|partial)\b([^;{}%\n]{0,300})/g
const QUOTED = /(["'`])((?:(?!\1)[^\\\n]){1,200})\1/g
/** `{% include header %}`, `{{> header }}`, `include header` in Pug, `<my-card>` in WebC. */
const BARE_PART =
  /\{%-?\s*(?:include|render)\s+([\w./-]+)|\{\{#?>\s*["']?([\w./@-]+)|^[ \t]*(?:include|extends)[ \t]+([\w./-]+)[ \t]*$|<([a-z]\w*-[\w-]*)|\bwebc:(?:is|import)="([^"]+)"/gm
const PATH_OF_NAMES = /[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*|\[["'][^"'\]]+["']\])*/g
const NAME = /[A-Za-z_$][\w$]*/g
const PAGINATED = /(?:^|[{,])\s*["']?data["']?\s*:\s*["']?([A-Za-z_$][\w$.]*)/gm

const JAVASCRIPT = /\.[cm]?[jt]sx?$/i
const CODE_COMMENT =
  /("(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'|`(?:[^`\\]|\\[^])*`)|\/\/[^\n]*|\/\*[^]*?\*\//g
const FRONT_MATTER = /^\uFEFF?---[^\n]*\n[^]*?\n---/
const YAML_COMMENT = /^[ \t]*#.*$/gm
const BRANCH = /\{%-?\s*(if|unless|elsif|elseif|elif|else|endif|endunless)\b([^%]*?)-?%\}/g
/** Conditions that hold on no public page. */
const NEVER = /^\s*(?:false|nil|none|null|(?:\w+\.)?isPrivate)\s*$/

/** A source without what no public page prints: comments, and branches that are never taken there. */
export function withoutUnprinted(path: string, text: string): string {
  if (JAVASCRIPT.test(path)) return withoutCodeComments(text)
  const plain = withoutYamlComments(text)
  if (!/\{[#%{]|<%/.test(plain)) return plain
  return withoutDeadBranches(plain.replace(COMMENT, ' '))
}

/** The text itself where there are none, as in most sources: a copy of each would fill the memory. */
function withoutYamlComments(text: string): string {
  const head = FRONT_MATTER.exec(text)?.[0] ?? ''
  const left = head.replace(YAML_COMMENT, '')
  return left === head ? text : left + text.slice(head.length)
}

/** Comments of JavaScript. What stands in its strings stays. */
export function withoutCodeComments(text: string): string {
  return text.replace(CODE_COMMENT, (_, string?: string) => string ?? ' ')
}

function withoutDeadBranches(text: string): string {
  let printed = ''
  let from = 0
  /** For each open condition, whether what follows is never printed. */
  const open: boolean[] = []
  for (const { 0: tag, 1: word = '', 2: condition = '', index } of text.matchAll(BRANCH)) {
    if (!open.includes(true)) printed += text.slice(from, index) + tag
    from = index + tag.length
    if (word.startsWith('end')) open.pop()
    else if (word === 'if' || word === 'unless') open.push(word === 'if' && NEVER.test(condition))
    else if (open.length > 0) open[open.length - 1] = word !== 'else' && NEVER.test(condition)
  }
  return open.includes(true) ? printed : printed + text.slice(from)
}

/** Names that stand in the template syntax of a source, or in its code. */
export function namesIn(path: string, text: string): string[] {
  return regionsOf(path, text).flatMap((region) => region.match(NAME) ?? [])
}

function regionsOf(path: string, text: string): string[] {
  if (ALL_CODE.test(path)) return [text]
  return Array.from(text.matchAll(SYNTAX), ([region]) => region)
}

/**
 * Finds what a template may bring into its page. Nothing is run: a name that is put together from
 * pieces counts as the folder that it begins with.
 *
 * @param keys Keys of global data: other names are the template's own.
 */
export function referencesOf(path: string, text: string, keys: ReadonlySet<string>): References {
  const parts = new Set<string>()
  const names = new Set<string>()
  for (const region of regionsOf(path, text)) {
    for (const [, rest = ''] of region.matchAll(PART_TAG)) {
      for (const [, , quoted = ''] of rest.matchAll(QUOTED)) parts.add(folderOrFile(quoted))
    }
    if (keys.size > 0) addNames(region, keys, names)
  }
  for (const [, ...found] of text.matchAll(BARE_PART)) {
    const part = found.find((name) => name !== undefined)
    if (part !== undefined) parts.add(part)
  }
  for (const [, name = ''] of text.matchAll(PAGINATED)) {
    if (keys.has(name.split('.')[0] ?? '')) names.add(name)
  }
  return { parts: [...parts], names: [...names] }
}

function addNames(region: string, keys: ReadonlySet<string>, names: Set<string>): void {
  for (const [found] of region.matchAll(PATH_OF_NAMES)) {
    const path = found.replace(/\[["']([^"'\]]+)["']\]/g, '.$1').split('.')
    // `data.site.author` in a template that is JavaScript.
    const at = path.findIndex((name) => keys.has(name))
    if (at === 0 || (at === 1 && /^(?:data|this|ctx|it|\$data)$/.test(path[0] ?? ''))) {
      names.add(path.slice(at).join('.'))
    }
  }
}

function folderOrFile(quoted: string): string {
  const [fixed = ''] = quoted.split(/\$\{|\{\{/)
  return fixed === quoted ? quoted : fixed.replace(/[^/]*$/, '')
}
