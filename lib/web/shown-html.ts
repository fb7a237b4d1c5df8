import { defaultTreeAdapter as tree, html as spec } from 'parse5'
import { elements, innerHtml, isElement, parseHtml, type HtmlElement } from './html.ts'
import { keepsLines } from './html-text.ts'
import { isUnshown, mediaWords } from './shown-elements.ts'

type ChildNode = HtmlElement['childNodes'][number]

/** What is shown has fewer; a parser makes more where formatting is nested to annoy it. */
const MAX_ELEMENTS = 20_000
/** Writing a document out calls itself for each level. */
const MAX_DEPTH = 400

/**
 * The body of a document as it is shown where nothing may be loaded: without what no browser shows, and with words in
 * the place of pictures, videos and sounds, and line breaks where a style keeps lines. `undefined` for what nests deeper
 * than documents do.
 *
 * @param options.isLeftOut Elements that are left out as well.
 * @NOTE This is not safe to be shown: `sanitiseHtml()` comes after.
 */
export function shownHtml(
  html: string,
  { isLeftOut = () => false }: { readonly isLeftOut?: (element: HtmlElement) => boolean } = {},
): string | undefined {
  const document = parseHtml(html, { maxElements: MAX_ELEMENTS })
  const body = bodyOf(document)
  if (body === undefined) return ''
  const pending: Visit[] = [{ element: body, depth: 0, isLines: false }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { element, depth, isLines } = next
    if (depth > MAX_DEPTH) return undefined
    element.childNodes = element.childNodes.flatMap((child, index, all): ChildNode[] => {
      if (tree.isTextNode(child)) return isLines ? linesOf(child.value) : [child]
      if (!tree.isElementNode(child)) return []
      if (isUnshown(child) || isLeftOut(child)) return []
      const words = mediaWords(child)
      if (words !== undefined) {
        const before = all[index - 1]
        const isBeside = before && tree.isElementNode(before) && mediaWords(before) !== undefined
        return [tree.createTextNode((isBeside ? ' ' : '') + words.trim())]
      }
      const isStyled = (isLines || keepsLines(child)) && !isElement(child, 'pre')
      pending.push({ element: child, depth: depth + 1, isLines: isStyled })
      return [child]
    })
  }
  return innerHtml(body)
}

interface Visit {
  readonly element: HtmlElement
  readonly depth: number
  /** Whether its lines are kept by a style, which will not be there where it is shown. */
  readonly isLines: boolean
}

function linesOf(text: string): ChildNode[] {
  return text
    .split(/\r\n?|\n/)
    .flatMap((line, index) => [
      ...(index > 0 ? [tree.createElement('br', spec.NS.HTML, [])] : []),
      tree.createTextNode(line),
    ])
}

function bodyOf(document: ReturnType<typeof parseHtml>): HtmlElement | undefined {
  for (const element of elements(document)) if (isElement(element, 'body')) return element
  return undefined
}
