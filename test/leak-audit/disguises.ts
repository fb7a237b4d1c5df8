import { deflateSync, gzipSync } from 'node:zlib'
import { trie, radixTree, png, jpeg, webp, id3, pdf, exif, kerned } from './formats.ts'
import { page, SENTENCE, type Row } from './kinds.ts'

const TITLE = "Bob's surprise party"
const OTHER = "Bob's garden party"
const row = (
  kind: string,
  name: string,
  file: string,
  leak: string | Buffer,
  twin: string | Buffer,
  line = 1,
): Row => ({ kind, name, leak: { [file]: leak }, file, line, twin: { [file]: twin } })

/** Each letter with a place of its own, as a drawing or an animated heading has it. */
const apart = (text: string, tag: string) =>
  Array.from(text, (letter, at) => `<${tag} x="${at * 8}">${letter}</${tag}>`).join('')
const drawing = (body: string) => `<svg xmlns="http://www.w3.org/2000/svg">\n${body}\n</svg>`
const words = (text: string, tag: string) =>
  text
    .split(' ')
    .map((word, at) => `<${tag} x="${at}" y="2">${word}</${tag}>`)
    .join('\n')

const TERMS =
  'behind bring call code door everybodi heron hide island kitchen light neighbour open otter parti passwort piano post sing surpris until wombat zanzibar miller'.split(
    ' ',
  )
const FEW = ['behind', 'piano', 'kitchen']

const quoted = (text: string) => {
  const bytes = text.replace(/[aeiou]/g, (vowel) => `=${vowel.charCodeAt(0).toString(16)}`)
  return `Content-Transfer-Encoding: quoted-printable\n\n${bytes.replace('=', '=\r\n=')}`
}
const folded = (text: string) => text.replace(/(.{9})/g, '$1\r\n ')

/** The same evidence in forms that a person reads at once, or a program undoes. */
export const DISGUISES: readonly Row[] = [
  row(
    'title',
    'a title whose words are placed apart in a drawing',
    'a.svg',
    drawing(words(TITLE, 'text')),
    drawing(words(OTHER, 'text')),
    2,
  ),
  row(
    'title',
    'a title whose words are placed apart within a text',
    'b.svg',
    drawing(`<text>${words(TITLE, 'tspan')}</text>`),
    drawing(`<text>${words(OTHER, 'tspan')}</text>`),
    2,
  ),
  row(
    'title',
    'a title whose letters are placed apart',
    'c.svg',
    drawing(apart(TITLE, 'tspan')),
    drawing(apart(OTHER, 'tspan')),
    2,
  ),
  row(
    'title',
    'a title whose letters are blocks',
    'd.html',
    page(apart(TITLE, 'div')),
    page(apart(OTHER, 'div')),
    4,
  ),
  row(
    'title',
    'a title with spaces between its letters',
    'e.html',
    page([...TITLE].join(' ')),
    page([...OTHER].join(' ')),
    4,
  ),
  row(
    'value',
    'a place whose letters are animated',
    'f.html',
    page(apart('Lighthouse on Otter Island', 'span')),
    page(apart('Lighthouse on Other Island', 'span')),
    4,
  ),
  row('terms', 'the terms of an index that keeps their letters', 'g.json', trie(TERMS), trie(FEW)),
  row(
    'terms',
    'the terms of an index that keeps parts of them',
    'h.json',
    radixTree(TERMS),
    radixTree(FEW),
  ),
  row(
    'terms',
    'the terms of an index within a script',
    'i.js',
    `x=${trie(TERMS)}`,
    `x=${trie(FEW)}`,
  ),
  row('title', 'a title in quoted-printable', 'a.eml', quoted(TITLE), quoted(OTHER), 3),
  row(
    'title',
    'a title in the folded lines of a calendar',
    'a.ics',
    `BEGIN:VCALENDAR\r\n${folded(`SUMMARY:${TITLE}`)}`,
    `BEGIN:VCALENDAR\r\n${folded(`SUMMARY:${OTHER}`)}`,
    2,
  ),
  row(
    'title',
    'a title in a style sheet',
    'a.css',
    'a::after{content:"Bob\'s \\73 urprise p\\0061rty"}',
    'a::after{content:"Bob\'s \\73 urprise \\70 ost"}',
  ),
  row(
    'title',
    'a title in references without their semicolons',
    'j.html',
    page('Bob&#39s &#115urprise p&#x61rty'),
    page('Bob&#39s &#115urprise p&#x6frty'),
    4,
  ),
  row(
    'title',
    'a title in base64 of the browser',
    'a.js',
    `atob("${Buffer.from(`Über ${TITLE}`, 'latin1').toString('base64')}")`,
    `atob("${Buffer.from(`Über ${OTHER}`, 'latin1').toString('base64')}")`,
  ),
  row(
    'title',
    'a title in an old encoding',
    'k.html',
    Buffer.from(page(`Grüße: ${TITLE}`), 'latin1'),
    Buffer.from(page(`Grüße: ${OTHER}`), 'latin1'),
    4,
  ),
  ...[
    '52.52, 13.404954',
    '52.520,13.405',
    '"lat":52.52,"lng":13.4050',
    '<a href="https://maps.example/#map=17/52.5200/13.40495">',
    '!3d52.5200!4d13.40495',
    '[13.404954,52.52]',
    '?ll=52.5200%2C13.4050',
    '52,5200; 13,4050',
  ].map((place, at) =>
    row(
      'number',
      `a place on a map as ${place}`,
      `map-${at}.html`,
      page(place),
      page(place.replace(/13([.,])4/, '13$15')),
      4,
    ),
  ),
  ...[
    'mum [at] post.example',
    'mum(at)post(dot)example',
    'mum@post . example',
    '<span>mum</span>@<span>post.example</span>',
    '<b>mum</b><b>@</b><b>post</b>.<b>example</b>',
    'mum AT post DOT example',
    'mum&#64;post&#46;example',
    `"mum" + "@" + "post" + ".example"`,
    `['mum', 'post.example'].join('@')`,
    '<bdo dir=rtl>elpmaxe.tsop@mum</bdo>',
  ].map((mail, at) =>
    row(
      'recipient',
      `a mail address as ${mail}`,
      `mail-${at}.html`,
      page(mail),
      page(mail.replace(/m(?:um|(?=um))|mum/, 'dad')),
      4,
    ),
  ),
  row(
    'number',
    'a place on a map in seconds',
    'seconds.html',
    page('52°31′12.0″N 13°24′17.8″E'),
    page('52°31′12.0″N 13°34′17.8″E'),
    4,
  ),
  row(
    'title',
    'a title in an address, without its apostrophe',
    'address.html',
    page('<img src="/og/bobs-surprise-party.png">'),
    page('<img src="/og/bobs-garden-party.png">'),
    4,
  ),
  row(
    'title',
    'a title in a text chunk of a picture',
    'a.png',
    png('tEXt', Buffer.from(`Title\0${TITLE}`)),
    png('tEXt', Buffer.from(`Title\0${OTHER}`)),
    0,
  ),
  row(
    'title',
    'a title in a packed chunk of a picture',
    'b.png',
    png('zTXt', Buffer.concat([Buffer.from('Title\0\0'), deflateSync(TITLE)])),
    png('zTXt', Buffer.concat([Buffer.from('Title\0\0'), deflateSync(OTHER)])),
    0,
  ),
  row(
    'title',
    'a title in the description of a photograph',
    'a.jpg',
    jpeg(0xe1, exif(TITLE)),
    jpeg(0xe1, exif(OTHER)),
    0,
  ),
  row(
    'title',
    'a title in the comment of a photograph',
    'b.jpg',
    jpeg(0xfe, Buffer.from(TITLE)),
    jpeg(0xfe, Buffer.from(OTHER)),
    0,
  ),
  row(
    'title',
    'a title in the XMP of a picture',
    'a.webp',
    webp(Buffer.from(`<dc:title>${TITLE}</dc:title>`)),
    webp(Buffer.from(`<dc:title>${OTHER}</dc:title>`)),
    0,
  ),
  row(
    'title',
    'a title in the tag of a recording',
    'a.mp3',
    id3(Buffer.from(`TIT2\0\0\u0003${TITLE}`)),
    id3(Buffer.from(`TIT2\0\0\u0003${OTHER}`)),
    0,
  ),
  row('title', 'a title in a document', 'a.pdf', pdf(kerned(TITLE)), pdf(kerned(OTHER)), 0),
  row(
    'sentence',
    'a sentence in a packed document',
    'b.pdf',
    pdf(deflateSync(kerned(SENTENCE))),
    pdf(deflateSync(kerned('Nothing that anybody would hide from others'))),
    0,
  ),
  row(
    'sentence',
    'a sentence in a packed data address',
    'l.html',
    page(`<a href="data:;base64,${gzipSync(SENTENCE).toString('base64')}">`),
    page('<a href="data:;base64,AAAA">'),
    4,
  ),
]
