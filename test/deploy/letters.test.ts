import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { openBuiltSite } from '../../lib/deploy/built-site.ts'
import { GONE } from '../../lib/deploy/content.ts'
import { letterFiles } from '../../lib/deploy/letter-files.ts'
import { openLetters } from '../../lib/deploy/letters.ts'
import { planDeliveries, type PlannedDelivery } from '../../lib/deploy/plan.ts'
import {
  letterIdOf,
  readLetter,
  readLetterPost,
  readLetters,
  readPublicLetters,
} from '../../lib/delivery/letter.ts'
import type { PostRecord } from '../../lib/ledger/ledger.ts'
import type { ProtocolName } from '../../lib/ledger/site-record.ts'
import { openDeployFolder } from '../../lib/store/deploy-files.ts'
import {
  createDeployedSite,
  fakeLink,
  fakeToken,
  START,
  type DeployedSite,
} from '../support/deployed-site.ts'

const BOB = 'https://bob.example/'
const DAVE = 'dave@chat.example'
const DINNER = 'private/dinner.md'
const SITE = new URL('https://alice.example/')
const GATE = 'gategategat1'
const now = () => START
const sourceOf = (digit: number, site = SITE) => new URL(`p/${fakeToken(digit)}/`, site)

/** Makes the letters of a build, and leaves them where a build does. */
async function makeLetters(site: DeployedSite, url = SITE) {
  const folder = join(site.folder, '.private-posts/deploy')
  const files = openDeployFolder(folder)
  const ledger = await site.ledger()
  const made = await letterFiles({ site: url, output: site.output, ledger, files })
  for (const { name, content } of made) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  return { files, names: made.map(({ name }) => name) }
}

async function createPost(
  t: TestContext,
  record: Partial<PostRecord> & Pick<PostRecord, 'links'>,
): Promise<DeployedSite> {
  const site = await createDeployedSite(t)
  await site.publishPrivately({ path: DINNER, title: 'Dinner', ...record })
  for (const { recipient, token, revoked } of record.links) {
    if (!revoked) await site.write(`p/${token}/index.html`, copyFor(recipient ?? 'you'))
  }
  return site
}

const copyFor = (whom: string, text = 'Tonight') =>
  `<!doctype html><article class="h-entry"><p class="e-content">${text}, <a href="map.html">${whom}</a>?</p></article>`

describe('letterFiles()', () => {
  it('makes a letter for each whom a protocol can reach, and for nobody else', async (t) => {
    const revoked = { at: START.toISOString(), reason: 'revoked' } as const
    const site = await createPost(t, {
      links: [
        ...[
          fakeLink(BOB, 1),
          fakeLink(DAVE, 2),
          fakeLink('Mum', 3),
          fakeLink('mailto:m@x.example', 4),
        ],
        fakeLink('https://eve.example/', 5, { revoked }),
      ],
    })
    const { files, names } = await makeLetters(site)
    assert.deepEqual(names, [
      `letters/${letterIdOf(sourceOf(1))}.json`,
      `letters/${letterIdOf(sourceOf(2))}.json`,
      'public-letters.json',
    ])
    const letter = await readLetter(files, letterIdOf(sourceOf(2)), DAVE)
    assert.deepEqual(letter, {
      id: letterIdOf(sourceOf(2)),
      version: letter?.version,
      url: sourceOf(2).href,
      title: 'Dinner',
      text: `Tonight, ${DAVE}?`,
      html: `Tonight, <a href="${sourceOf(2).href}map.html">${DAVE}</a>?`,
      audience: [DAVE],
    })
    assert.equal(await readLetter(files, letterIdOf(sourceOf(2)), BOB), undefined)
    const [one, two] = [1, 2].map((at) => readLetterPost(files, letterIdOf(sourceOf(at))))
    assert.ok(await one, 'all copies are known to be of one post')
    assert.equal(await one, await two)
  })

  it('makes none of an unlisted post, which names nobody', async (t) => {
    const site = await createPost(t, { visibility: 'unlisted', links: [fakeLink(null, 1)] })
    assert.deepEqual((await makeLetters(site)).names, ['public-letters.json'])
  })

  it('makes only what a protocol of the site needs', async (t) => {
    const site = await createPost(t, { links: [fakeLink(BOB, 1)] })
    const letter = `letters/${letterIdOf(sourceOf(1))}.json`
    for (const [protocols, names] of [
      [['webmention', 'private-webmention'], []],
      [[], []],
      [['rel-pm'], [letter]],
      [['webmention', 'intertalk'], [letter]],
      [['fmtp'], [letter, 'public-letters.json']],
    ] as [ProtocolName[], string[]][]) {
      await site.configure({ protocols })
      assert.deepEqual((await makeLetters(site)).names, names, protocols.join())
    }
  })

  it('tells each recipient of the others only if the author shows them', async (t) => {
    const links = [
      ...[fakeLink(BOB, 1), fakeLink(DAVE, 2), fakeLink('Mum', 3)],
      fakeLink('mailto:aunt.may@mail.example', 4),
    ]
    for (const [showAudience, audience] of [
      [undefined, [DAVE]],
      // Of whom only a mail address is known, the others learn no more than its first part.
      [true, [DAVE, BOB, 'Mum', 'aunt.may']],
    ] as const) {
      const site = await createPost(t, { links, ...(showAudience && { showAudience }) })
      const { files } = await makeLetters(site)
      assert.deepEqual((await readLetter(files, letterIdOf(sourceOf(2)), DAVE))?.audience, audience)
    }
  })

  it('tells whom the post answers, and nobody else, what it answers', async (t) => {
    const links = [fakeLink(BOB, 1), fakeLink(DAVE, 2), fakeLink('https://carol.example/', 3)]
    for (const [inReplyTo, whoKnows] of [
      ['https://bob.example/7', [BOB]],
      ['https://chat.example/p/7/', [DAVE]],
      ['fmtp:1.Dave@chat.example', [DAVE]],
      ['intertalk:dave@chat.example/1', [DAVE]],
      ['fmtp:1.eve@mail.example', []],
      ['pm:xxxxxxx', []],
    ] as const) {
      const site = await createPost(t, { links, inReplyTo })
      const { files } = await makeLetters(site)
      const known: string[] = []
      for (const [index, { recipient }] of links.entries()) {
        const letter = await readLetter(files, letterIdOf(sourceOf(index + 1)), recipient ?? '')
        assert.ok(letter)
        if (letter.inReplyTo === undefined) continue
        assert.equal(letter.inReplyTo, inReplyTo)
        known.push(recipient ?? '')
      }
      assert.deepEqual(known, whoKnows, inReplyTo)
    }
  })

  it('takes a message without an author for that of the only one with a website', async (t) => {
    const inReplyTo = 'pm:xxxxxxx'
    const site = await createPost(t, { links: [fakeLink(BOB, 1), fakeLink(DAVE, 2)], inReplyTo })
    const { files } = await makeLetters(site)
    assert.equal((await readLetter(files, letterIdOf(sourceOf(1)), BOB))?.inReplyTo, inReplyTo)
    assert.equal((await readLetter(files, letterIdOf(sourceOf(2)), DAVE))?.inReplyTo, undefined)
  })

  it('takes a gated post from the copies of its readers, under the one address', async (t) => {
    const site = await createDeployedSite(t)
    const links = [BOB, DAVE, 'Mum'].map((id, i) => fakeLink(id, i, { invitation: true }))
    await site.publishPrivately({ path: DINNER, access: 'gate', gate: GATE, links })
    const readers = [BOB, DAVE, 'Mum'].map((id, i) => ({
      ...{ id, name: id, files: { '': `gate/${GATE}/${i}/index.html` } },
    }))
    const deploy = join(site.folder, '.private-posts/deploy')
    for (const { id, files } of readers) {
      await mkdir(dirname(join(deploy, files[''])), { recursive: true })
      await writeFile(join(deploy, files['']), copyFor(id))
    }
    await writeFile(
      join(deploy, 'gate.json'),
      JSON.stringify({ version: 1, posts: { [GATE]: { readers } } }),
    )
    const { files } = await makeLetters(site)
    const source = new URL(`private/${GATE}/`, SITE)
    const letters = await readLetters(files, letterIdOf(source))
    assert.deepEqual(
      Object.entries(letters).map(([id, { text, url, audience }]) => [id, text, url, audience]),
      [BOB, DAVE].map((id) => [id, `Tonight, ${id}?`, source.href, [id]]),
    )
  })
})

describe('letterFiles(): public letters', () => {
  const note = (text: string, published = '') =>
    `<article class="h-entry"><time class="dt-published" datetime="${published}"></time><p class="e-content">${text}</p></article>`

  it('are those of public posts, the newest first, and nothing of a private one', async (t) => {
    const site = await createPost(t, { links: [fakeLink(BOB, 1)] })
    await site.write('notes/1/index.html', note('One', '2026-01-01'))
    await site.write('notes/2/index.html', note('Two', '2026-02-01'))
    await site.write('notes/3/index.html', note('Undated'))
    await site.write('notes/index.html', note('One') + note('Two'))
    await site.write('about/index.html', '<p>About</p>')
    const { files } = await makeLetters(site)
    const letters = await readPublicLetters(files)
    assert.deepEqual(
      letters.map(({ text, url, audience }) => [text, url, audience]),
      [
        ['Two', 'https://alice.example/notes/2/', []],
        ['One', 'https://alice.example/notes/1/', []],
        ['Undated', 'https://alice.example/notes/3/', []],
      ],
    )
    const bytes = await files('public-letters.json')
    assert.doesNotMatch(new TextDecoder().decode(bytes), /Tonight|xxxxx|bob\.example/)
  })

  it('are the newest by their own date, whatever other dates stand on a page', async (t) => {
    const site = await createDeployedSite(t)
    await site.configure({})
    const on = (day: number) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString()
    for (let day = 1; day <= 100; day++) {
      const footer = day < 10 ? '<footer>See you on 2030-01-01</footer>' : ''
      await site.write(`notes/${day}/index.html`, note(`Day ${day}`, on(day)) + footer)
    }
    // On its own day it is older than all others, in UTC it is not.
    await site.write('notes/late/index.html', note('Late', '2026-01-01T23:30:00-02:00'))
    await site.write('notes/y/index.html', note('Old', on(-30)))
    await site.write('notes/z/index.html', note('New', on(150)))
    const { files } = await makeLetters(site)
    const texts = (await readPublicLetters(files)).map(({ text }) => text)
    assert.equal(texts.length, 100)
    assert.deepEqual([texts[0], texts[1], texts.at(-1)], ['New', 'Day 100', 'Day 2'])
    await site.remove('notes/100')
    const fewer = await readPublicLetters((await makeLetters(site)).files)
    assert.deepEqual([fewer.length, fewer.at(-1)?.text], [100, 'Late'])
  })

  it('are none of pages behind the gate, where nobody would see them', async (t) => {
    const site = await createDeployedSite(t)
    await site.configure({ gatePrefix: '/members/' })
    await site.write('members/1/index.html', note('Hidden'))
    await site.write('members-only/index.html', note('Shown'))
    const { files } = await makeLetters(site)
    assert.deepEqual(
      (await readPublicLetters(files)).map(({ text }) => text),
      ['Shown'],
    )
  })

  it('are a hundred at most', async (t) => {
    const site = await createDeployedSite(t)
    await site.configure({})
    for (let day = 0; day < 120; day++) {
      const published = new Date(Date.UTC(2026, 0, 1 + day)).toISOString()
      await site.write(`notes/${day}/index.html`, note(`Day ${day}`, published))
    }
    const { files } = await makeLetters(site)
    const letters = await readPublicLetters(files)
    assert.equal(letters.length, 100)
    assert.deepEqual([letters[0]?.text, letters.at(-1)?.text], ['Day 119', 'Day 20'])
  })
})

describe('openLetters()', () => {
  const delivery = (more: Partial<PlannedDelivery> = {}): PlannedDelivery => ({
    ...{ post: DINNER, recipient: DAVE, source: sourceOf(1), target: new URL(`acct:${DAVE}`) },
    ...{ exposure: 'capability', content: 'x', ...more },
  })

  it('reads what the build wrote down, without an output folder', async (t) => {
    const site = await createPost(t, { links: [fakeLink(DAVE, 1)] })
    const { files } = await makeLetters(site)
    const letterFor = openLetters({ files, now })
    assert.equal((await letterFor(delivery()))?.text, `Tonight, ${DAVE}?`)
    assert.equal(await letterFor(delivery({ recipient: BOB })), undefined)
    assert.equal(await letterFor(delivery({ recipient: null })), undefined)
    assert.equal(await letterFor(delivery({ content: GONE })), undefined)
    assert.equal(await letterFor(delivery({ source: sourceOf(2) })), undefined)
  })

  it('hands over nothing that its recipient may no longer read, however long it has waited', async (t) => {
    const expires = new Date(START.getTime() + 60_000)
    const links = [fakeLink(DAVE, 1, { expires: expires.toISOString() })]
    const site = await createPost(t, { links })
    const { files } = await makeLetters(site)
    const ledger = await site.ledger()
    const built = await openBuiltSite(site.output, SITE)
    const later = () => expires
    for (const sources of [{ files }, { files: undefined, site: built, ledger }]) {
      assert.equal((await openLetters({ ...sources, now })(delivery()))?.text, `Tonight, ${DAVE}?`)
      assert.equal(await openLetters({ ...sources, now: later })(delivery()), undefined)
    }
  })

  it('finds it under the name of the build where the site is deployed elsewhere', async (t) => {
    const site = await createPost(t, { links: [fakeLink(DAVE, 1)] })
    const { files } = await makeLetters(site)
    const deployed = new URL('http://alice.localhost:8380/blog/')
    const source = sourceOf(1, deployed)
    const expected = {
      id: letterIdOf(sourceOf(1)),
      url: source.href,
      html: `Tonight, <a href="${source.href}map.html">${DAVE}</a>?`,
    }
    const planned = await openLetters({ files, now })(delivery({ source, hashedAt: sourceOf(1) }))
    assert.deepEqual({ ...planned, ...expected }, planned)
    const built = await openBuiltSite(site.output, deployed)
    const ledger = await site.ledger()
    const sent = await openLetters({ files, site: built, ledger, now })(delivery({ source }))
    assert.deepEqual({ ...sent, ...expected }, sent)
  })

  it('reads the built page where the build left no letter, or an older one', async (t) => {
    const site = await createPost(t, { links: [fakeLink(DAVE, 1)], inReplyTo: `fmtp:1.${DAVE}` })
    const ledger = await site.ledger()
    const built = await openBuiltSite(site.output, SITE)
    const planOf = async () => {
      assert.ok(ledger.site)
      const [only] = (await planDeliveries(ledger, ledger.site, built)).deliveries
      return only ?? assert.fail()
    }
    const without = openLetters({ files: undefined, site: built, ledger, now })
    const letter = await without(await planOf())
    assert.equal(letter?.text, `Tonight, ${DAVE}?`)
    assert.equal(letter?.inReplyTo, `fmtp:1.${DAVE}`)
    assert.equal(letter?.title, 'Dinner')

    const { files } = await makeLetters(site)
    const letterFor = openLetters({ files, site: built, ledger, now })
    assert.deepEqual(await letterFor(await planOf()), letter)
    await site.write(`p/${fakeToken(1)}/index.html`, copyFor(DAVE, 'Tomorrow'))
    assert.equal((await letterFor(await planOf()))?.text, `Tomorrow, ${DAVE}?`)
    assert.equal((await openLetters({ files, now })(await planOf()))?.text, `Tonight, ${DAVE}?`)
  })
})
