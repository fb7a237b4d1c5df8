import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { openBuiltSite } from '../../lib/deploy/built-site.ts'
import { planDeliveries, type Plan } from '../../lib/deploy/plan.ts'
import { parseGateRegister } from '../../lib/gate/register.ts'
import { secretText } from '../support/secrets.ts'
import { createSite, post, type BuiltSite, type Files, type Site } from '../support/site.ts'

const ME = 'https://alice.example/'
const PATH = 'posts/thought.md'
const SENTENCE = 'The quokka of Zanzibar whistles at the ninth hour.'

let site: Site | undefined
afterEach(() => site?.dispose())

async function build(frontMatter: string, more: Files = {}): Promise<BuiltSite> {
  site = createSite({
    'open.md': post('title: Open', 'An open letter.'),
    [PATH]: post(`title: A thought\n${frontMatter}`, SENTENCE),
    ...more,
  })
  return site.build({
    options: { netlify: true },
    variables: { PRIVATE_POSTS_SECRET: secretText(), URL: ME },
  })
}

async function planOf(built: BuiltSite): Promise<Plan> {
  const { ledger, folder } = built
  assert.ok(ledger.site)
  return planDeliveries(
    ledger,
    ledger.site,
    await openBuiltSite(join(folder, '_site'), new URL(ME)),
  )
}

const ALONE = /1 private post has no audience: only you can read it\..*private-posts links/

describe('a private post without an audience', () => {
  for (const frontMatter of [
    'visibility: private',
    'private: true',
    'visibility: private\naudience:',
    'audience: []',
    'recipients: ""',
    'showAudience: true',
  ]) {
    it(`is for its owner alone: ${JSON.stringify(frontMatter)}`, async () => {
      const built = await build(frontMatter)
      assert.deepEqual(Object.keys(built.tokens(PATH)), [ME])
      assert.match(built.copy(PATH, ME), /quokka/)
      assert.match(built.publicBytes(), /An open letter/)
      assert.doesNotMatch(built.publicBytes(), /quokka/)
      assert.match(built.printed.join('\n'), ALONE)
      const { deliveries, handovers } = await planOf(built)
      assert.deepEqual({ deliveries, handovers }, { deliveries: [], handovers: [] })
    })
  }

  it('and one with an audience is for its readers, who are told, and the build says no such line', async () => {
    const built = await build('visibility: private\naudience: [https://bob.example/, Mum]')
    assert.deepEqual(Object.keys(built.tokens(PATH)).sort(), ['Mum', 'https://bob.example/'])
    assert.doesNotMatch(built.printed.join('\n'), ALONE)
    const { deliveries, handovers } = await planOf(built)
    assert.deepEqual(
      [...deliveries, ...handovers].map(({ recipient }) => recipient),
      ['https://bob.example/', 'Mum'],
    )
  })

  it('and one with recipients is for them, and nobody else', async () => {
    const built = await build('recipients: https://bob.example/')
    assert.deepEqual(Object.keys(built.tokens(PATH)), ['https://bob.example/'])
    assert.doesNotMatch(built.publicBytes(), /quokka/)
  })

  it('says so once for all of them', async () => {
    const built = await build('visibility: private', { 'b.md': post('private: true', 'Two.') })
    assert.match(
      built.printed.join('\n'),
      /2 private posts have no audience: only you can read them/,
    )
  })

  it('has no link once it has expired, and the build says that instead', async () => {
    const built = await build('visibility: private\nexpires: 2020-01-01')
    assert.deepEqual(Object.keys(built.tokens(PATH)), [])
    const printed = built.printed.join('\n')
    assert.match(printed, /posts\/thought\.md has expired: it gets no link/)
    assert.doesNotMatch(printed, /only you can read|0 links/)
  })

  it('is so where the option "posts" makes it private', async () => {
    const built = await build('', { 'private/note.md': 'No front matter at all: zanzibar.' })
    assert.deepEqual(Object.keys(built.tokens('private/note.md')), [ME])
    assert.doesNotMatch(built.publicBytes(), /zanzibar\./)
  })

  it('lets the owner through the gate, and nobody else', async () => {
    await build('access: gate')
    const text = readFileSync(join(site?.folder ?? '', '.private-posts/deploy/gate.json'), 'utf8')
    const posts = Object.values(parseGateRegister(JSON.parse(text)).posts)
    assert.deepEqual(
      posts.map(({ readers }) => readers.map(({ id }) => id)),
      [[ME]],
    )
  })

  it('is for the author of its parent if it is a reply', async () => {
    const built = await build('visibility: private\ninReplyTo: https://bob.example/1')
    assert.deepEqual(Object.keys(built.tokens(PATH)), ['https://bob.example/'])
    assert.doesNotMatch(built.printed.join('\n'), ALONE)
  })

  it('prints no reader from recipients, where the audience is not shown', async () => {
    site = createSite({
      '_includes/all.liquid':
        '<p class="all">{% for one in recipients %}{{ one }},{% endfor %}</p>{{ content }}',
      [PATH]: `---\nlayout: all.liquid\nrecipients: Mum, Aunt May\n---\n${SENTENCE}`,
    })
    const built = await site.build()
    assert.match(built.copy(PATH, 'Mum'), /<p class="all">Mum,<\/p>/)
    assert.match(built.copy(PATH, 'Aunt May'), /<p class="all">Aunt May,<\/p>/)
  })
})
