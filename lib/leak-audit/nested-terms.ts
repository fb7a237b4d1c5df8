/** An index of search as a tree: each key holds the letters that are added to those above it. */
const LOOKS_NESTED = /"(?:root|_tree)"\s*:\s*\{|(?:"\p{L}"\s*:\s*\{\s*){3}/u
const PART = /"((?:[^"\\]|\\.)*)"(\s*:\s*(?:\{(?:\s*\})?)?)?|[{}]/g
/** What the tree itself is called; the letters begin below it. */
const ROOT = /^(?:root|_tree|tree|trie)$/
const LETTERS = /^[\p{L}\p{N}'’-]+$/u
/** The documents with a term, and their number, in elasticlunr and lunr 1: also where there are none. */
const DOCUMENTS = 'docs'
const FREQUENCY = 'df'
const SHORTEST_TERM = 4

/** Whether a text may be such an index. */
export function looksNested(text: string): boolean {
  return LOOKS_NESTED.test(text)
}

/**
 * The terms of search indexes that keep them letter by letter: elasticlunr, lunr 1, MiniSearch up to 3. The
 * text need not be JSON as a whole.
 */
export function nestedTerms(text: string): string[] {
  if (!LOOKS_NESTED.test(text)) return []
  const terms = new Set<string>()
  const take = (term: string | undefined) => {
    if (term !== undefined && term.length >= SHORTEST_TERM) terms.add(term)
  }
  /** The letters that each open brace stands for; `undefined` outside of a tree. */
  const open: (string | undefined)[] = []
  let isLeaf = false
  for (const { 0: part, 1: key, 2: value } of text.matchAll(PART)) {
    const above = open.at(-1)
    if (part === '{') open.push(undefined)
    else if (part === '}') {
      if (isLeaf) take(above)
      isLeaf = false
      open.pop()
    } else if (key !== undefined && value !== undefined) {
      const isEmpty = value.endsWith('}')
      const letters = lettersBelow(above, key)
      // What is no letter is what the tree keeps of the term.
      const isOfNone = (key === DOCUMENTS && isEmpty) || key === FREQUENCY
      if (letters === undefined && !isOfNone) take(above)
      if (letters !== undefined && (isEmpty || !value.includes('{'))) take(letters)
      if (value.includes('{') && !isEmpty) {
        open.push(letters)
        isLeaf = letters !== undefined
      }
    }
  }
  return [...terms]
}

function lettersBelow(above: string | undefined, key: string): string | undefined {
  if (ROOT.test(key)) return ''
  if (above === undefined) return key.length === 1 && LETTERS.test(key) ? key : undefined
  const isOfTree = key === DOCUMENTS || key === FREQUENCY || !LETTERS.test(key) || /^\d/.test(key)
  return isOfTree ? undefined : above + key
}
