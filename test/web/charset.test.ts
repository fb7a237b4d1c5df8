import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readText } from '../../lib/web/body.ts'

const latin = (text: string) => Buffer.from(text, 'latin1')
const page = (head: string, text = 'Gr\xfc\xdfe') => latin(`<!doctype html>${head}<p>${text}`)
const utf8 = (head: string) => Buffer.from(`<!doctype html>${head}<p>Grüße`)
const META = '<meta charset="windows-1252">'

async function read(bytes: Uint8Array, type = 'text/html'): Promise<string> {
  const text = await readText(new Response(bytes, { headers: { 'content-type': type } }))
  return text.replace(/^[^]*<p>/, '')
}

describe('the encoding of a page', () => {
  for (const [head, text] of [
    ['<meta charset="windows-1252">', 'Grüße'],
    ['<META CHARSET=ISO-8859-1>', 'Grüße'],
    ["<title>x</title><meta name=x content='y'/><meta charset='latin1'/>", 'Grüße'],
    ['<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">', 'Grüße'],
    ["<meta content='text/html;charset=iso-8859-15' http-equiv=content-type>", 'Grüße'],
    ['<!-- <meta charset="utf-8"> --><meta charset="windows-1252">', 'Grüße'],
    ['<meta charset="klingon"><meta charset="windows-1252">', 'Grüße'],
    ['<meta name="description" content="charset=windows-1252">', 'Gr\ufffd\ufffde'],
    ['<meta charset="utf-16">', 'Gr\ufffd\ufffde'],
    ['', 'Gr\ufffd\ufffde'],
  ] as const) {
    it(`is what ${head || 'no <meta>'} says`, async () => {
      assert.equal(await read(page(head)), text)
    })
  }

  it('is that of other languages', async () => {
    const cyrillic = Uint8Array.of(0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2)
    const head = latin('<meta charset="windows-1251"><p>')
    assert.equal(await read(Buffer.concat([head, cyrillic])), 'Привет')
    const japanese = Buffer.concat([
      latin('<meta charset="Shift_JIS"><p>'),
      Uint8Array.of(0x93, 0xfa, 0x96, 0x7b),
    ])
    assert.equal(await read(japanese), '日本')
    assert.equal(
      await read(Buffer.concat([latin('<meta charset=koi8-r><p>'), Uint8Array.of(0xc1)])),
      'а',
    )
  })

  it('has the signs of windows-1252, not the controls of Latin-1', async () => {
    assert.equal(await read(page(META, '\x93It\x92s\x94 \x80 5\x85')), '“It’s” € 5…')
    assert.equal(await read(page('', '\x80'), 'text/html; charset=latin1'), '€')
  })

  it('is what the header says before what the page says', async () => {
    assert.equal(await read(utf8(META), 'text/html; charset=utf-8'), 'Grüße')
    assert.equal(
      await read(page('<meta charset="utf-8">'), 'text/html;charset=ISO-8859-1'),
      'Grüße',
    )
    assert.equal(await read(page(META), 'text/html; charset=klingon'), 'Grüße')
  })

  it('is what a byte order mark says before anything else', async () => {
    const marked = Buffer.concat([Uint8Array.of(0xef, 0xbb, 0xbf), utf8(META)])
    assert.equal(await read(marked, 'text/html; charset=windows-1252'), 'Grüße')
    const wide = Buffer.from('\ufeff<p>Grüße', 'utf16le')
    assert.equal(await read(wide), 'Grüße')
    assert.equal(await read(wide.swap16(), 'text/html; charset=utf-8'), 'Grüße')
  })

  it('is looked for in HTML alone, and near its beginning', async () => {
    assert.equal(await read(page(META), 'text/plain'), 'Gr\ufffd\ufffde')
    assert.equal(await read(page(`<!--${'x'.repeat(20_000)}-->${META}`)), 'Gr\ufffd\ufffde')
    assert.equal(await read(page(`<!--${'x'.repeat(900)}-->${META}`)), 'Grüße')
    // A browser begins anew there.
    assert.equal(await read(page(`<!--${'x'.repeat(2000)}-->${META}`)), 'Grüße')
  })

  it('is what the XML declaration of a page says, after its <meta>', async () => {
    const declaration = '<?xml version="1.0" encoding="windows-1252"?>'
    const declared = (text: string) => latin(`${text}<html><p>Gr\xfc\xdfe`)
    assert.equal(await read(declared(declaration)), 'Grüße')
    assert.equal(await read(declared(declaration), 'application/xhtml+xml'), 'Grüße')
    assert.equal(await read(declared(declaration.replace('1252', '9'))), 'Gr\ufffd\ufffde')
    assert.equal(await read(declared(`<b>${declaration}</b>`)), 'Gr\ufffd\ufffde')
    const both = Buffer.from(`${declaration}<meta charset="utf-8"><p>Grüße`)
    assert.equal(await read(both), 'Grüße')
  })

  it('is found however the bytes arrive', async () => {
    const bytes = page(META, 'Gr\xfc\xdfe '.repeat(500))
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.subarray(at, at + 7))
        controller.close()
      },
    })
    const response = new Response(pieces, { headers: { 'content-type': 'text/html' } })
    assert.match(await readText(response), /(?:Grüße ){500}$/)
    const short = new Response('é', { headers: { 'content-type': 'text/html' } })
    assert.equal(await readText(short), 'é')
  })

  it('is read of a piece that is cut off, too', async () => {
    const response = new Response(page(META), { headers: { 'content-type': 'text/html' } })
    const text = await readText(response, { maxBytes: 50, truncate: true })
    assert.match(text, /<p>Grü$/)
  })
})
