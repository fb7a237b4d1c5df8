import type { FrontMatter } from './visibility.ts'

const SCRIPT = /\.[cm]?[jt]sx?$/
const NAMING = ['audience', 'recipients']
const ADDRESSES = /\[?\s*["'`](?:https?:|mailto:|[^\s"'`@]+@)/
const COMMENTS = /\/\*[^]*?\*\/|(?<=^|\s)(?:\/\/|#).*$/gm

/** Whether a source is a program, whose text alone is read. */
export function isScript(path: string): boolean {
  return SCRIPT.test(path)
}

/** A key that decides who may read, in the text of a script whose data do not have it. */
export function findUnreadInScript(text: string, data: FrontMatter): string | undefined {
  const said = readScript(text)
  const key = ['visibility', 'private'].find((name) => Object.hasOwn(said, name))
  if (key !== undefined) return isSaid(data) ? undefined : key
  const people = NAMING.find(
    (name) => valueOf(text.replace(COMMENTS, ''), name, ADDRESSES, 0) !== undefined,
  )
  return isSaid(data) ? undefined : people
}

function isSaid(data: FrontMatter): boolean {
  return ['visibility', 'private', 'audience', 'recipients'].some((key) => Object.hasOwn(data, key))
}

/**
 * What the text of a script, or of front matter in a language that we do not speak, says of itself.
 * No code is run. It fails closed: a line that may make the post private does.
 */
export function readScript(source: string): FrontMatter {
  const text = source.replace(COMMENTS, '')
  const visibility = valueOf(text, 'visibility', /.*\b(private|unlisted)\b/i)
  const title = valueOf(text, 'title', /(["'`])((?:[^\\\n]|\\.)*?)\1/, 2)
  const permalink = valueOf(text, 'permalink', /(["'`])((?:[^\\\n]|\\.)*?)\1/, 2)
  const tags = valueOf(text, 'tags', /(\[[^\]]*\]|["'][^"'\n]*["'])/)
  return {
    ...(visibility === undefined ? {} : { visibility: visibility.toLowerCase() }),
    ...(valueOf(text, 'private', /(true|!0)\b/) === undefined ? {} : { private: true }),
    ...(NAMING.every((key) => valueOf(text, key, /(?!["'`]public["'`])(\S)/) === undefined)
      ? {}
      : { audience: '(not read)' }),
    ...(valueOf(text, 'access', /["'`]?(gate)\b/) === undefined ? {} : { access: 'gate' }),
    ...(title === undefined ? {} : { title }),
    ...(permalink === undefined ? unreadPermalink(text) : { permalink }),
    ...(tags === undefined
      ? {}
      : { tags: [...tags.matchAll(/["'`]([^"'`]+)["'`]/g)].map(([, tag = '']) => tag) }),
  }
}

/** A permalink that a program makes is like one in template syntax: what it becomes, only a build knows. */
function unreadPermalink(text: string): FrontMatter {
  return /\bpermalink["'`]?\s*(?::|\(|=(?![=>]))/.test(text)
    ? { permalink: '{{ (not read) }}' }
    : {}
}

/** `key: value`, `key = value`, `"key": value`, `exports.key = value`; a comparison (`===`) is none. */
function valueOf(text: string, key: string, value: RegExp, group = 1): string | undefined {
  const assignment = `(?<![\\w-])(?<!(?<!\\bexports)\\.)["'\`]?${key}["'\`]?\\s*(?::|=(?![=>]))[^\\S\\n]*${value.source}`
  return new RegExp(assignment, value.flags).exec(text)?.[group]
}
