import { defaultTreeAdapter as tree } from 'parse5'
import { elements, innerHtml, isElement, parseHtml, type HtmlElement } from './html.ts'
import { isUnshown, mediaWords } from './shown-elements.ts'

/** What is shown has fewer; a parser makes more where formatting is nested to annoy it. */
const MAX_ELEMENTS = 20_000
/** Writing a document out calls itself for each level. */
const MAX_DEPTH = 400

/**
 * The body of a document as it is shown where nothing may be loaded: without what no browser shows, and with words in
 * the place of pictures, videos and sounds. `undefined` for what nests deeper than documents do.
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
  const pending: { readonly element: HtmlElement; readonly depth: number }[] = [
    { element: body, depth: 0 },
  ]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { element, depth } = next
    if (depth > MAX_DEPTH) return undefined
    element.childNodes = element.childNodes.flatMap((child): (typeof child)[] => {
      if (!tree.isElementNode(child)) return tree.isTextNode(child) ? [child] : []
      if (isUnshown(child) || isLeftOut(child)) return []
      const words = mediaWords(child)
      if (words !== undefined) return [tree.createTextNode(words)]
      pending.push({ element: child, depth: depth + 1 })
      return [child]
    })
  }
  return innerHtml(body)
}

function bodyOf(document: ReturnType<typeof parseHtml>): HtmlElement | undefined {
  for (const element of elements(document)) if (isElement(element, 'body')) return element
  return undefined
}
