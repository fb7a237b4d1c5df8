import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { openBuiltFiles } from '../../lib/deploy/built-letters.ts'
import { letterFiles } from '../../lib/deploy/letter-files.ts'
import { planBuildFile } from '../../lib/deploy/plan-file.ts'
import { letterIdOf, readLetters, readPublicLetters } from '../../lib/delivery/letter.ts'
import { openDeployFolder } from '../../lib/store/deploy-files.ts'
import { createSite, listFiles, post, type BuildOptions, type Site } from '../support/site.ts'
import { secretText } from '../support/secrets.ts'

const BOB = 'https://bob.example/'
const DAVE = 'dave@chat.example'
const DINNER = 'private/dinner.md'
const SENTENCE = 'The quokka of Zanzibar whistles at the ninth hour.'
const SECRET = secretText()
const PUBLIC = post('title: Hello', 'Hello, world.')

let site: Site | undefined
afterEach(() => site?.dispose())

const deployFolder = () => join(site?.folder ?? assert.fail(), '.private-posts/deploy')
/** As those see them who deliver or serve the site where it was built. */
const deployed = () => {
  const folder = site?.folder ?? assert.fail()
  return openBuiltFiles({
    site: new URL('https://alice.example/'),
    output: join(folder, '_site'),
    ledgerFile: join(folder, 'private-posts.ledger.json'),
  })
}
/** As the functions see them on Netlify. */
const uploaded = () => openDeployFolder(deployFolder())
const NETLIFY = {
  NETLIFY: 'true',
  URL: 'https://dinner.netlify.app',
  PRIVATE_POSTS_SECRET: SECRET,
  PRIVATE_POSTS_LEDGER_PERSISTS: 'true',
}
const letterNames = () =>
  listFiles(deployFolder()).filter((name) => /^letters\/|^public-letters/.test(name))

function build(options: BuildOptions = {}) {
  return (site ?? assert.fail()).build({
    makers: { letterFiles, planBuild: planBuildFile },
    ...options,
  })
}

describe('a build leaves the letters of its posts for whoever delivers', () => {
  it('one for each copy, outside of the output, with the words of that copy', async () => {
    site = createSite({
      'hello.md': PUBLIC,
      [DINNER]: post(`title: Dinner\naudience: ["${BOB}", ${DAVE}]`, `${SENTENCE} [Map](/map)`),
    })
    const built = await build()
    const tokens = built.tokens(DINNER)
    assert.deepEqual(Object.keys(tokens), [BOB, DAVE])
    for (const [recipient, token] of Object.entries(tokens)) {
      const url = `https://alice.example/p/${token}/`
      const { [recipient]: letter, ...others } = await readLetters(deployed(), letterIdOf(url))
      assert.deepEqual(others, {})
      assert.equal(letter?.url, url)
      assert.equal(letter?.title, 'Dinner')
      assert.equal(letter?.text, `${SENTENCE} Map`)
      assert.equal(letter?.html, `<p>${SENTENCE} <a href="https://alice.example/map">Map</a></p>`)
      assert.deepEqual(letter?.audience, [recipient])
    }
    assert.deepEqual(letterNames(), [], 'they are made when they are asked for')
    assert.ok(!built.publicBytes().includes(SENTENCE))
    assert.ok(!built.files.some((path) => path.includes('letters')))
  })

  it('public ones of public posts alone', async () => {
    site = createSite({ 'hello.md': PUBLIC, [DINNER]: post(`audience: ${DAVE}`, SENTENCE) })
    const built = await build()
    const letters = await readPublicLetters(deployed())
    assert.deepEqual(
      letters.map(({ text, url, title }) => [text, url, title]),
      [['Hello, world.', 'https://alice.example/hello/', 'Hello']],
    )
    const bytes = Buffer.from((await deployed()('public-letters.json')) ?? assert.fail()).toString()
    assert.ok(!bytes.includes('quokka'))
    for (const token of Object.values(built.tokens(DINNER))) assert.ok(!bytes.includes(token))
  })

  it('of a gated post, by reader', async () => {
    site = createSite({
      [DINNER]: post(
        `access: gate\nshowAudience: true\naudience: ["${BOB}", ${DAVE}, Mum]`,
        SENTENCE,
      ),
    })
    const built = await build()
    const [record] = Object.values(built.ledger.posts)
    assert.equal(record?.showAudience, true)
    const url = `https://alice.example/private/${record?.gate}/`
    const letters = await readLetters(deployed(), letterIdOf(url))
    assert.deepEqual(Object.keys(letters), [BOB, DAVE])
    assert.deepEqual(letters[DAVE]?.audience, [DAVE, BOB, 'Mum'])
    assert.equal(letters[DAVE]?.text, SENTENCE)
    assert.ok(!built.publicBytes().includes('quokka'))
  })

  it('an answer to a message, for its author', async () => {
    const inReplyTo = `intertalk:${DAVE}/5f2c`
    site = createSite({ [DINNER]: post(`inReplyTo: "${inReplyTo}"`, SENTENCE) })
    const built = await build()
    const [record] = Object.values(built.ledger.posts)
    assert.equal(record?.implied, DAVE)
    const url = `https://alice.example/p/${built.tokens(DINNER)[DAVE]}/`
    const { [DAVE]: letter } = await readLetters(deployed(), letterIdOf(url))
    assert.equal(letter?.inReplyTo, inReplyTo)
    assert.ok(!built.copy(DINNER, DAVE).includes('5f2c'))
  })

  it('where the host says that the site is', async () => {
    site = createSite({ [DINNER]: post(`audience: ${DAVE}`, SENTENCE) })
    const built = await build({ variables: NETLIFY })
    const url = `https://dinner.netlify.app/p/${built.tokens(DINNER)[DAVE]}/`
    assert.ok((await readLetters(uploaded(), letterIdOf(url)))[DAVE])
    const blobs = listFiles(join(site.folder, '.netlify/v1/blobs/deploy/private-posts'))
    assert.ok(blobs.includes(`letters/${letterIdOf(url)}.json/blob`))
    assert.ok(existsSync(join(deployFolder(), 'plan.json')))
    assert.match(
      readFileSync(join(deployFolder(), 'plan.json'), 'utf8'),
      /"target":"acct:dave@chat\.example"/,
    )
  })

  it('none that nobody needs any more', async () => {
    site = createSite({ [DINNER]: post(`audience: [${DAVE}, eve@chat.example]`, SENTENCE) })
    await site.eleventy([], { variables: NETLIFY })
    assert.equal(letterNames().length, 3)
    site.write({ [DINNER]: post(`audience: [${DAVE}]`, SENTENCE) })
    await site.eleventy([], { variables: NETLIFY })
    assert.equal(letterNames().length, 2)
    await site.eleventy([], { variables: NETLIFY, options: { protocols: ['webmention'] } })
    assert.deepEqual(letterNames(), [])
  })
})

describe('a letter in the output', () => {
  it('stops the next build', async () => {
    site = createSite({ 'hello.md': PUBLIC, [DINNER]: post(`audience: ${DAVE}`, SENTENCE) })
    await build({ variables: NETLIFY })
    const [name = ''] = letterNames()
    site.write({ '_site/oops.json': readFileSync(join(deployFolder(), name), 'utf8') })
    await assert.rejects(build({ variables: NETLIFY }), /oops\.json/)
    site.remove('_site/oops.json')
    await build({ variables: NETLIFY })
  })
})
