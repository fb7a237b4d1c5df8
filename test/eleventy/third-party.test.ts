import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { createSite, post, type Site } from '../support/site.ts'

/** Markup that fetches from elsewhere, and the word by which the error must call it. */
const ELSEWHERE: Record<string, [markup: string, named: RegExp]> = {
  'a script': ['<script src="https://cdn.example/x.js"></script>', /script/],
  'an image': ['<img src="https://cdn.example/x.png" alt="">', /img/],
  'an image without a scheme': ['<img src="//cdn.example/x.png" alt="">', /img/],
  'an image in a srcset': [
    '<img src="/a.png" srcset="/a.png 1x, https://cdn.example/x.png 2x" alt="">',
    /img/,
  ],
  'a frame': ['<iframe src="https://cdn.example/x"></iframe>', /iframe/],
  'a stylesheet': ['<link rel="stylesheet" href="https://cdn.example/x.css">', /stylesheet/],
  'an icon': ['<link rel="icon" href="https://cdn.example/x.svg">', /icon/],
  'a table with a background': [
    '<table background="https://cdn.example/x.png"><tr><td>x</td></tr></table>',
    /table/,
  ],
  'an SVG script': ['<svg><script href="https://cdn.example/x.js"></script></svg>', /script/],
  'a font in a style element': [
    '<style>@font-face { src: url("https://cdn.example/x.woff2") }</style>',
    /style/,
  ],
  'an import': ['<style>@import "https://cdn.example/x.css";</style>', /style/],
  'a style attribute': ['<p style="background: url(https://cdn.example/x.png)">x</p>', /style/],
  'a video': ['<video poster="https://cdn.example/x.jpg"></video>', /video/],
  'an SVG image': ['<svg><image href="https://cdn.example/x.png"/></svg>', /image/],
  'a ping': ['<a href="/" ping="https://cdn.example/x">x</a>', /a/],
  'a refresh': [
    '<meta http-equiv="refresh" content="9; url=https://cdn.example/x">',
    /meta refresh/,
  ],
}

let site: Site | undefined
afterEach(() => site?.dispose())

describe('third-party resources on a private page', () => {
  for (const [what, [markup, named]] of Object.entries(ELSEWHERE)) {
    it(`are an error that names ${what}`, async () => {
      site = createSite({ 'private/x.md': post('audience: [Bob]', `Hello.\n\n${markup}\n`) })
      await assert.rejects(site.build(), (error: Error) => {
        assert.match(error.message, /private\/x\.md: a third-party /)
        assert.match(error.message, named)
        assert.match(error.message, /cdn\.example/)
        assert.match(error.message, /To do: /)
        return true
      })
      const allowed = await site.build({ options: { thirdParty: 'allow' } })
      assert.match(allowed.copy('private/x.md', 'Bob'), /cdn\.example/)
    })
  }

  it('are an error in a stylesheet of the site, and in one that it imports', async () => {
    site = createSite({
      'private/x.md': post('audience: [Bob]', '<link rel="stylesheet" href="/style.css">'),
      'style.css': '@import "fonts.css";',
      'fonts.css': '@font-face { src: url(https://fonts.example/a.woff2) }',
    })
    const config = (eleventyConfig: { addPassthroughCopy(path: string): void }) =>
      eleventyConfig.addPassthroughCopy('*.css')
    await assert.rejects(site.build({ config }), /fonts\.example\/a\.woff2, in \/fonts\.css/)
    site.write({ 'fonts.css': '@font-face { src: url(/a.woff2) }' })
    const built = await site.build({ config })
    assert.match(built.copy('private/x.md', 'Bob'), /style\.css/)
  })

  it('are a warning when the option says so, and nothing on public pages', async () => {
    const script = '<script src="https://cdn.example/x.js"></script>'
    site = createSite({
      'private/x.md': post('audience: [Bob]', script),
      'open.md': post('title: Open', script),
    })
    const built = await site.build({ options: { thirdParty: 'warn' } })
    assert.equal(built.printed.filter((line) => line.includes('cdn.example')).length, 1)
    assert.match(built.printed.join('\n'), /private\/x\.md: a third-party script/)
    assert.match(built.read('open/index.html'), /cdn\.example/)
  })

  it('are no error from the own site, in data: URLs and in links', async () => {
    site = createSite({
      'private/x.md': post(
        'audience: [Bob]',
        '<img src="/a.png" alt=""> <img src="https://alice.example/a.png" alt=""> <img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt=""> [out](https://else.example/)',
      ),
    })
    const built = await site.build()
    assert.match(built.copy('private/x.md', 'Bob'), /else\.example/)
  })
})

describe('headers of private pages', () => {
  it('are appended to those of the site', async () => {
    site = createSite({ 'private/x.md': post('audience: [Bob]'), _headers: '/*\n  X-Own: yes\n' })
    const config = (eleventyConfig: { addPassthroughCopy(path: string): void }) =>
      eleventyConfig.addPassthroughCopy('_headers')
    await site.build({ config })
    const built = await site.build({ config })
    const headers = built.read('_headers')
    assert.match(headers, /^\/\*\n {2}X-Own: yes\n/)
    assert.equal(headers.match(/^\/p\/\*$/gm)?.length, 1)
    for (const header of [
      'X-Robots-Tag: noindex',
      'Referrer-Policy: no-referrer',
      'Cache-Control: private',
      'Cross-Origin-Resource-Policy: same-origin',
      "Content-Security-Policy: default-src 'self'",
    ]) {
      assert.ok(headers.includes(header), header)
    }
    assert.doesNotMatch(headers, /[0-9a-hjkmnp-tv-z]{26}/)
  })
})
