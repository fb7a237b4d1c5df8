import { POST } from './receiving.ts'

/** A source that was made to be slow to read, with a link to the target in it. */
export interface HostilePage {
  readonly name: string
  readonly type: 'text/html' | 'application/json' | 'text/plain'
  readonly body: string
}

const MB = 1024 * 1024
const LINK = `<a href="${POST}">x</a>`

const fill = (text: string, size = MB) => text.repeat(Math.floor((size - 1_000) / text.length))
const numbered = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join('')
const entry = (inside: string) => `${LINK}<div class="h-entry">${inside}</div>`
const html = (name: string, body: string): HostilePage => ({ name, type: 'text/html', body })

/** Each of them held the thread that read it for longer than a request may wait, some for minutes. */
export const HOSTILE_PAGES: readonly HostilePage[] = [
  html(
    'a value for each letter of a date',
    entry(`<p class="dt-published">${'<i class=value>x</i>'.repeat(35_000)}</p>`),
  ),
  html(
    'values in each of many properties',
    entry(fill(`<p class="p-name">${'<i class=value>x</i>'.repeat(2_000)}</p>`)),
  ),
  html(
    'titles of values',
    entry(`<p class="dt-start">${'<i class=value-title title=x></i>'.repeat(25_000)}</p>`),
  ),
  html('entries without number', entry(fill('<p class="h-entry"><i class="p-name">x</i></p>'))),
  html('entries within entries', `${'<div class="h-entry">'.repeat(40_000)}${LINK}`),
  html(
    'items of several names within each other',
    `${LINK}${fill('<div class="p-a u-b dt-c e-d h-x">')}`,
  ),
  html(
    'contents within contents',
    `${LINK}<div class="h-entry">${'<div class="e-content">'.repeat(255)}${fill('x', 900_000)}`,
  ),
  html('properties without number', entry(fill('<i class="p-a p-b u-c dt-d">x</i>'))),
  html(
    'properties of microformats1',
    `${LINK}<div class="vcard">${fill('<i class="fn url">x</i>')}`,
  ),
  html(
    'includes that include each other',
    `${LINK}<div class="vcard">${numbered(30, (i) => `<p id="i${i}"><a class="include" href="#i${i + 1}"></a><a class="include" href="#i${i + 1}"></a></p>`)}</div>`,
  ),
  html(
    'thousands of references to one element',
    `${LINK}<p id="big">${'<i class="fn">x</i>'.repeat(1_000)}</p>${numbered(1_000, () => '<div class="vcard"><a class="include" href="#big"></a></div>')}`,
  ),
  html(
    'thousands of references in one attribute',
    `${LINK}<p id="big">${fill('x', 400_000)}</p><div class="vcard" itemref="${'big '.repeat(100_000)}"></div>`,
  ),
  html(
    'references in a circle',
    `${LINK}<div class="vevent" itemref="a b"></div>${['a', 'b'].map((id) => `<p id="${id}" itemref="${'a b '.repeat(500)}">x</p>`).join('')}`,
  ),
  html(
    'references to what they are in',
    `${LINK}<div id="all">${numbered(5_000, (i) => `<div class="vcard" id="v${i}"><p itemref="all v${i}">x</p></div>`)}</div>`,
  ),
  html(
    'references from cells to cells',
    `${LINK}<table>${numbered(5_000, (i) => `<tr class="vevent"><td id="c${i}" headers="c${i + 1} c0">x</td></tr>`)}</table>`,
  ),
  html(
    'references within nested items',
    `${LINK}<p id="x"></p>${'<div class="vcard" itemref="x">'.repeat(30_000)}`,
  ),
  html('visibilities within each other', `${LINK}${fill('<b class="p-visibility">')}`),
  html(
    'visibilities within each other, around a text in pieces',
    `${LINK}${'<i class="p-visibility">x'.repeat(1_000)}${fill('<u>y</u>')}`,
  ),
  html('100,000 attributes', `${LINK}<a ${numbered(100_000, (i) => `a${i} `)}>`),
  html('a class list of 1 MB', `${LINK}<p class="h-entry ${numbered(90_000, (i) => `p-a${i} `)}">`),
  html(
    'a thousand rels for each link',
    entry(fill(`<a rel="${'tag '.repeat(1_000)}" href=/x>x</a>`)),
  ),
  html(
    'rels without number',
    `${LINK}${numbered(25_000, (i) => `<a rel="a${i} tag" href="/${i}"></a>`)}`,
  ),
  html(
    'a thousand images in one srcset',
    entry(`<img class="u-photo" srcset="${fill('a 1x, ')}">`),
  ),
  html('one address of 1 MB', `${LINK}<a href="${fill('https://x.example/')}">x</a>`),
  html(
    'a host of 20,000 letters',
    `${LINK}<a href="https://${numbered(20_000, (i) => String.fromCharCode(0x4e00 + i))}/">x</a>`,
  ),
  html('addresses full of dots', `${LINK}${fill(`<a href="${'../'.repeat(2_000)}">x</a>`)}`),
  html('elements within elements', `${LINK}${fill('<div>')}`),
  html('tables within tables', `${LINK}${fill('<table><tr><td>')}`),
  html('formatting that is never closed', `${LINK}${fill('<b><i><u><a>')}`),
  html(
    'formatting that multiplies as it is parsed',
    `${LINK}<p>${numbered(5_000, (i) => `<b a${i}>`)}${'<p>x'.repeat(5_000)}`,
  ),
  html('ends without beginnings', `${LINK}${fill('<b></p>')}`),
  html('tags that never end', `${LINK}${fill('<a ')}`),
  html('comments that never end', `${LINK}${fill('<!--')}`),
  html('entities', `${LINK}${fill('&notit;&amp')}`),
  html('links without number', `<div class="h-entry"><div class="e-content">${fill(LINK)}`),
  html('names of the language', entry(`<p class="p-constructor p-to-string p-__proto__">${LINK}`)),
  {
    name: 'deep JSON',
    type: 'application/json',
    body: `${'['.repeat(500_000)}${']'.repeat(500_000)}`,
  },
  { name: 'JSON of 1 MB', type: 'application/json', body: `[${fill('{"a":1},')}"${POST}"]` },
  { name: 'a text of addresses', type: 'text/plain', body: `${fill('http://a ')}${POST}` },
  {
    name: 'a text of brackets',
    type: 'text/plain',
    body: `${fill('https://a/)))))))))) ')}${POST}`,
  },
]
