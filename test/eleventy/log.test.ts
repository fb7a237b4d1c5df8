import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { createSite, post, type Site } from '../support/site.ts'

const PRIVATE = { 'private/party.md': post('audience: [Bob]', 'The lanterns.') }
const TOKEN = /[0-9a-hjkmnp-tv-z]{26}/

let site: Site | undefined
afterEach(() => site?.dispose())

describe('no capability token stands in a build log', () => {
  it('when a copy cannot be written', async () => {
    site = createSite(PRIVATE)
    const token = (await site.build()).tokens('private/party.md')['Bob'] ?? ''
    const folder = join(site.folder, '_site/p', token)
    rmSync(folder, { recursive: true })
    writeFileSync(folder, 'in the way')
    await assert.rejects(site.build(), (error: Error) => {
      assert.match(error.message, new RegExp(`p/${token.slice(0, 4)}….*To do: `))
      assert.doesNotMatch(`${error.message} ${error.stack} ${String(error.cause)}`, TOKEN)
      return true
    })
    rmSync(folder)
    assert.match((await site.build()).copy('private/party.md', 'Bob'), /lanterns/)
  })

  it('when an older output folder is taken for sources', async () => {
    site = createSite(PRIVATE)
    const token = (await site.eleventy()).tokens('private/party.md')['Bob'] ?? ''
    const built = await site.eleventy(['--output=dist'])
    assert.equal(built.exitCode, 1, 'and the build fails')
    assert.match(built.console, new RegExp(`Writing .*p/${token.slice(0, 4)}…`))
    assert.doesNotMatch(built.console, TOKEN)
  })
})

describe("the plugin's own files", () => {
  it('are not copied where the template formats include theirs', async () => {
    site = createSite({ ...PRIVATE, 'menu.json': '{ "soup": 1 }' })
    const options = {
      config: (eleventyConfig: { setTemplateFormats(formats: string[]): void }) =>
        eleventyConfig.setTemplateFormats(['md', 'json']),
    }
    await site.build(options)
    const built = await site.build(options)
    const open = built.files.filter((file) => !file.startsWith('p/'))
    assert.deepEqual(open, ['_headers', 'menu.json'])
  })
})
