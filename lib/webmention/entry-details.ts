import { toLine } from '../web/message-text.ts'
import { textOfValue, valuesOf, type Item } from './microformats.ts'

const MAX_DETAIL = 200
const MAX_INGREDIENTS = 50
/** A date, and perhaps a time of day with its zone, as microformats write them. */
const MOMENT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?$/i

/** What an entry says in properties of its own beside its words: when and where an event is, how good a book was, … */
export function detailsOf(entry: Item): string[] {
  const types = entry.type ?? []
  if (types.includes('h-event')) {
    return [
      [line('When', timeOf(entry)), line('Where', detail(entry, 'location'))]
        .filter(Boolean)
        .join('\n'),
    ].filter(Boolean)
  }
  if (types.includes('h-review')) return [line('Rating', ratingOf(entry))].filter(Boolean)
  if (types.includes('h-recipe')) return [ingredientsOf(entry)].filter(Boolean)
  return [line('At', detail(entry, 'checkin'))].filter(Boolean)
}

function line(label: string, words: string): string {
  return words === '' ? '' : `${label}: ${words}`
}

function detail(entry: Item, name: string): string {
  return toLine(textOfValue(valuesOf(entry, name)[0]) ?? '', MAX_DETAIL)
}

function timeOf(entry: Item): string {
  const [start, end] = [momentOf(detail(entry, 'start')), momentOf(detail(entry, 'end'))]
  if (start.text === '' || end.text === '' || start.text === end.text) return start.text
  if (start.date === undefined || start.date !== end.date) return `${start.text} – ${end.text}`
  const from = start.zone === end.zone ? `${start.date} ${start.clock}` : start.text
  return `${from} – ${end.clock}${end.zone}`
}

interface Moment {
  readonly text: string
  readonly date?: string
  readonly clock: string
  readonly zone: string
}

/** As it was written: the zone of the reader is not known. */
function momentOf(value: string): Moment {
  const [, date, clock = '', offset] = MOMENT.exec(value) ?? []
  const zone = zoneText(offset)
  if (date === undefined) return { text: value, clock: '', zone }
  return { text: [date, clock && clock + zone].filter(Boolean).join(' '), date, clock, zone }
}

function zoneText(zone: string | undefined): string {
  if (zone === undefined) return ''
  return /^z$/i.test(zone) ? ' UTC' : ` UTC${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`
}

function ratingOf(entry: Item): string {
  const [rating, best] = [detail(entry, 'rating'), detail(entry, 'best')]
  return rating !== '' && best !== '' ? `${rating} of ${best}` : rating
}

function ingredientsOf(entry: Item): string {
  const ingredients = valuesOf(entry, 'ingredient').slice(0, MAX_INGREDIENTS)
  const lines = ingredients.map((value) => toLine(textOfValue(value) ?? '', MAX_DETAIL))
  return lines
    .filter(Boolean)
    .map((ingredient) => `- ${ingredient}`)
    .join('\n')
}
