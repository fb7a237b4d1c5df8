import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import type { Ledger } from '../ledger/ledger.ts'
import { GONE_PAGE } from '../web/tombstone.ts'
import { contentPolicy, type PageSources } from './content-policy.ts'

const BEGIN = '# begin eleventy-plugin-private-posts'
const END = '# end eleventy-plugin-private-posts'

export interface HostFileOptions {
  readonly output: string
  readonly prefix: string
  /** Where the site lies below its host: `/blog/` for a project page. */
  readonly pathPrefix: string
  /** What private pages load from other origins: the header must allow what any of them does. */
  readonly sources: PageSources
  /** `true` on Netlify, `false` on a host that would publish the file, `undefined` when unknown. */
  readonly netlify: boolean | undefined
}

/**
 * Appends the headers of private pages to the site's own `_headers`. Of two values of one header the
 * later one wins in browsers, and two content policies both hold.
 *
 * @see [Netlify, Custom headers](https://docs.netlify.com/manage/routing/headers/)
 */
export function writeHeaders({ output, prefix, sources }: HostFileOptions): void {
  const lines = [
    `${prefix}*`,
    '  X-Robots-Tag: noindex, nofollow, noarchive, nosnippet',
    '  Referrer-Policy: no-referrer',
    '  Cache-Control: private, no-cache',
    '  Cross-Origin-Resource-Policy: same-origin',
    '  X-Content-Type-Options: nosniff',
    `  Content-Security-Policy: ${contentPolicy(sources)}; frame-ancestors 'self'`,
  ]
  const file = join(output, '_headers')
  const own = withoutBlock(read(file))
  writeIfChanged(file, `${own === '' ? '' : `${own}\n\n`}${block(lines)}\n`)
}

/**
 * Sends readers of a post that became public to its page (301), and answers 410 where a page was taken back. The
 * first rule that fits wins, so these stand before the site's own.
 *
 * What is gone is written only for Netlify, which does not publish the file.
 *
 * @param gone URL paths of what was taken back.
 * @see [Netlify, Redirects](https://docs.netlify.com/manage/routing/redirects/overview/)
 */
export function writeRedirects(
  ledger: Ledger,
  gone: readonly string[],
  options: HostFileOptions,
): void {
  const { output, netlify } = options
  const lines = netlify === false ? [] : redirectLines(ledger, gone, options)
  const file = join(output, '_redirects')
  const own = withoutBlock(read(file))
  if (lines.length === 0 && own === read(file).trimEnd()) return
  writeIfChanged(
    file,
    `${[lines.length > 0 ? block(lines) : '', own].filter(Boolean).join('\n\n')}\n`,
  )
  if (lines.some((line) => line.endsWith(' 410'))) writeGonePage(output)
}

/** Old addresses of public posts, for hosts that know no redirects: path below the output, target. */
export function redirectPages(
  ledger: Ledger,
  { netlify, prefix, pathPrefix }: HostFileOptions,
): Map<string, string> {
  const pages = new Map<string, string>()
  if (netlify !== false) return pages
  for (const { token, target } of published(ledger)) {
    const address = posix.join(pathPrefix, target)
    pages.set(`${prefix.slice(1)}${token}/index.html`, redirectPage(address))
  }
  return pages
}

function redirectLines(
  ledger: Ledger,
  gone: readonly string[],
  { prefix, netlify }: HostFileOptions,
): string[] {
  const moved = published(ledger)
    .filter(({ token }) => !gone.includes(`${prefix}${token}/`))
    .map(({ token, target }) => `${prefix}${token}/* ${target} 301`)
  return netlify === true ? [...moved, ...gone.map((path) => `${path} /410.html 410`)] : moved
}

/** The author's own part of the file. */
export function ownRedirects(output: string): string {
  return withoutBlock(read(join(output, '_redirects')))
}

function published(ledger: Ledger): { token: string; target: string }[] {
  return Object.values(ledger.posts).flatMap(({ publishedAs, links }) =>
    publishedAs
      ? links
          .filter(({ revoked, invitation }) => revoked?.reason === 'published' && !invitation)
          .map(({ token }) => ({ token, target: publishedAs }))
      : [],
  )
}

function redirectPage(target: string): string {
  const href = target.replace(/&/g, '&amp;').replace(/"/g, '&quot;')
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="0; url=${href}">
<title>This post is public now</title>
<p>This post is public now: <a href="${href}">read it here</a>.</p>
</html>
`
}

function writeGonePage(output: string): void {
  const file = join(output, '410.html')
  if (existsSync(file)) return
  writeFileSync(file, GONE_PAGE)
}

function block(lines: readonly string[]): string {
  return [BEGIN, ...lines, END].join('\n')
}

/** The site's own part: what an earlier build of ours put there is taken out. */
function withoutBlock(text: string): string {
  const start = text.indexOf(BEGIN)
  const end = text.indexOf(END)
  if (start === -1 || end === -1) return text.trimEnd()
  return `${text.slice(0, start).trimEnd()}\n${text.slice(end + END.length).trimStart()}`.trim()
}

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

function writeIfChanged(file: string, text: string): void {
  if (read(file) === text) return
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
