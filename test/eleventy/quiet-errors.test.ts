import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import eleventyWebcPlugin from '@11ty/eleventy-plugin-webc'
import { createSite, type Files, type Site } from '../support/site.ts'

/** Stands in the post's text, its title, its code, and in the names of its readers. */
const WORD = 'quokka'
const TOKEN = /[0-9a-hjkmnp-tv-z]{26}/

let site: Site | undefined
afterEach(() => site?.dispose())

/** Front matter of five lines; the text begins in line 6. */
function file(text: string, { layout = 'base.liquid', more = '' } = {}): string {
  return `---\nlayout: ${layout}\ntitle: The ${WORD}\naudience: ["mailto:${WORD}@bob.example"]\n${more}---\n${text}\n`
}
const BROKEN_YAML = `---\ntitle: The ${WORD}\naudience: [mailto:${WORD}@bob.example\nplace: here\n---\nText.\n`

// eslint-disable-next-line -- Eleventy's configuration has no published type
function configure(eleventyConfig: any): void {
  eleventyConfig.addPlugin(eleventyWebcPlugin)
  eleventyConfig.addFilter('boom', (value: unknown) => {
    throw new Error(`boom ${value}`)
  })
  eleventyConfig.addShortcode('figure', (value: unknown) => {
    throw new Error(`figure ${value}`)
  })
  eleventyConfig.addTransform('minify', (content: string) => {
    if (content.includes('MINIFY')) throw new Error(`Parse Error: ${content}`)
    return content
  })
}

/** Builds that fail in a private post: files, and what must be said. */
const FAILURES: Record<string, [files: Files, said: RegExp]> = {
  'a filter that Liquid does not know': [
    { 'private/x.liquid': file(`one\n\n{{ "a" | ${WORD} }}`) },
    /^private\/x\.liquid, line 8: .*cannot be compiled/,
  ],
  'a tag that Liquid does not know': [
    { 'private/x.md': file(`one\n{% ${WORD} %}`) },
    /^private\/x\.md, line 7: /,
  ],
  'a tag of Liquid that is not closed': [
    { 'private/x.html': file(`{% if ${WORD} %}`) },
    /^private\/x\.html, line 6: /,
  ],
  'a filter in Markdown that throws': [
    { 'private/x.md': file(`one\n{{ "${WORD}" | boom }}`) },
    /^private\/x\.md, line 7: /,
  ],
  'a shortcode that throws': [
    { 'private/x.md': file(`one\n{% figure "${WORD}" %}`) },
    /^private\/x\.md, line 7: /,
  ],
  'a shortcode in Nunjucks that throws': [
    { 'private/x.njk': file(`{% figure "${WORD}" %}`) },
    /^private\/x\.njk: the shortcode "figure" failed/,
  ],
  'a statement of Nunjucks that does not end': [
    { 'private/x.njk': file(`{% if ${WORD} %}`) },
    /^private\/x\.njk.*: the template cannot be rendered/,
  ],
  'a character that Nunjucks does not expect': [
    { 'private/x.njk': file(`one\n{{ ${WORD} ${WORD} }}`) },
    /^private\/x\.njk.*: the template cannot be rendered/,
  ],
  'something undefined that Nunjucks calls': [
    { 'private/x.njk': file(`one\n{{ ${WORD}.foo() }}`) },
    /^private\/x\.njk, line 7: the template cannot be rendered/,
  ],
  'an include that is not there': [
    { 'private/x.njk': file(`{% include "${WORD}.njk" %}`) },
    /^private\/x\.njk.*: /,
  ],
  'a layout that throws': [
    {
      '_includes/bad.njk': '{{ content | boom }}',
      'private/x.md': file(WORD, { layout: 'bad.njk' }),
    },
    /^private\/x\.md: the filter "boom" failed \(in _includes\/bad\.njk/,
  ],
  'a layout in Liquid that throws': [
    {
      '_includes/bad.liquid': 'one\n\n{{ content | boom }}',
      'private/x.md': file(WORD, { layout: 'bad.liquid' }),
    },
    /^private\/x\.md: .*in _includes\/bad\.liquid, line 3/,
  ],
  'a layout that is not there': [
    { 'private/x.md': file('text', { layout: `${WORD}.njk` }) },
    /^private\/x\.md: its layout cannot be used/,
  ],
  'computed data that throw': [
    {
      'private/x.md': file(WORD),
      'private/private.11tydata.cjs':
        'module.exports = { eleventyComputed: { a: (data) => { throw new Error(data.title) } } }',
    },
    /^private\/x\.md: .*thrown in private\/private\.11tydata\.cjs, line 1/,
  ],
  'a template in computed data': [
    { 'private/x.md': file('text', { more: 'eleventyComputed:\n  a: "{{ title | boom }}"\n' }) },
    /^private\/x\.md: /,
  ],
  'pagination over what is not there': [
    { 'private/x.njk': file('text', { more: `pagination:\n  data: ${WORD}\n  size: 1\n` }) },
    /^private\/x\.njk: its page cannot be built/,
  ],
  'a date that is none': [
    { 'private/x.md': file('text', { more: `date: "${WORD} day"\n` }) },
    /^private\/x\.md: /,
  ],
  'tags that are none': [
    { 'private/x.md': file('text', { more: `tags:\n  a: ${WORD}\n` }) },
    /^private\/x\.md: /,
  ],
  'YAML that does not parse': [
    { 'private/x.md': BROKEN_YAML },
    /^private\/x\.md, line 4: its front matter cannot be read \(YAMLException: missed comma/,
  ],
  'YAML that does not parse, of a file that is private by its words': [
    { 'notes/x.md': BROKEN_YAML.replace('title', `visibility: private\ntitle`) },
    /^notes\/x\.md, line 5: its front matter cannot be read/,
  ],
  'an alias that YAML does not know': [
    { 'private/x.md': `---\ntitle: *${WORD}\n---\nText.\n` },
    /^private\/x\.md, line 2: .*YAMLException: unidentified alias\)/,
  ],
  'front matter in JSON that does not parse': [
    { 'private/x.md': `---json\n{ "title": "${WORD}" "audience": ["${WORD}"] }\n---\nText.\n` },
    /^private\/x\.md: its front matter cannot be read \(SyntaxError/,
  ],
  'a data file that does not parse': [
    { 'private/x.md': file('text'), 'private/private.json': `{ "place": "${WORD}" "b" }` },
    /^private\/private\.json: its data cannot be read/,
  ],
  'a data file that throws': [
    {
      'notes/x.md': file('text').replace('audience', 'visibility: private\naudience'),
      'notes/notes.11tydata.cjs': `module.exports = () => { throw new Error('${WORD}') }`,
    },
    /^notes\/notes\.11tydata\.cjs: .*thrown in notes\/notes\.11tydata\.cjs, line 1/,
  ],
  'a template in JavaScript that throws': [
    {
      'private/x.11ty.cjs': `module.exports = { data: { audience: ['Bob ${WORD}'] },\n render() { throw new RangeError('${WORD}') } }`,
    },
    /^private\/x\.11ty\.cjs: .*RangeError, thrown in private\/x\.11ty\.cjs, line 2/,
  ],
  'a template in JavaScript that does not parse': [
    { 'private/x.11ty.cjs': `module.exports = {\n title: '${WORD}' audience }` },
    /^private\/x\.11ty\.cjs: it cannot be imported \(SyntaxError, thrown in private\/x\.11ty\.cjs, line 2/,
  ],
  'a template in WebC that throws': [
    { 'private/x.webc': file(`<p @text="${WORD}.foo"></p>`, { layout: 'base.liquid' }) },
    /^private\/x\.webc.*: the template cannot be rendered/,
  ],
  "another plugin's transform": [
    { 'private/x.md': file(`MINIFY ${WORD}`) },
    /^private\/x\.md: the transform "minify" failed/,
  ],
  'an audience that is none': [
    {
      'private/x.md': file('text').replace(`"mailto:${WORD}@bob.example"`, `Mum, ${WORD}.example`),
    },
    /^private\/x\.md, line 4: audience: "…": entry 2 of audience: this looks like a web address without a scheme/,
  ],
  'an expiry that is none': [
    { 'private/x.md': file('text', { more: `expires: after the ${WORD} party\n` }) },
    /^private\/x\.md, line 5: expires: "…": this is not a date/,
  ],
}

async function fail(files: Files): Promise<{ log: string; error: Error }> {
  site = createSite({ 'index.md': '---\ntitle: Home\n---\nHome.\n', ...files })
  const lines: string[] = []
  let error: unknown
  const collect = (...parts: unknown[]) => void lines.push(parts.join(' '))
  await site
    .build({
      config(eleventyConfig) {
        eleventyConfig.logger.overrideLogger({
          ...{ log: collect, warn: collect, error: collect, info: collect },
        })
        configure(eleventyConfig)
      },
    })
    .catch((caught: unknown) => {
      error = caught
    })
  assert.ok(error instanceof Error, 'the build fails')
  return { log: lines.join('\n'), error }
}

describe('an error in a private post', () => {
  for (const [what, [files, said]] of Object.entries(FAILURES)) {
    it(`names path, line and kind, and no word of it: ${what}`, async () => {
      const { log, error } = await fail(files)
      assert.match(error.message, said)
      assert.match(error.message, /To do: /)
      const { inspect } = await import('node:util')
      const everything = `${log}\n${inspect(error, { depth: 9, showHidden: true })}`
      assert.doesNotMatch(everything, new RegExp(WORD))
      assert.doesNotMatch(everything, TOKEN)
      assert.doesNotMatch(log, /^\[11ty\] +at /m)
    })
  }

  it('is told in full of a public post', async () => {
    const { log } = await fail({
      'x.md': `---\ntitle: Open\n---\none\n{{ "${WORD}" | boom }}\n`,
      'private/other.md': file('text'),
    })
    assert.match(log, /boom quokka, file:\.\/x\.md, line:2/)
    assert.match(log, /at .*quiet-errors\.test\.ts/)
  })

  it('is told in full of public front matter', async () => {
    const { log } = await fail({ 'x.md': `---\ntitle: [${WORD}\nplace: here\n---\nText.\n` })
    assert.match(log, /title: \[quokka/)
  })

  for (const line of [
    'shared-with: Mum',
    'only-for: the family',
    'password: sesame',
    'to: mum@bob.example',
    'status: friends-only',
    'tags: [private]',
    'tags:\n  - private',
    'vissibility: friends',
    'secret: yes',
    'visible: no',
  ]) {
    it(`quotes nothing of broken front matter with ${JSON.stringify(line)}`, async () => {
      const { log, error } = await fail({
        'x.md': `---\ntitle: [${WORD}\n${line}\nplace: here\n---\nText.\n`,
      })
      assert.match(error.message, /^x\.md.* To do: /)
      assert.doesNotMatch(`${log}\n${error.stack}`, new RegExp(WORD))
    })
  }

  it('is told in full of public front matter with similar words', async () => {
    const words = 'readership: many\nsharing: everybody\ntags: [visibility, privacy]\nto: /there/'
    const { log } = await fail({
      'x.md': `---\ntitle: [${WORD}\n${words}\nplace: here\n---\nText.\n`,
    })
    assert.match(log, /title: \[quokka/)
  })

  it('is told in full of a public post beside a private one of a similar name', async () => {
    const { log } = await fail({
      'x.md': file('text').replace('audience', 'visibility: private\naudience'),
      'notes/x.md': `---\ntitle: Open\n---\n{{ "${WORD}" | boom }}\n`,
    })
    assert.match(log, /boom quokka/)
  })
})

describe('everything that a build prints', () => {
  const FILES: Files = {
    'index.md': '---\ntitle: Home\n---\nHome.\n',
    'public.njk': '---\ntitle: Open\n---\n{{ "shown words" | log }}\n',
    'private/x.njk': file(`{{ title | log }} the ${WORD} {{ page | log }}`, {
      more: `tags: [${WORD}tag]\n`,
    }),
    'private/y.liquid': file('{{ title | log }}'),
    'private/private.json': `{ "place": "${WORD} street" }`,
  }
  const groups = { family: [`mailto:${WORD}@mum.example`] }

  for (const [what, variables] of Object.entries({
    'as it is': {},
    'with DEBUG=Eleventy*': { DEBUG: 'Eleventy*' },
    'with DEBUG=*': { DEBUG: '*' },
    'on CI, whatever is asked for': {
      CI: 'true',
      DEBUG: '*',
      PRIVATE_POSTS_SHOW_ERRORS: '1',
      PRIVATE_POSTS_LEDGER_PERSISTS: 'true',
    },
  })) {
    it(`has no word of a private post, ${what}`, async () => {
      site = createSite(FILES)
      const built = await site.eleventy([], { options: { groups }, variables })
      assert.equal(built.exitCode, 0, built.console)
      assert.doesNotMatch(built.console, new RegExp(WORD))
      assert.match(built.console, /shown words/)
      assert.match(
        built.console,
        /private\/x\.njk: what the filter "log" was to print is not shown/,
      )
      assert.match(built.console, /private\/y\.liquid: what the filter "log"/)
      if ('DEBUG' in variables) assert.match(built.console, /Eleventy:/)
    })
  }

  it('has them on the own machine, if its author wants to see them', async () => {
    site = createSite(FILES)
    const variables = { PRIVATE_POSTS_SHOW_ERRORS: '1' }
    assert.match((await site.eleventy([], { variables })).console, new RegExp(WORD))
  })

  it('names an entry of the audience by its number, and by its value where the author wants to see it', async () => {
    site = createSite({ 'x.md': `---\naudience: [Dad, ${WORD}]\n---\nHi.\n` })
    const quiet = (await site.eleventy()).console
    assert.match(quiet, /x\.md, line 2: audience: "…": entry 2 of audience: there is no group/)
    assert.doesNotMatch(quiet, new RegExp(`Dad|${WORD}`))
    const variables = { PRIVATE_POSTS_SHOW_ERRORS: '1' }
    const shown = (await site.eleventy([], { variables })).console
    assert.match(shown, new RegExp(`x\\.md, line 2: audience: "${WORD}": entry 2 of audience`))
    assert.equal(shown.match(/x\.md/g)?.length, 1)
    const onCi = { ...variables, CI: 'true' }
    assert.doesNotMatch((await site.eleventy([], { variables: onCi })).console, new RegExp(WORD))
  })

  it('has none of an error of which Eleventy does not know the page', async () => {
    const filter = (text: string) => `{{ "${text}" | laterBoom }}`
    site = createSite({ 'private/x.njk': file(filter(WORD)) })
    const secret = await site.eleventy([], { configuredBy: 'configureLate' })
    assert.equal(secret.exitCode, 1)
    assert.doesNotMatch(secret.console, new RegExp(WORD))
    assert.match(secret.console, /An error that names no page/)
    site.write({ 'private/x.njk': file('text'), 'open.njk': filter('visible words') })
    const open = await site.eleventy([], { configuredBy: 'configureLate' })
    assert.match(open.console, /later visible words/)
  })

  it('tells an error once, on one line, without a stack', async () => {
    site = createSite({ 'private/x.md': file(`{% ${WORD} %}`) })
    const built = await site.eleventy(['--dryrun'], { variables: { DEBUG: 'Eleventy*' } })
    assert.equal(built.exitCode, 1)
    assert.doesNotMatch(built.console, new RegExp(WORD))
    const printed = (await site.eleventy()).console
    assert.equal(printed.match(/private\/x\.md/g)?.length, 1)
    assert.doesNotMatch(printed, /Original error stack|^\[11ty\] +at /m)
  })

  it('tells an error of the plugin once, on one line, without a stack', async () => {
    const script = '<script src="https://cdn.example/x.js"></script>'
    site = createSite({ 'private/x.md': file(script) })
    const { console: printed, exitCode } = await site.eleventy()
    assert.equal(exitCode, 1)
    assert.equal(printed.match(/cdn\.example/g)?.length, 1)
    assert.doesNotMatch(printed, /Original error stack|^\[11ty\] +at /m)
  })
})
