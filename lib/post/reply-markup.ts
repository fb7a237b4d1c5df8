import { isSecretUrl, type SecretRules } from '../web/secret-url.ts'
import { urlsInText } from '../web/urls-in-text.ts'
import { REPLY_PROPERTIES } from './reply-properties.ts'
import type { FrontMatter } from './visibility.ts'

const MARK = new RegExp(`(?<![\\w-])u-(?:${REPLY_PROPERTIES.join('|')})(?![\\w-])`, 'gi')
/** As long as a tag with all its attributes, and as a cited post with its author's card. */
const LONGEST_TAG = 1500
/** `[this](https://…){.u-in-reply-to}` */
const ATTRIBUTES_OF_LINK = /\]\([^()\s]*\)\{[^{}]*$/

/**
 * The data of a post, with the secret that its text answers by markup. Nothing is rendered yet, so the source
 * is searched for what will be a link of a reply: the address stands in the same tag, in the link before
 * attributes of Markdown, or in what follows, where a cited post has it. What a shortcode or a layout makes of
 * it, the leak audit sees on the page.
 */
export function withMarkedParent(
  data: FrontMatter,
  source: string,
  rules: SecretRules = {},
): FrontMatter {
  for (const { 0: mark, index } of source.matchAll(MARK)) {
    const url = addressBeside(source, index, rules)
    if (url) return { ...data, [mark.toLowerCase()]: url.href }
  }
  return data
}

function addressBeside(source: string, at: number, rules: SecretRules): URL | undefined {
  const isSecret = (url: URL) => isSecretUrl(url, rules)
  const before = source.slice(Math.max(0, at - LONGEST_TAG), at)
  const after = source.slice(at, at + LONGEST_TAG)
  const opened = before.lastIndexOf('<')
  const isInTag = opened > before.lastIndexOf('>')
  if (isInTag) {
    const end = after.indexOf('>')
    const tag = before.slice(opened) + (end === -1 ? after : after.slice(0, end))
    const [own] = urlsIn(tag)
    if (own) return isSecret(own) ? own : undefined
  } else if (ATTRIBUTES_OF_LINK.test(before)) {
    const own = urlsIn(before).at(-1)
    if (own) return isSecret(own) ? own : undefined
  }
  return urlsIn(after).find(isSecret)
}

function urlsIn(text: string): URL[] {
  return Array.from(urlsInText(text), ({ url }) => url)
}
