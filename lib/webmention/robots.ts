const NOINDEX = /(^|[\s,:])(noindex|none)\s*(,|;|$)/i

/** Whether the rules of an `X-Robots-Tag` header or of a `<meta name="robots">` keep a page out of search engines. */
export function isNoindexRule(rules: string): boolean {
  return NOINDEX.test(rules)
}
