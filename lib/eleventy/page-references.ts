import { defaultTreeAdapter, type DefaultTreeAdapterTypes as Tree } from 'parse5'
import { createNameSearch, type FileName } from '../leak-audit/file-names.ts'
import { addressesIn } from '../leak-audit/named-files.ts'
import { isElement, parseHtml, serializeHtml, type HtmlElement } from '../web/html.ts'
import { candidates } from './third-party.ts'

/** Where a page refers to something. */
export interface ReferencePlace {
  readonly element: HtmlElement
  /** `undefined` in the text of a script, of a stylesheet or of `<noscript>`. */
  readonly attribute: string | undefined
  /** Whether the whole value is one address; otherwise the reference is a part of a longer text. */
  readonly isAddress: boolean
  /** Whether a reference that says little is taken for the file that it may mean. */
  readonly isLoose: boolean
}

/** Says what to write in place of a reference; `undefined`: leave it, `null`: remove the attribute. */
export type Replacement = (reference: string, place: ReferencePlace) => string | null | undefined

const ADDRESSES = ['src', 'href', 'poster', 'data', 'background']
const LISTS = ['srcset', 'imagesrcset']
/** Attributes that people read or that name something: a file's name in them is only a word. */
const WORDS = /^(?:alt|title|class|id|name|value|placeholder|label|for|aria-.*)$/
const WITH_TEXT = ['script', 'style', 'noscript', 'textarea']

/**
 * Rewrites a page's references to files, wherever they stand: in attributes of all kinds, in inline
 * styles, scripts and JSON, in `<noscript>` and `<template>`.
 *
 * @param extensions Of the files that are looked for in texts; addresses are looked at whatever they are.
 */
export function rewriteReferences(
  html: string,
  extensions: Iterable<string>,
  replace: Replacement,
): string {
  const search = createNameSearch(extensions)
  const document = parseHtml(html)
  let isRewritten = false
  for (const element of everyElement(document)) {
    for (const attr of [...element.attrs]) {
      const next = rewriteAttribute(element, attr)
      if (next === attr.value) continue
      if (next === null) element.attrs.splice(element.attrs.indexOf(attr), 1)
      else attr.value = next
      isRewritten = true
    }
    if (!isElement(element, ...WITH_TEXT)) continue
    for (const node of element.childNodes) {
      if (!defaultTreeAdapter.isTextNode(node)) continue
      const next = rewriteText(node.value, {
        element,
        attribute: undefined,
        isAddress: false,
        isLoose: false,
      })
      if (next === node.value) continue
      node.value = next
      isRewritten = true
    }
  }
  return isRewritten ? serializeHtml(document) : html

  function rewriteAttribute(element: HtmlElement, { name, value }: Tree.Element['attrs'][0]) {
    const place = { element, attribute: name, isAddress: true, isLoose: true }
    if (WORDS.test(name)) return value
    if (ADDRESSES.includes(name)) {
      const next = replace(value, place)
      return next === undefined ? value : next
    }
    if (!LISTS.includes(name)) return rewriteText(value, { ...place, isAddress: false })
    return candidates(value, name).reduce((text, reference) => {
      const next = replace(reference, place) ?? reference
      return text.replace(reference, () => next)
    }, value)
  }

  function rewriteText(text: string, place: ReferencePlace): string {
    return replaceNames(
      text,
      search,
      (written, isLoose) => replace(written, { ...place, isLoose }) ?? undefined,
    )
  }
}

/**
 * Replaces names in a text: an address as a whole; else the longest name that is known exactly, or the shortest that
 * may be meant.
 */
export function replaceNames(
  text: string,
  search: ReturnType<typeof createNameSearch>,
  replace: (written: string, isLoose: boolean) => string | undefined,
): string {
  const addresses = [...addressesIn(text)].sort((one, other) => one.start - other.start)
  const whole = replaceFirst(
    text,
    addresses.map((address) => [address]),
    (names) => first(names, false),
  )
  return replaceFirst(
    whole,
    search(whole),
    (names) => first(names, false) ?? first([...names].reverse(), true),
  )

  function first(names: readonly FileName[], isLoose: boolean) {
    for (const { start, end, written } of names) {
      const next = replace(written, isLoose)
      if (next !== undefined) return { start, end, next }
    }
    return undefined
  }
}

function replaceFirst(
  text: string,
  names: Iterable<readonly FileName[]>,
  find: (
    names: readonly FileName[],
  ) => { readonly start: number; readonly end: number; readonly next: string } | undefined,
): string {
  let result = ''
  let done = 0
  for (const all of names) {
    const found = find(all.filter(({ start }) => start >= done))
    if (!found) continue
    result += text.slice(done, found.start) + found.next
    done = found.end
  }
  return result + text.slice(done)
}

/** Elements in document order, those in templates too: a script may show them. */
function* everyElement(node: Tree.ParentNode): Generator<HtmlElement> {
  const pending: Tree.Node[] = [node]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next !== node && defaultTreeAdapter.isElementNode(next)) yield next
    const children =
      'content' in next ? next.content.childNodes : 'childNodes' in next ? next.childNodes : []
    pending.push(...[...children].reverse())
  }
}
