import { CONFIGURATION } from './configuration.ts'
import { findUnread, HEAD_LENGTH, type HeadRules } from './raw-head.ts'
import type { Template } from './source-cascade.ts'
import { readFiles } from './read-files.ts'
import { readTemplate } from './source-data.ts'

const TEMPLATE =
  /\.(?:md|markdown|njk|nunjucks|liquid|html?|xhtml|webc|vue|hbs|handlebars|mustache|pug|haml|ejs|mdx|slim|11ty\.[cm]?[jt]sx?)$/i
/** Any other text file may be a template, and is one for us when it begins with front matter. */
const NO_TEXT =
  /\.(?:jpe?g|png|gif|webp|avif|heic|ico|mp[34]|m4[av]|mov|webm|ogg|wav|flac|woff2?|ttf|otf|eot|pdf|zip|gz|br|7z)$/i
/** Data, code and styles: what stands at their top is no front matter. */
const WITHOUT_FRONT_MATTER =
  /\.(?:json[c5]?|ya?ml|toml|ini|conf|lock|map|[ct]sv|log|sh|[cm]?[jt]sx?|s?css|less|svg|ics)$/i
/** `setFrontMatterParsingOptions({ delimiters: '+++' })` */
const DELIMITER = /\bdelim(?:iter)?s["']?\s*:\s*\[?\s*["'`]([^"'`\n]{1,10})["'`]/
export const DATA_FILE = /\.11tydata\.(?:[cm]?js|json)$/i
/** Folders whose files are used by templates and are none themselves. */
export const USED_BY_TEMPLATES =
  /(?:^|\/)_(?:includes?|layouts?|data|components?|partials?|config)\//

/** What the text of the site's configuration says of front matter: no code is run. */
export async function readHeadRules(
  paths: readonly string[],
  read: (path: string) => Promise<string>,
): Promise<HeadRules> {
  const texts = await Promise.all(paths.filter((path) => CONFIGURATION.test(path)).map(read))
  const delimiter = texts.flatMap((text) => DELIMITER.exec(text)?.[1] ?? [])[0]
  return delimiter === undefined ? {} : { delimiter, language: '' }
}

/** Reads whatever Eleventy may build, and what it builds it with. */
export async function readTemplates(
  paths: readonly string[],
  isInput: (path: string) => boolean,
  read: (path: string) => Promise<string>,
): Promise<{
  templates: Template[]
  layouts: Map<string, Template>
  parts: Map<string, Template>
}> {
  const templates: Template[] = []
  const layouts = new Map<string, Template>()
  const parts = new Map<string, Template>()
  const candidates = paths.filter(
    (path) => mayBeTemplate(path) && (isInput(path) || USED_BY_TEMPLATES.test(path)),
  )
  for await (const [path, text] of readFiles(candidates, read)) {
    if (!TEMPLATE.test(path) && !mayHaveFrontMatter(path, text)) continue
    const template = { path, text, ...readTemplate(path, text) }
    if (USED_BY_TEMPLATES.test(path)) {
      layouts.set(path.replace(/^.*?_\w+\//, ''), template)
      parts.set(path, template)
    } else templates.push(template)
  }
  return { templates, layouts, parts }
}

/** Whether a file may be built as a template of its own: by its name, or by what it begins with. */
export function isOwnTemplate(path: string, read: () => string): boolean {
  if (!mayBeTemplate(path) || USED_BY_TEMPLATES.test(path)) return false
  return TEMPLATE.test(path) || mayHaveFrontMatter(path, read())
}

/** Of a file of any kind: whether it begins with front matter, or with what was meant as that. */
function mayHaveFrontMatter(path: string, text: string): boolean {
  if (/^\uFEFF?(?:---|\+\+\+)/.test(text)) return true
  if (WITHOUT_FRONT_MATTER.test(path)) return false
  return findUnread(text.slice(0, HEAD_LENGTH), {}) !== undefined
}

function mayBeTemplate(path: string): boolean {
  return !NO_TEXT.test(path) && !DATA_FILE.test(path)
}
