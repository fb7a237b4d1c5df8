import { isRecord } from '../web/record.ts'
import type { FrontMatter } from './visibility.ts'

/**
 * Keys whose values say how a page is built, or who may read it. What they say stands in public pages
 * too, or is looked for in another way.
 */
const HOW_IT_IS_BUILT = new Set(
  `title tags layout permalink date updated modified lang language locale dir author authors byline creator
  draft status template templateengineoverride templateclass theme eleventynavigation eleventycomputed
  eleventyexcludefromcollections pagination page collections eleventy pkg visibility audience recipients recipient to
  access expires showaudience private privacy isprivate readers inreplyto likeof repostof bookmarkof
  syndication syndicateto mpsyndicateto canonical image images img cover photo photos thumbnail picture
  icon favicon ogimage css js scripts styles stylesheet class classes bodyclass robots sitemap changefreq
  priority license order weight slug id uid url markdown engine format override`.split(/\s+/),
)
/** Keys whose values are one of a few words that the site has anyway. */
const OF_A_FEW_WORDS = new Set(
  'category categories section type posttype kind mood rating color colour size'.split(' '),
)
const LATITUDE = /^(?:geo[-_]?)?lat(?:itude)?$/i
const LONGITUDE = /^(?:geo[-_]?)?(?:lng|lon|long|longitude)$/i
const MOST_VALUES = 500
const DEEPEST = 6

/** Texts of a private post's front matter and data that say something of it: a place, guests, a description. */
export function privateValues(data: FrontMatter, isGlobal: (key: string) => boolean): string[] {
  const values = new Set<string>()
  const walk = (value: unknown, isOfFew: boolean, depth: number): void => {
    if (values.size >= MOST_VALUES || depth > DEEPEST) return
    if (typeof value === 'string') {
      const text = value.trim()
      if (text !== '' && !(isOfFew && !/\s/.test(text))) values.add(text)
    } else if (typeof value === 'number' && value >= 1_000_000) values.add(String(value))
    else if (Array.isArray(value)) {
      addPlace(value)
      value.forEach((item) => walk(item, isOfFew, depth + 1))
    } else if (isPlain(value)) {
      addPlace(placeOf(value))
      for (const [key, item] of Object.entries(value)) {
        const name = key.toLowerCase().replace(/[-_]/g, '')
        if (HOW_IT_IS_BUILT.has(name) || (depth === 0 && isGlobal(key))) continue
        walk(item, isOfFew || OF_A_FEW_WORDS.has(name), depth + 1)
      }
    }
  }
  const addPlace = (numbers: readonly unknown[]) => {
    if (numbers.length === 2 && numbers.every(isDegrees)) values.add(numbers.join(','))
  }
  walk(data, false, 0)
  return [...values]
}

/** Latitude and longitude under two keys: \`lat\` and \`lng\`. */
function placeOf(data: Readonly<Record<string, unknown>>): unknown[] {
  const named = (name: RegExp) => Object.entries(data).find(([key]) => name.test(key))?.[1]
  return [named(LATITUDE), named(LONGITUDE)]
}

function isDegrees(value: unknown): boolean {
  const text = String(value)
  return /^-?\d{1,3}\.\d{2,}$/.test(text) && Math.abs(Number(text)) <= 180
}

/** Data as somebody wrote them, and no object of a program. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isRecord(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && !('template' in value)
}
