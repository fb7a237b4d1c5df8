import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { AuditedSite, Files } from './output.ts'

export const TOKEN = 'xxxxxxxxxxxxxxxxxxxxxxxxxx'
export const OTHER_TOKEN = 'yyyyyyyyyyyyyyyyyyyyyyyyyy'
export const SENTENCE =
  'We hide behind the piano until Bob opens the kitchen door, then everybody sings.'
export const GATE = 'gategategat1'
const REGISTER = '{"version":1,"posts":{}}'
export const CAKE = Buffer.from('the bytes of a cake')
const CANDLES = Buffer.from('the bytes of candles')

/** Everything that could betray it, in one post. */
export const PARTY = {
  post: 'private/surprise-party.md',
  title: "Bob's surprise party",
  slugs: ['surprise-party'],
  naturalPaths: ['private/surprise-party/index.html', 'private/surprise-party.html'],
  tags: ['conspiracy'],
  text: SENTENCE,
  values: [
    'Lighthouse on Otter Island',
    'Zanzibar',
    'Bring Wombat Miller, Heron and the others',
    'Call +49 30 7654329, or the neighbour',
    'The door code is 4711',
    'Passwort: kiwi7',
    'https://meet.example/otter-room?pin=1',
    '52.52,13.4049540',
  ],
  recipients: ['https://carol.example/', 'mailto:mum@post.example', 'Aunt Ottilie', 'Grandma'],
  attachments: [
    { path: 'private/cake.jpg', sha256: createHash('sha256').update(CAKE).digest('hex') },
  ],
}

export const SITE: Omit<AuditedSite, 'output'> = {
  posts: [PARTY],
  liveTokens: new Map([[TOKEN, PARTY.post]]),
  media: [
    {
      ...{ post: PARTY.post, path: 'img/candles.jpg', size: CANDLES.length },
      sha256: createHash('sha256').update(CANDLES).digest('hex'),
    },
  ],
  placeholders: new Map([['uup00000nonce', PARTY.post]]),
  gates: new Map([[GATE, { post: PARTY.post, readers: new Set(['https://bob.example/']) }]]),
  foreign: { own: [new URL('https://alice.example/')], rules: {}, sourceOf: () => PARTY.post },
  deployFiles: new Map([[createHash('sha256').update(REGISTER).digest('hex'), PARTY.post]]),
}

export interface Row {
  readonly kind: string
  readonly name: string
  readonly leak: Files
  readonly file: string
  readonly line: number
  /** What is shown of it. */
  readonly seen?: string
  /** The same with one thing changed. */
  readonly twin: Files
}

export const page = (body: string) =>
  `<!doctype html>\n<title>Home</title>\n<main>\n${body}\n</main>\n`

/** One planted leak of each kind, and of each form that the kind takes. */
export const LEAKS: readonly Row[] = [
  {
    kind: 'token',
    name: 'a capability URL in a feed',
    leak: { 'feed.xml': `<link>\nhttps://alice.example/p/${TOKEN}/</link>` },
    ...{ file: 'feed.xml', line: 2 },
    twin: { 'feed.xml': `<link>\nhttps://alice.example/p/${TOKEN.slice(1)}/</link>` },
  },
  {
    kind: 'token',
    name: 'a token within a longer run of letters, its case folded',
    leak: { 'a.txt': `00${TOKEN.toUpperCase()}00` },
    ...{ file: 'a.txt', line: 1 },
    twin: { 'a.txt': `00${TOKEN.slice(0, 13)}-${TOKEN.slice(13)}00` },
  },
  {
    kind: 'token',
    name: 'a token in the name of a file',
    leak: { [`img/${TOKEN}.png`]: 'image' },
    ...{ file: 'img/xxxx….png', line: 0 },
    twin: { [`img/${OTHER_TOKEN}.png`]: 'image' },
  },
  {
    kind: 'placeholder',
    name: 'a placeholder in a page',
    leak: { 'index.html': page('<a href="/p/uup00000nonce/">x</a>') },
    ...{ file: 'index.html', line: 4 },
    twin: { 'index.html': page('<a href="/p/uup00000non/">x</a>') },
  },
  {
    kind: 'placeholder',
    name: 'a placeholder in the name of a folder',
    leak: { 'p/uup00000nonce/index.html': '' },
    ...{ file: 'p/uup00000nonce/index.html', line: 0 },
    twin: { 'p/uup00001nonce/index.html': '' },
  },
  {
    kind: 'natural-path',
    name: 'a page where the post would be without the plugin',
    leak: { 'private/surprise-party.html': '' },
    ...{ file: 'private/surprise-party.html', line: 0 },
    twin: { 'private/other-party.html': '' },
  },
  {
    kind: 'natural-path',
    name: 'the address that the post would have without the plugin',
    leak: { 'sitemap.xml': '<loc>https://alice.example/private/surprise-party/</loc>' },
    ...{ file: 'sitemap.xml', line: 1 },
    twin: { 'sitemap.xml': '<loc>https://alice.example/private/</loc>' },
  },
  {
    kind: 'title',
    name: 'the title in a list',
    leak: { 'index.html': page('<li>Soon: bob’s <b>surprise</b> party!</li>') },
    ...{ file: 'index.html', line: 4 },
    twin: { 'index.html': page('<li>Bob’s</li><li>surprise party</li>') },
  },
  {
    kind: 'title',
    name: 'the title in the name of a file',
    leak: { 'og/bob-s-surprise-party-en.png': 'image' },
    ...{ file: 'og/bo…', line: 0 },
    twin: { 'og/bob-s-party-en.png': 'image' },
  },
  {
    kind: 'title',
    name: 'the title where style alone parts it from what stands before',
    leak: { 'index.html': page('<a>Quokka</a><a>Bob’s <b>s</b>urprise party</a>') },
    ...{ file: 'index.html', line: 4 },
    twin: { 'index.html': page('<a>Quokka</a><a>Bob’s <b>s</b> urprise party</a>') },
  },
  {
    kind: 'title',
    name: 'the title in an attribute',
    leak: { 'index.html': page('<img alt="Bob&#39;s surprise party">') },
    ...{ file: 'index.html', line: 4 },
    twin: { 'index.html': page('<img alt="Bob&#39;s party">') },
  },
  {
    kind: 'slug',
    name: 'a link to the post, relative and without quotes',
    leak: { 'index.html': page('<a href=../surprise-party/>next</a>') },
    ...{ file: 'index.html', line: 4 },
    twin: { 'index.html': page('<a href=../surprise-party-games/>next</a>') },
  },
  {
    kind: 'slug',
    name: 'the name of the post as the name of a file',
    leak: { 'og/surprise-party.png': 'image' },
    ...{ file: 'og/surprise-party.png', line: 0 },
    twin: { 'og/party-surprise.png': 'image' },
  },
  {
    kind: 'input-path',
    name: 'the path of the source in a source map',
    leak: { 'main.js.map': '{"sources":[\n"../../private/surprise-party.md"]}' },
    ...{ file: 'main.js.map', line: 2 },
    twin: { 'main.js.map': '{"sources":[\n"../../private/surprise-party.mdx"]}' },
  },
  {
    kind: 'input-path',
    name: 'the path of the source from the root of a disk',
    leak: { 'error.txt': 'at /home/alice/private/surprise-party.md:3' },
    ...{ file: 'error.txt', line: 1 },
    twin: { 'error.txt': 'at /home/alice/not-private/surprise-party.md:3' },
  },
  {
    kind: 'input-path',
    name: 'the path of a file that lies beside the post',
    leak: { 'index.html': page('<img src="/private/cake.jpg">') },
    ...{ file: 'index.html', line: 4 },
    twin: { 'index.html': page('<img src="/private/cake.jpg_">') },
  },
  {
    kind: 'sentence',
    name: 'eight words of the text',
    leak: { 'index.html': page('behind the piano until Bob\nopens the kitchen') },
    ...{ file: 'index.html', line: 4 },
    twin: { 'index.html': page('behind the piano until Bob\nopens the door') },
  },
  {
    kind: 'tag',
    name: 'the page of a tag',
    leak: { 'tags/conspiracy/index.html': '' },
    ...{ file: 'tags/co…/index.html', line: 0 },
    twin: { 'tags/conspiracies/index.html': '' },
  },
  {
    kind: 'tag',
    name: 'a tag in a list',
    leak: { 'index.html': page('<li><a href="#">Conspiracy</a></li>') },
    ...{ file: 'index.html', line: 4 },
    twin: { 'index.html': page('<li><a href="#">A conspiracy</a></li>') },
  },
  {
    kind: 'tag',
    name: 'a tag as a string in JSON',
    leak: { 'search.json': '{"tags":["conspiracy"]}' },
    ...{ file: 'search.json', line: 1 },
    twin: { 'search.json': '{"text":["no conspiracy"]}' },
  },
  {
    kind: 'title',
    name: 'the title run together, in the name of a file',
    leak: { 'files/ourBobsSurpriseParty.pdf': '' },
    ...{ file: 'files/ou…', line: 0 },
    twin: { 'files/ourBobsSurprise.pdf': '' },
  },
  {
    kind: 'value',
    name: 'a place out of the front matter',
    leak: { 'kind0.html': page('<p>We met at the lighthouse on <b>Otter</b> Island.</p>') },
    ...{ file: 'kind0.html', line: 4 },
    twin: { 'kind0.html': page('<p>We met at the lighthouse on another island.</p>') },
  },
  {
    kind: 'value',
    name: 'a place of one word that is the whole of an element',
    leak: { 'kind1.html': page('<td>zanzibar</td>') },
    ...{ file: 'kind1.html', line: 4 },
    twin: { 'kind1.html': page('<td>to zanzibar</td>') },
  },
  {
    kind: 'value',
    name: 'a guest out of a list in words',
    leak: { 'search.json': '[{"a":\n"Heron"}]' },
    ...{ file: 'search.json', line: 2 },
    twin: { 'search.json': '[{"a":\n"Herons"}]' },
  },
  {
    kind: 'value',
    name: 'an address out of the front matter',
    leak: { 'kind3.html': page('<a href="https://meet.example/otter-room?pin=1">x</a>') },
    ...{ file: 'kind3.html', line: 4 },
    twin: { 'kind3.html': page('<a href="https://meet.example/other-room?pin=1">x</a>') },
  },
  {
    kind: 'recipient',
    name: 'a mail address, escaped',
    leak: { 'kind4.html': page('<a href="mailto:Mum%40post.example">x</a>') },
    ...{ file: 'kind4.html', line: 4 },
    twin: { 'kind4.html': page('<a href="mailto:not-mum%40post.example">x</a>') },
  },
  {
    kind: 'recipient',
    name: 'the site of a reader',
    leak: { 'kind5.html': page('<a href="https://www.carol.example/about">x</a>') },
    ...{ file: 'kind5.html', line: 4 },
    twin: { 'kind5.html': page('<a href="https://carol.example.org/">x</a>') },
  },
  {
    kind: 'recipient',
    name: 'the name of a reader',
    leak: { 'kind6.html': page('<p>Read by Grandma and aunt Ottilie</p>') },
    ...{ file: 'kind6.html', line: 4 },
    twin: { 'kind6.html': page('<p>Grandma</p><p>aunt</p><p>Ottilie</p>') },
  },
  ...['030 / 765 43 29', '+49 (30) 7654329', '0049-30-765-4329', '030.765.4329', '0307654329'].map(
    (number, at) => ({
      kind: 'number',
      name: `a telephone number as ${number}`,
      leak: { [`tel-${at}.html`]: page(`<p>Tel.: <b>${number}</b> 2026-11-21</p>`) },
      ...{ file: `tel-${at}.html`, line: 4 },
      twin: { [`tel-${at}.html`]: page(`<p>Tel.: <b>${number.slice(0, -1)}8</b> 2026-11-21</p>`) },
    }),
  ),
  {
    kind: 'number',
    name: 'a code beside the word for it',
    leak: { 'kind8.html': page('<dt>Türcode</dt><dd>4711</dd>') },
    ...{ file: 'kind8.html', line: 4 },
    twin: { 'kind8.html': page('<dt>Seats</dt><dd>4711</dd>') },
  },
  {
    kind: 'number',
    name: 'a password of letters and figures',
    leak: { 'kind9.html': page('<p>Take Kiwi7 with you.</p>') },
    ...{ file: 'kind9.html', line: 4 },
    twin: { 'kind9.html': page('<p>Take Kiwi 7 with you.</p>') },
  },
  {
    kind: 'terms',
    name: 'the terms of the post in an index of search, without their endings',
    leak: {
      'search-index.json': `{"index":\n["behind","bring","call","code","door","everyb","heron","hide","island","kiwi7","kitchen","light","neighbour","open","other","otter","parti","passwort","piano","post","sing","surpris","until","wombat","zanzibar","miller"]}`,
    },
    ...{ file: 'search-index.json', line: 2 },
    twin: { 'search-index.json': '{"index":\n["behind","piano","kitchen"]}' },
  },
  {
    kind: 'sentence',
    name: 'a sentence in base64',
    leak: { 'app.js': `x\nconst a = "${Buffer.from(SENTENCE).toString('base64')}"` },
    ...{ file: 'app.js', line: 2 },
    twin: {
      'app.js': `x\nconst a = "${Buffer.from('Nothing that anybody hides from others').toString('base64')}"`,
    },
  },
  {
    kind: 'title',
    name: 'the title in a packed data address',
    leak: {
      'kind12.html': page(
        `<a href="data:text/html;base64,${gzipSync("<b>Bob's surprise party</b>").toString('base64')}">`,
      ),
    },
    ...{ file: 'kind12.html', line: 4 },
    twin: {
      'kind12.html': page(
        `<a href="data:text/html;base64,${gzipSync("<b>Bob's party</b>").toString('base64')}">`,
      ),
    },
  },
  {
    kind: 'sentence',
    name: 'a sentence in hexadecimal digits',
    leak: { 'a.txt': Buffer.from(SENTENCE).toString('hex') },
    ...{ file: 'a.txt', line: 1 },
    twin: { 'a.txt': Buffer.from('Nothing that anybody hides').toString('hex') },
  },
  {
    kind: 'attachment',
    name: 'a copy of a file that lies beside the post',
    leak: { 'img/1234.jpg': CAKE },
    ...{ file: 'img/1234.jpg', line: 0 },
    twin: { 'img/1234.jpg': Buffer.concat([CAKE, CAKE]) },
  },
  {
    kind: 'media',
    name: 'a copy of a picture that only the post names',
    leak: { 'img/5678.jpg': CANDLES },
    ...{ file: 'img/5678.jpg', line: 0 },
    twin: { 'img/5678.jpg': CANDLES, 'index.html': '<img src="img/5678.jpg">' },
  },
  {
    kind: 'dead-link',
    name: 'a folder whose link is not live',
    leak: { [`p/${OTHER_TOKEN}/index.html`]: '' },
    ...{ file: 'p/yyyy…/index.html', line: 0 },
    twin: { [`p/${TOKEN}/index.html`]: '' },
  },
  {
    kind: 'gate-address',
    name: 'a link to a gated post, its case folded',
    leak: { 'linker.html': page(`<a href="/Private/${GATE.toUpperCase()}/">trip</a>`) },
    ...{ file: 'linker.html', line: 4 },
    twin: { 'linker.html': page(`<a href="/Private/${GATE.slice(0, -1)}2/">trip</a>`) },
  },
  {
    kind: 'gate-address',
    name: 'a page behind the gate that lies in the output',
    leak: { [`private/${GATE}/index.html`]: '' },
    ...{ file: `private/${GATE}/index.html`, line: 0 },
    twin: { [`private/${GATE.slice(1)}/index.html`]: '' },
  },
  {
    kind: 'deploy-file',
    name: 'a copy of what only the functions may read',
    leak: { 'data/copy.json': REGISTER },
    ...{ file: 'data/copy.json', line: 0 },
    twin: { 'data/copy.json': `${REGISTER} ` },
  },
  {
    kind: 'foreign-secret',
    name: 'a link to a post that somebody else wrote for few',
    leak: { 'links.html': page('<a href="https://bob.example/m/73ZE9ngcTj4LUCUUjQQ8j8">a</a>') },
    ...{ file: 'links.html', line: 4, seen: 'https://bob.example/m/73ZE…' },
    twin: { 'links.html': page('<a href="https://alice.example/m/73ZE9ngcTj4LUCUUjQQ8j8">a</a>') },
  },
]
