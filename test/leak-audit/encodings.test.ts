import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { OTHER_TOKEN, TOKEN } from './kinds.ts'
import { audit } from './output.ts'

const POST = 'private/café.md'
const TITLE = '“Zoë’s” café & bar'
const TEXT = `It isn't a *secret* to "us": the [café's naïve](https://x.example/a_b)
office <em>opens</em> – at last – on Friday…`
const SITE = {
  posts: [{ post: POST, title: TITLE, text: TEXT, tags: ['zoë'] }],
  liveTokens: new Map([[TOKEN, POST]]),
}

const PLAIN = 'It isn’t a secret to “us”: the café’s naïve office opens – at last – on Friday…'
const HTML = `<p>It isn&rsquo;t a <em>secret</em> to &#8220;us&#x201d;: the <a href="https://x.example/a_b">caf&eacute;’s naïve</a> office <em>opens</em> – at last – on&nbsp;Friday&hellip;</p>`

describe('auditOutput() in any spelling', () => {
  const spellings: Readonly<Record<string, string>> = {
    'as text': PLAIN,
    'as HTML': HTML,
    'as minified HTML': `<!doctype html><p>It isn't a <em>secret</em> to "us":<!-- x --> the <a href=//x.example/a_b>café's naïve</a> office <em>opens</em> – at last – on Friday…`,
    'in an attribute': `<meta name=description content="${PLAIN.replace(/"/g, '&quot;')}">`,
    'in a comment': `<!-- ${HTML} -->`,
    'in XML, escaped': `<content type="html">${HTML.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</content>`,
    'in XML, as CDATA': `<description><![CDATA[${HTML}]]></description>`,
    'in JSON': JSON.stringify({ content_html: HTML }),
    'in JSON, escaped for a script': JSON.stringify({ content_html: HTML })
      .replace(/</g, '\\u003c')
      .replace(/['’]/g, '\\u0027')
      .replace(/[^\x00-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
    'in JSON in JSON': JSON.stringify({ json: JSON.stringify({ text: `"${PLAIN}"\n` }) }),
    'with escaped line breaks': JSON.stringify(PLAIN.replaceAll(' ', '\n')),
    'with slashes escaped': `{"html":"<p>It isn't a <em>secret<\\/em> to us: the café's naïve office<\\/p>"}`,
    'percent-encoded': `https://share.example/?text=${encodeURIComponent(PLAIN)}`,
    'as a form': `text=${encodeURIComponent(PLAIN).replaceAll('%20', '+')}`,
    'in capitals': PLAIN.toUpperCase(),
    'with accents apart': PLAIN.normalize('NFD'),
    'with ligatures': PLAIN.replace('ffi', 'ﬃ'),
    'with soft hyphens': PLAIN.replace('Friday', 'Fri\u00ADday').replace('secret', 'se&shy;cret'),
    'in many lines': PLAIN.split(' ').join('\r\n  '),
  }
  for (const [name, text] of Object.entries(spellings)) {
    it(`finds a sentence ${name}`, async (t) => {
      const findings = await audit(t, { ...SITE, output: { 'a.html': `\n\n${text}` } })
      const [first] = findings.filter(({ kind }) => kind === 'sentence')
      assert.deepEqual(first, { file: 'a.html', line: 3, kind: 'sentence', post: POST })
    })
    it(`does not find it ${name} when every second word is another`, async (t) => {
      const other = text
        .replace(/se(&shy;)?cret/gi, 'riddle')
        .replace(/caf/gi, 'Caff')
        .replace(/opens/gi, 'closes')
      assert.notEqual(other, text)
      assert.deepEqual(await audit(t, { ...SITE, output: { 'a.html': other } }), [])
    })
  }

  it('finds a title and a tag in any spelling', async (t) => {
    const titles = [
      'Zoe&#39;s cafe &amp; bar',
      'Zo\\u00eb\\u0027s caf\\u00e9 \\u0026 bar',
      'ZOË’S CAFÉ BAR',
    ]
    for (const title of titles) {
      const findings = await audit(t, { ...SITE, output: { a: `<b>${title}</b>` } })
      assert.deepEqual(findings, [{ file: 'a', line: 1, kind: 'title', post: POST }])
    }
    for (const tag of [
      '<b>Zo&euml;</b>',
      '<b><![CDATA[zoë]]></b>',
      '["zo\\u00eb"]',
      '/tags/zo%C3%AB/',
      '/tags/zoe/',
    ]) {
      const findings = await audit(t, { ...SITE, output: { a: tag } })
      assert.deepEqual(findings, [{ file: 'a', line: 1, kind: 'tag', post: POST }], tag)
    }
  })
})

describe('auditOutput() in any file', () => {
  const text = `${PLAIN}\n${OTHER_TOKEN}`
  const other = 'Nothing that anybody would want to hide from anybody else.'
  const site = { ...SITE, liveTokens: new Map([[OTHER_TOKEN, POST]]) }
  const big = Buffer.from(`\ufeff${text}`, 'utf16le').swap16()

  const files: readonly (readonly [string, (text: string) => string | Buffer])[] = [
    ...['a.html', 'a.xml', 'a.json', 'a.txt', 'a.js', 'a.js.map', 'a.css', 'a.svg', 'a.webmanifest']
      .concat(['a', 'CNAME', '_headers', '_redirects', '.hidden', '.well-known/a', 'ä/b c/d.x'])
      .map((path) => [path, (content: string) => content] as const),
    ['pagefind/fragment/en_1.pf_fragment', (content) => gzipSync(`pagefind_dcd${content}`)],
    ['a.html.gz', (content) => gzipSync(content)],
    ['a.html.br', (content) => brotliCompressSync(content)],
    ['a.utf16le.txt', (content) => Buffer.from(`\ufeff${content}`, 'utf16le')],
    ['a.utf16be.txt', (content) => (content === text ? big : Buffer.from(content))],
  ]
  for (const [path, encode] of files) {
    it(`finds a sentence and a token in ${path}`, async (t) => {
      const findings = await audit(t, { ...site, output: { [path]: encode(text) } })
      assert.deepEqual(
        findings.map(({ kind, line }) => `${line} ${kind}`),
        ['1 sentence', '2 token'],
      )
      assert.deepEqual(await audit(t, { ...site, output: { [path]: encode(other) } }), [])
    })
  }

  it('finds a token in an image', async (t) => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xd8, 0, 0x80]), Buffer.from(OTHER_TOKEN)])
    const findings = await audit(t, { ...site, output: { 'a.jpg': bytes } })
    assert.deepEqual(findings, [{ file: 'a.jpg', line: 1, kind: 'token', post: POST }])
  })

  it('survives what says that it is packed and is not', async (t) => {
    const broken = Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from(`\n${text}`)])
    const findings = await audit(t, { ...site, output: { 'a.gz': broken, 'a.br': text } })
    assert.equal(findings.length, 4)
  })
})
