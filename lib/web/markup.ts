/** A piece of HTML in which everything that came from outside is escaped. */
export interface Markup {
  readonly markup: string
}

type Insertion = string | number | URL | Markup | readonly Markup[] | undefined | false

/**
 * HTML with insertions. Texts are escaped, for content and for quoted attributes alike; pieces made by
 * `html` itself go in as they are, lists of them one after the other.
 */
export function html(strings: TemplateStringsArray, ...insertions: readonly Insertion[]): Markup {
  const parts = strings.map((text, index) => text + insert(insertions[index]))
  return { markup: parts.join('') }
}

/** Takes HTML that has been sanitised elsewhere for what it is. */
export function trustedMarkup(sanitised: string): Markup {
  return { markup: sanitised }
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

function insert(insertion: Insertion): string {
  if (insertion === undefined || insertion === false) return ''
  if (typeof insertion !== 'object') return escapeHtml(String(insertion))
  if (insertion instanceof URL) return escapeHtml(insertion.href)
  return 'markup' in insertion ? insertion.markup : insertion.map(({ markup }) => markup).join('')
}
