import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { applyRedirect, parseRedirectsFile, type RedirectRule } from '../web/redirects-file.ts'

const TABLE = /^[ \t]*\[\[?[^\]\n]*\]\]?/gm
const REDIRECTS = /^\[\[\s*redirects\s*\]\]$/

/**
 * Tells whether the author has said where a page went: then it is not gone, and a rule of ours must not stand in
 * the way. A rule for everything, such as that of an application of one page, says nothing of one address.
 *
 * @param own The author's part of `_redirects`.
 * @returns The test for a URL path.
 * @see [Netlify, Redirects](https://docs.netlify.com/manage/routing/redirects/overview/)
 */
export function readOwnRedirects(own: string, cwd: string): (pathname: string) => boolean {
  const file = join(cwd, 'netlify.toml')
  const toml = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const rules = [...parseRedirectsFile(own), ...redirectsInToml(toml)]
  return (pathname) =>
    rules.some(
      (rule) =>
        (isMove(rule) || (rule.status === 200 && rule.from !== '/*')) &&
        applyRedirect(rule, pathname) !== undefined,
    )
}

function isMove({ status }: RedirectRule): boolean {
  return status >= 300 && status < 400
}

/** What the tables `[[redirects]]` say, as lines of `_redirects`; nothing else of the file is read. */
function redirectsInToml(text: string): RedirectRule[] {
  const heads = [...text.matchAll(TABLE)]
  const lines = heads.flatMap((head, at) => {
    if (!REDIRECTS.test(head[0].trim())) return []
    const body = text.slice(head.index + head[0].length, heads[at + 1]?.index)
    const [from, to] = [stringIn(body, 'from'), stringIn(body, 'to')]
    const status = /^[ \t]*status[ \t]*=[ \t]*(\d+)/m.exec(body)?.[1] ?? '301'
    return from === undefined || to === undefined ? [] : [`${from} ${to} ${status}`]
  })
  return parseRedirectsFile(lines.join('\n'))
}

function stringIn(body: string, key: string): string | undefined {
  return new RegExp(`^[ \\t]*${key}[ \\t]*=[ \\t]*(["'])(.*?)\\1`, 'm').exec(body)?.[2]
}
