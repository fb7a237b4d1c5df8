import { foldWord } from './look-alikes.ts'

/** Whom a text is written for in general: "readers: Beginners". */
const AUDIENCES = `beginner expert developer designer engineer programmer student teacher adult kid child children
  teen teenager parent woman women man men girl boy people human user customer client manager newcomer professional
  author writer reader visitor guest editor admin member subscriber curious anyone anfanger einsteiger
  fortgeschrittene debutant principiante researcher scientist artist musician gamer cook baker maker hacker`
/** Programs, devices, places of the web, and what a page may have: "viewers: [Chrome]", "allow: [comments]". */
const THINGS = `chrome chromium firefox safari edge opera brave ie explorer lynx windows linux macos mac ios ipad iphone
  android ubuntu debian web mobile desktop tablet phone print screen pdf html epub rss atom feed json email newsletter
  twitter x mastodon bluesky facebook instagram linkedin reddit github gitlab youtube telegram whatsapp medium
  kindle fediverse flickr pinterest tiktok slack discord comment reply replies like webmention mention pingback
  trackback repost indexing index robot bot crawler embedding embed ad cookie get post put delete head script iframe
  fullscreen autoplay camera microphone geolocation payment feedback share search download crawl follow`
/** Towns that give no name to a time zone. */
const TOWNS = `munich munchen hamburg cologne koln frankfurt stuttgart dresden leipzig hanover bremen nuremberg salzburg
  graz innsbruck basel bern geneva lausanne lyon marseille nice bordeaux toulouse lille strasbourg nantes barcelona
  seville valencia bilbao granada milan milano venice venezia naples napoli turin bologna pisa siena palermo genoa
  porto faro krakow gdansk brno antwerp bruges ghent rotterdam thehague utrecht gothenburg malmo bergen aarhus
  edinburgh glasgow manchester liverpool bristol oxford cambridge cardiff belfast york galway cork roma wien lisboa
  praha moskva athen rom kyoto osaka hiroshima beijing mumbai delhi bangalore goa hanoi capetown marrakesh sanfrancisco
  seattle portland boston philadelphia washington miami lasvegas sandiego neworleans nashville atlanta dallas houston
  montreal quebec ottawa calgary rio`
/** Places that people are called after, too. */
const NAMES = `adelaide casey chad davis florence georgia israel jordan knox lima regina santiago sydney vincent virginia
  charlotte austin jersey victoria`
const PLURAL_OF_PEOPLE = /^.{4,}(?:ers|ors|ists|ians|ents|ants|ees)$/

const wordsOf = (text: string) => text.split(/\s+/)
const GENERAL = new Set(wordsOf(`${AUDIENCES} ${THINGS}`))
const NAMES_TOO = new Set(wordsOf(NAMES))
let places: ReadonlySet<string> | undefined

/**
 * The entries that may name a reader: neither people in general nor programs, nor, where they are stages of a
 * journey, towns and countries. A name that is a place, too, is one beside another place.
 */
export function mayBeReaders(entries: readonly string[]): string[] {
  const isJourney = entries.some((entry) => isPlace(entry) && !NAMES_TOO.has(foldWord(entry)))
  return entries.filter((entry) => {
    const word = foldWord(entry)
    if (isPlace(entry) && (isJourney || !NAMES_TOO.has(word))) return false
    return (
      !GENERAL.has(word) && !GENERAL.has(word.replace(/s$/, '')) && !PLURAL_OF_PEOPLE.test(word)
    )
  })
}

function isPlace(text: string): boolean {
  places ??= placeNames()
  return places.has(foldWord(text))
}

/** The towns and countries that the runtime knows: it is a list that somebody else keeps. */
function placeNames(): Set<string> {
  const names = new Set([...wordsOf(TOWNS), ...NAMES_TOO])
  for (const zone of Intl.supportedValuesOf('timeZone'))
    names.add(foldWord(zone.split('/').at(-1) ?? ''))
  const letters = Array.from({ length: 26 }, (_, at) => String.fromCharCode(65 + at))
  for (const language of ['en', 'de', 'fr', 'es']) {
    const regions = new Intl.DisplayNames([language], { type: 'region', fallback: 'none' })
    for (const code of letters.flatMap((first) => letters.map((second) => first + second))) {
      names.add(foldWord(regions.of(code) ?? ''))
    }
  }
  names.delete('')
  return names
}
