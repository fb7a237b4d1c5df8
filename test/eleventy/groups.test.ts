import { InputPathToUrlTransformPlugin } from '@11ty/eleventy'
import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { createSite, post, type Site } from '../support/site.ts'

const OLD = 'private/old.md'
const NEW = 'private/new.md'
const forFamily = (body: string) => post('audience: [family]', body)

let site: Site
afterEach(() => site.dispose())

const withFamily = (family: string[], day: number) =>
  site.build({ options: { groups: { family } }, now: new Date(`2026-11-0${day}T12:00:00Z`) })

describe('groups of a site', () => {
  it('show a new member what comes after, and say so without a name', async () => {
    site = createSite({ 'index.md': post('title: Home'), [OLD]: forFamily('An old kiwi.') })
    const first = await withFamily(['Aunt May'], 1)
    site.write({ [NEW]: forFamily('A new emu.') })
    const { printed, ...second } = await withFamily(['Aunt May', 'Uncle Bo'], 2)
    assert.deepEqual(second.tokens(OLD), first.tokens(OLD))
    assert.deepEqual(Object.keys(second.tokens(NEW)), ['Aunt May', 'Uncle Bo'])
    assert.match(second.copy(NEW, 'Uncle Bo'), /emu/)
    assert.equal(
      printed.filter((line) =>
        /1 new member of family sees posts from now on; older ones: private-posts share/.test(line),
      ).length,
      1,
    )
    assert.doesNotMatch(printed.join('\n'), /Bo\b/)
    assert.doesNotMatch(
      (await withFamily(['Aunt May', 'Uncle Bo'], 3)).printed.join('\n'),
      /new member/,
    )
  })

  it('say which older post a new one leads to', async () => {
    site = createSite({
      'index.md': post('title: Home'),
      [OLD]: forFamily('An old kiwi.'),
      [NEW]: forFamily('See [the kiwi](./old.md).'),
    })
    const config = (eleventyConfig: { addPlugin(plugin: unknown): void }) =>
      eleventyConfig.addPlugin(InputPathToUrlTransformPlugin)
    await site.build({ options: { groups: { family: ['Aunt May'] } }, config })
    const groups = { family: ['Aunt May', 'Uncle Bo'] }
    const later = new Date('2026-12-02T12:00:00Z')
    site.write({ 'private/newest.md': forFamily('See [the kiwi](./old.md), too.') })
    await assert.rejects(
      site.build({ options: { groups }, config, now: later }),
      (error: Error) => {
        assert.match(
          error.message,
          /private\/newest\.md links to private\/old\.md, to which one of its readers has no link.*private-posts share private\/old\.md <recipient>/,
        )
        assert.doesNotMatch(error.message, /Bo\b/)
        return true
      },
    )
  })
})
