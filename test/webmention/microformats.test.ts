import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseHtml } from '../../lib/web/html.ts'
import { parseMicroformats } from '../../lib/webmention/microformats.ts'

const PAGE = new URL('https://bob.example/page')
const parse = (html: string) => parseMicroformats(parseHtml(html, { scripting: false }), PAGE)
const names = (html: string) => parse(html).items.map(({ properties }) => properties['name'])

describe('parseMicroformats()', () => {
  it('includes what an item refers to', () => {
    const name = '<p><span id="n" class="fn">Ann</span></p>'
    for (const reference of [
      '<div class="vcard"><a class="include" href="#n"></a></div>',
      '<div class="vcard"><object class="include" data="#n"></object></div>',
      '<div class="vcard" itemref="n"></div>',
      '<table><tr><td class="vcard" headers="n"></td></tr></table>',
    ]) {
      assert.deepEqual(names(name + reference), [['Ann']], reference)
      assert.deepEqual(names(name + reference.replace(/#?\bn"/, '#other"')), [undefined], reference)
    }
  })

  it('includes nothing in itself, and no more than a page needs', () => {
    const circle = '<p id="a" itemref="b"><i class="fn">A</i></p><p id="b" itemref="a b">'
    assert.deepEqual(names(`<div class="vcard" itemref="a"></div>${circle}`), [['A']])
    const within = '<div id="all"><div class="vcard"><i class="fn">A</i><b itemref="all"></b></div>'
    assert.deepEqual(names(within), [['A']])
    const many = '<p id="n" class="fn">A</p><div class="vcard" itemref="n"></div>'.repeat(150)
    const found = names(many)
    assert.equal(found.length, 150)
    assert.equal(found.filter(Boolean).length, 100)
  })

  it('tells the id of an item, and no mark of ours', () => {
    const html = '<p class="h-entry" id="e1">x <b class="h-card">Bob</b></p><p class="h-card">y</p>'
    const { items } = parse(html)
    assert.deepEqual(
      items.map(({ id }) => id),
      ['e1', undefined],
    )
    const v1 = parse('<p class="vcard" id="v"><b class="fn">Ann</b></p>').items
    assert.deepEqual(v1, [{ type: ['h-card'], properties: { name: ['Ann'] } }])
    const inside = `<div class="h-entry"><div class="e-content"><b class="vcard"><i class="fn">Ann</i></b></div></div>`
    assert.doesNotMatch(JSON.stringify(parse(inside)), /x-root/)
  })

  it('knows which element became which item', () => {
    const { roots, items } = parse('<p class="h-entry">a</p><p class="hentry">b</p>')
    assert.deepEqual([...roots.values()], items)
    assert.deepEqual(
      [...roots.keys()].map(({ tagName }) => tagName),
      ['p', 'p'],
    )
  })

  it('reads a page whose links or names the parser stumbles over', () => {
    for (const trap of [
      '<a href="//[">x</a>',
      '<a href="http:">x</a>',
      '<img src="https:">',
      '<i class="p-constructor">x</i>',
      '<i class="p-note p-__proto__ p-toString">x</i>',
      '<a rel="constructor" href="/">x</a>',
    ]) {
      const html = `<div class="h-entry"><b class="p-name">A note</b>${trap}</div>`
      assert.deepEqual(names(html), [['A note']], trap)
    }
  })

  it('takes no markup in <noscript> for text', () => {
    const image = '<noscript><img src="/a.png" alt="a cat"></noscript>'
    const [entry] = parse(`<div class="h-entry"><p class="e-content">See ${image}</p></div>`).items
    const [content] = entry?.properties['content'] ?? []
    assert.ok(typeof content === 'object' && 'html' in content)
    assert.doesNotMatch(String(content.value), /</)
    assert.match(String(content.html), /<img/)
  })
})
