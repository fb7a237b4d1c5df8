/** What quotes code in a text: what stands in it is an example, and no front matter. */
const FENCED = /^\s*(?:>\s*)*(`{3,}|~{3,})/
const INLINE = /(`+)(?!`)[^]*?[^`]\1(?!`)/g
const ELEMENT = /<(\/?)(pre|code|textarea|script|style|xmp|samp)\b[^>]*>/gi
/** `{% highlight %}` and its like, `#+begin_src` of Org; `[source]` of AsciiDoc stands above a line that repeats. */
const BLOCK = /\{%-?\s*(highlight|codeblock|code|prism|verbatim)\b|^\s*#\+begin_(\w+)/i
const LISTING = /^\s*\[(?:source|listing|,)[^\]]*\]\s*$/i
/** A line without one of these begins no code, and most lines are like that. */
const SIGN = /[`~<{#[]/
const DELIMITER = /^(-{4,}|\.{4,}|={4,})\s*$/

/** Which lines are code; `from`: the first line to look at. */
export function codeLines(lines: readonly string[], from = 0): readonly boolean[] {
  const isCode = lines.map(() => false)
  for (let at = from; at < lines.length; at += 1) {
    const end = endOfCode(lines, at)
    if (end === undefined) continue
    isCode.fill(true, at, end + 1)
    at = end
  }
  return isCode
}

/** The last line of the code that begins at a line; what never ends reaches to the last one. */
function endOfCode(lines: readonly string[], at: number): number | undefined {
  const line = lines[at] ?? ''
  if (!SIGN.test(line)) return undefined
  const fence = FENCED.exec(line)?.[1]
  if (fence !== undefined) {
    const closing = new RegExp(`^\\s*(?:>\\s*)*${fence}${fence.charAt(0)}*\\s*$`)
    return find(lines, at, closing) ?? lines.length - 1
  }
  const [, tag, source] = BLOCK.exec(line) ?? []
  if (tag !== undefined && !line.includes(`end${tag}`)) {
    return find(lines, at, new RegExp(`end${tag}\\b`))
  }
  if (source !== undefined) return find(lines, at, new RegExp(`^\\s*#\\+end_${source}\\b`, 'i'))
  if (LISTING.test(line)) {
    const delimiter = DELIMITER.exec(lines[at + 1] ?? '')?.[1]
    if (delimiter === undefined) return undefined
    return (
      find(lines, at + 1, new RegExp(`^[${delimiter.charAt(0)}]{${delimiter.length}}\\s*$`)) ??
      lines.length - 1
    )
  }
  const element = line.includes('<') ? unclosed(line) : undefined
  return element === undefined ? undefined : find(lines, at, new RegExp(`</${element}\\b`, 'i'))
}

function find(lines: readonly string[], above: number, pattern: RegExp): number | undefined {
  for (let at = above + 1; at < lines.length; at += 1) {
    if (pattern.test(lines[at] ?? '')) return at
  }
  return undefined
}

/** An element for code that a line opens and does not close. */
function unclosed(line: string): string | undefined {
  const open: string[] = []
  for (const [, slash, name = ''] of line.replace(INLINE, '').matchAll(ELEMENT)) {
    if (slash === '') open.push(name.toLowerCase())
    else open.splice(open.lastIndexOf(name.toLowerCase()) >>> 0, 1)
  }
  return open[0]
}
