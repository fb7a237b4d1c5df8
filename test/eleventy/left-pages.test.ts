import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSite, post, type BuildOptions } from '../support/site.ts'

describe('an output folder that holds a build from before the plugin', () => {
  const hidden = post(
    'title: Surprise for Quokka\ntags: [quokkas]\naudience: [Bob]',
    'Nobody may know.',
  )

  it('is named, with what to do, and is no obstacle once it is gone', async (t) => {
    const site = createSite({
      'blog/a.md': hidden,
      '_site/tags/quokkas/index.html': '<h1>quokkas</h1><a>Surprise for Quokka</a>',
    })
    t.after(() => site.dispose())
    // The second time, too: the first build has written down what it wrote.
    for (let time = 0; time < 2; time++) {
      await assert.rejects(site.build(), (error: Error) => {
        assert.match(
          error.message,
          /blog\/a\.md: something private of it is public: tags\/qu…\/index\.html.*No template of this build wrote that file.*delete the output folder and build again/,
        )
        return true
      })
    }
    site.remove('_site')
    const built = await site.build()
    assert.ok(!built.publicBytes().includes('quokkas'))
  })

  it('is not suspected where a file of the project was copied', async (t) => {
    const site = createSite({
      'blog/a.md': hidden,
      'static/plan.html': '<p>Surprise for Quokka</p>',
    })
    t.after(() => site.dispose())
    const config: BuildOptions['config'] = (eleventyConfig) => {
      eleventyConfig.ignores.add('static/**')
      eleventyConfig.addPassthroughCopy({ static: '/' })
    }
    await assert.rejects(site.build({ config }), (error: Error) => {
      assert.match(error.message, /plan\.html/)
      assert.doesNotMatch(error.message, /delete the output folder/)
      return true
    })
  })
})
