import assert from 'node:assert/strict'
import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { checkCommand } from '../../lib/cli/check.ts'
import { run } from '../../lib/cli/run.ts'
import { createSite, post, type BuildOptions, type Site } from '../support/site.ts'

const FILES = {
  'open.md': post('title: Open', 'An open letter.'),
  'letter.md': post('visibility: private', 'The zanzibar lanterns hang over the long table.'),
}
const TEMPORARY = '.11ty-vite'

let site: Site | undefined
afterEach(() => site?.dispose())

/** What eleventy-plugin-vite leaves when it is killed: the output under another name. */
async function killed(files = FILES): Promise<string> {
  site = createSite(files)
  const { folder } = await site.build()
  renameSync(join(folder, '_site'), join(folder, TEMPORARY))
  return folder
}

/** So many minutes later, in a site whose bundler lets Eleventy ignore the folder. */
const later = (minutes: number): BuildOptions => ({
  now: new Date(Date.now() + minutes * 60_000),
  config: (eleventyConfig) => eleventyConfig.ignores.add(`${TEMPORARY}/**`),
})

describe('the output that a killed bundler leaves under another name', () => {
  it('is removed by the next build', async () => {
    const folder = await killed()
    const { printed } = (await site?.build(later(20))) ?? assert.fail()
    assert.equal(existsSync(join(folder, TEMPORARY)), false)
    assert.match(printed.join('\n'), /Removed \.11ty-vite\/.* private pages were in it/)
    const again = (await site?.build(later(20))) ?? assert.fail()
    assert.doesNotMatch(again.printed.join('\n'), /vite/)
  })

  it('is named while a bundler may still be at work', async () => {
    const folder = await killed()
    const { printed } = (await site?.build(later(1))) ?? assert.fail()
    assert.equal(existsSync(join(folder, TEMPORARY)), true)
    assert.match(
      printed.join('\n'),
      /\.11ty-vite\/ holds private pages.* To do: .*delete the folder/,
    )
  })

  it('is left alone where nothing private is in it', async () => {
    const folder = await killed({ ...FILES, 'letter.md': post('visibility: public', 'Hello.') })
    const { printed } = (await site?.build(later(20))) ?? assert.fail()
    assert.equal(existsSync(join(folder, TEMPORARY)), true)
    assert.doesNotMatch(printed.join('\n'), /vite/)
  })

  it('is named by check', async () => {
    const check = async (...args: string[]) => {
      let out = ''
      await run([checkCommand], ['check', ...args], {
        cwd: site?.folder ?? '',
        environment: {},
        terminal: {
          out: (text) => void (out += text),
          error: () => undefined,
          isInteractive: false,
        },
        now: () => new Date(),
        readSecret: async () => '',
        signal: new AbortController().signal,
      })
      return out
    }
    await killed()
    await site?.build(later(1))
    assert.match(await check(), /\.11ty-vite\/ holds private pages.* To do: /)
    assert.deepEqual(JSON.parse(await check('--json')).leftOutputs, [TEMPORARY])
    site?.remove(TEMPORARY)
    assert.doesNotMatch(await check(), /vite/)
    assert.equal(JSON.parse(await check('--json')).leftOutputs, undefined)
  })
})
