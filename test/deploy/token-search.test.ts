import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findTokens } from '../../lib/deploy/token-search.ts'

const TOKEN = '4jkq9mwx2r7tzv5bnc3hdsf8gy'
const OTHER = '0123456789abcdefghjkmnpqrs'
const URL_ = `https://alice.example/p/${TOKEN}/`
const each = (text: string, write: (letter: string) => string) => [...text].map(write).join('')

describe('findTokens()', () => {
  for (const [name, text] of [
    ['raw', `see ${URL_}.`],
    ['in capitals', URL_.toUpperCase()],
    ['in an attribute', `<a href='${URL_}?a=1&#038;b=2'>x</a>`],
    ['in CDATA', `<![CDATA[<a href="${URL_}">x</a>]]>`],
    ['escaped as HTML', `&lt;a href=&quot;${URL_}&quot;&gt;`],
    ['in JSON, with its slashes escaped', JSON.stringify(URL_).replaceAll('/', '\\/')],
    ['in percent signs', encodeURIComponent(URL_)],
    ['each letter in percent signs', each(TOKEN, (letter) => `%${code(letter, 16)}`)],
    ['in percent signs twice', each(TOKEN, (letter) => `%25${code(letter, 16)}`)],
    ['as decimal references', each(TOKEN, (letter) => `&#${code(letter, 10)};`)],
    [
      'as hexadecimal references',
      each(TOKEN, (letter) => `&#x0${code(letter, 16).toUpperCase()};`),
    ],
    [
      'as references that were escaped again',
      each(TOKEN, (letter) => `&amp;#${code(letter, 10)};`),
    ],
    ['as JSON escapes', each(TOKEN, (letter) => `\\u00${code(letter, 16)}`)],
    ['as escapes of JSON within JSON', each(TOKEN, (letter) => `\\\\u00${code(letter, 16)}`)],
    ['as escapes with braces', each(TOKEN, (letter) => `\\u{${code(letter, 16)}}`)],
    ['in percent signs that are references', each(TOKEN, (letter) => `&#37;${code(letter, 16)}`)],
    [
      'as a link text of which a part is hidden',
      `<span class="shown">alice.example/p/${TOKEN.slice(0, 12)}</span><span hidden>${TOKEN.slice(12)}</span>`,
    ],
    ['with places to break the line', each(TOKEN, (letter) => `${letter}<wbr>&shy;&#8203;\u200b`)],
    ['glued to other letters', `xp${TOKEN}zz`],
    ['without its last letters, which can be tried out', `${URL_.slice(0, -5)}…`],
  ] as const) {
    it(`finds one that is written ${name}`, () => {
      assert.deepEqual([...findTokens(text, [OTHER, TOKEN])], [TOKEN])
    })
  }

  it('finds several, each once', () => {
    const text = `${URL_} ${URL_} https://alice.example/p/${OTHER}/`
    assert.deepEqual([...findTokens(text, [OTHER, TOKEN])].toSorted(), [OTHER, TOKEN])
  })

  for (const [name, text] of [
    ['a text that is cut short', `alice.example/p/${TOKEN.slice(0, 12)}…`],
    ['what our own messages show', `https://alice.example/p/${TOKEN.slice(0, 4)}…/`],
    ['another link', URL_.replace(TOKEN, OTHER)],
    ['the letters in parts', `${TOKEN.slice(0, 13)} ${TOKEN.slice(13)}`],
    ['another link within tags', `<b>${OTHER.slice(0, 9)}</b>${OTHER.slice(9)}`],
    ['nothing', ''],
    ['a number that is no letter', '&#99999999;&#x110000;%zz'],
  ] as const) {
    it(`does not take for it: ${name}`, () => {
      assert.deepEqual([...findTokens(text, [TOKEN])], [])
    })
  }

  // What took time that grows with the square of the text would not end.
  it('comes to an end with long texts of a stranger', () => {
    for (const part of ['\\', '<', '<a', '%25', '&amp;', '&#x0', '&#37;', '\\u{0']) {
      assert.equal(findTokens(part.repeat(300_000), [TOKEN]).size, 0)
    }
  })

  function code(letter: string, base: number): string {
    return letter.charCodeAt(0).toString(base)
  }
})
