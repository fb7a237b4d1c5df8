import { escapeHtml } from '../web/markup.ts'
import { jsonLinksTo } from './link-search.ts'
import type { Item, ItemValue } from './microformats.ts'
import type { MarkupOfWords } from './word-marks.ts'
import { isRecord } from '../web/record.ts'

/** Entries nest a few deep: an author in a reply in a feed. */
const MAX_DEPTH = 6
const MAX_VALUES = 50
/** Values of a document together: each level may have as many as the last. */
const MAX_TOTAL = 2_000
/** What ActivityStreams call otherwise. */
const ACTIVITY_PROPERTIES: ReadonlyMap<string, string> = new Map([
  ['inReplyTo', 'in-reply-to'],
  ['attributedTo', 'author'],
  ['actor', 'author'],
  ['startTime', 'start'],
  ['endTime', 'end'],
  ['preferredUsername', 'nickname'],
  ['icon', 'photo'],
])
/** Their types, as microformats have them. What they do to an object is a property here. */
const ACTIVITY_TYPES: ReadonlyMap<string, string> = new Map([
  ...['Note', 'Article', 'Page', 'Question', 'Image', 'Video', 'Audio', 'Create', 'Update'].map(
    (type) => [type, 'entry'] as const,
  ),
  ...['Like', 'Announce', 'Follow'].map((type) => [type, 'entry'] as const),
  ...['Person', 'Organization', 'Service', 'Group', 'Application'].map(
    (type) => [type, 'card'] as const,
  ),
  ['Event', 'event'],
])
const OBJECT_PROPERTIES: ReadonlyMap<string, string> = new Map([
  ['Like', 'like-of'],
  ['Announce', 'repost-of'],
  ['Follow', 'follow-of'],
])

/** What is attached, by the beginning of its media type or by its type, as microformats call it. */
const MEDIA_PROPERTIES: ReadonlyMap<string, string> = new Map([
  ['image', 'photo'],
  ['video', 'video'],
  ['audio', 'audio'],
])

type Fields = Readonly<Record<string, unknown>>

/**
 * The entry of a JSON document, as far as that is microformats2 JSON, jf2 or ActivityStreams: of several, the first that
 * links to the target.
 */
export function entryInJson(json: unknown, fits: (link: string) => boolean): Item | undefined {
  const entries = itemsInJson(json).filter(({ type }) => type?.some((name) => name !== 'h-card'))
  return entries.find((entry) => jsonLinksTo(entry, fits)) ?? entries[0]
}

/** Words of JSON are no markup, and keep their lines. */
export function linesOfEntry(entry: Item): MarkupOfWords {
  const lines = Object.entries(entry.properties).flatMap(([name, [value]]) =>
    typeof value === 'string' ? [[name, `<pre>${escapeHtml(value)}</pre>`] as const] : [],
  )
  return new Map(lines)
}

function itemsInJson(json: unknown): Item[] {
  const count = { left: MAX_TOTAL }
  if (!isRecord(json)) return []
  const isMicroformats = Array.isArray(json['items']) || isRecord(json['properties'])
  const listed = Array.isArray(json['items']) ? json['items'] : [withoutEnvelope(json)]
  const items = listed.slice(0, MAX_VALUES).flatMap((value) => {
    if (!isRecord(value)) return []
    return (isMicroformats ? itemOf(value, count) : itemOfFields(value, count)) ?? []
  })
  return items.flatMap((item) => (item.type?.includes('h-feed') ? (item.children ?? []) : [item]))
}

interface Count {
  left: number
}

function itemOf(value: Fields, count: Count, depth = 0): Item | undefined {
  const { type, properties, children } = value
  if (depth > MAX_DEPTH || !Array.isArray(type) || !isRecord(properties)) return undefined
  const convert = (one: unknown): ItemValue[] => {
    if (!isRecord(one)) return plainValue(one, count)
    const nested = itemOf(one, count, depth + 1)
    return nested ? [nested] : textValue(one, count)
  }
  return {
    type: type.filter((name): name is string => typeof name === 'string').slice(0, MAX_VALUES),
    properties: propertiesOf(Object.entries(properties), convert),
    ...(Array.isArray(children) && {
      children: children
        .slice(0, MAX_VALUES)
        .flatMap((child) => (isRecord(child) ? (itemOf(child, count, depth + 1) ?? []) : [])),
    }),
  }
}

/** An object of jf2 or ActivityStreams: its properties stand beside its type. */
function itemOfFields(value: Fields, count: Count, depth = 0): Item | undefined {
  const { type: types, children, object, attachment, ...fields } = value
  const type: unknown = Array.isArray(types) ? types[0] : types
  if (depth > MAX_DEPTH || typeof type !== 'string') return undefined
  const isActivity = ACTIVITY_TYPES.has(type)
  const convert = (one: unknown): ItemValue[] => {
    if (!isRecord(one)) return plainValue(one, count)
    const nested = itemOfFields(one, count, depth + 1)
    return nested ? [nested] : textValue(one, count)
  }
  const objectProperty = OBJECT_PROPERTIES.get(type)
  const named = Object.entries(fields).map(
    ([name, one]) => [ACTIVITY_PROPERTIES.get(name) ?? name, one] as const,
  )
  const content =
    isActivity && typeof fields['content'] === 'string' ? { html: fields['content'] } : undefined
  return {
    type: [`h-${ACTIVITY_TYPES.get(type) ?? type}`],
    properties: propertiesOf(
      [
        ...named,
        ...(content ? [['content', content] as const] : []),
        ...(objectProperty === undefined ? [] : [[objectProperty, object] as const]),
        ...attachedMedia(attachment),
      ],
      convert,
    ),
    ...(Array.isArray(children) && {
      children: children
        .slice(0, MAX_VALUES)
        .flatMap((child) => (isRecord(child) ? (itemOfFields(child, count, depth + 1) ?? []) : [])),
    }),
  }
}

/** The pictures, videos and sounds of an ActivityStreams object: what one shows is its `name`. */
function attachedMedia(attachment: unknown): [property: string, values: unknown[]][] {
  const found = new Map<string, unknown[]>()
  const all: unknown[] = Array.isArray(attachment) ? attachment : [attachment]
  for (const one of all.slice(0, MAX_VALUES)) {
    if (!isRecord(one)) continue
    const kind = [one['mediaType'], one['type']].find((name) => typeof name === 'string') ?? ''
    const property = MEDIA_PROPERTIES.get(String(kind).toLowerCase().replace(/\/.*/s, ''))
    if (property === undefined) continue
    const values = found.get(property) ?? []
    values.push({ url: one['url'], alt: one['name'] ?? one['summary'] })
    found.set(property, values)
  }
  return [...found]
}

/** Of two values of one name, the later counts. */
function propertiesOf(
  entries: readonly (readonly [string, unknown])[],
  convert: (value: unknown) => ItemValue[],
): Item['properties'] {
  const properties = new Map<string, ItemValue[]>()
  for (const [name, value] of entries.slice(0, MAX_VALUES * 2)) {
    const values = (Array.isArray(value) ? value : [value]).slice(0, MAX_VALUES).flatMap(convert)
    if (values.length === 0) continue
    properties.set(name, values)
  }
  return Object.fromEntries(properties)
}

function plainValue(value: unknown, count: Count): ItemValue[] {
  count.left -= 1
  return typeof value === 'string' && count.left > 0 ? [value] : []
}

/** What is an object and no item: words with markup, a picture with its description, a link. */
function textValue(fields: Fields, count: Count): ItemValue[] {
  const { html, text, value, alt, url, href, id } = fields
  count.left -= 1
  if (count.left <= 0) return []
  const words = [text, value].find((one) => typeof one === 'string')
  if (typeof html === 'string') return [{ html, value: words ?? '' }]
  const said = words ?? [url, href, id].find((one) => typeof one === 'string')
  if (said === undefined) return []
  return typeof alt === 'string' ? [{ value: said, alt }] : [said]
}

function withoutEnvelope(json: Fields): Fields {
  const { type, object } = json
  const isEnvelope = type === 'Create' || type === 'Update'
  return isEnvelope && isRecord(object) ? object : json
}
