import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it, type TestContext } from 'node:test'
import { openBuiltSite } from '../../lib/deploy/built-site.ts'
import { surveySite, type LeftOut } from '../../lib/deploy/left-out.ts'
import { planDeliveries } from '../../lib/deploy/plan.ts'
import { createDeployedSite } from '../support/deployed-site.ts'

const SITE = new URL('https://alice.example/')

/** What is told, and what is said of the pages that are left out, where these layouts make the pages of a site. */
async function readPages(t: TestContext, pages: Readonly<Record<string, string>>) {
  const site = await createDeployedSite(t)
  for (const [path, name] of Object.entries(pages)) {
    const file = new URL(`pages/own-layouts/${name}.html`, import.meta.url)
    await site.write(`${path}index.html`, await readFile(file, 'utf8'))
  }
  const ledger = await site.ledger()
  assert.ok(ledger.site)
  const built = await openBuiltSite(site.output, SITE)
  const plan = await planDeliveries(ledger, ledger.site, built)
  const survey = await surveySite(built, ledger, ledger.site, plan)
  return {
    targets: plan.deliveries.map(({ post, target }) => `${post} ${target.href}`),
    leftOut: survey.leftOut,
  }
}

interface Case {
  readonly page: string
  readonly path: string
  readonly targets?: readonly string[]
  readonly leftOut?: Omit<LeftOut, 'post'>
}

const FRIEND = 'https://friend.example/1'
const CASES: readonly Case[] = [
  {
    page: 'base-blog-post',
    path: 'blog/second-cup/',
    leftOut: { why: 'no-entry', names: [], links: 1 },
  },
  { page: 'base-blog-home', path: '' },
  { page: 'hylia-post', path: 'walk/', targets: [FRIEND] },
  { page: 'webmentions-below', path: 'mass/', targets: [FRIEND] },
  {
    page: 'h-feed-home',
    path: '',
    leftOut: {
      why: 'several-entries',
      names: ['https://alice.example/notes/2/', 'https://alice.example/notes/1/'],
      links: 1,
    },
  },
  { page: 'note-in-feed', path: 'notes/2/', targets: [FRIEND] },
  {
    page: 'photo',
    path: 'photos/6/',
    targets: ['https://friend.example/', 'https://photos.example/ann/6'],
  },
  {
    page: 'indieweb-reply',
    path: 'replies/1/',
    targets: ['https://friend.example/', FRIEND],
  },
  { page: 'classic-hentry', path: '2026/05/tomatoes/', targets: [FRIEND] },
  {
    page: 'classic-archive',
    path: '2026/05/',
    leftOut: { why: 'several-entries', names: ['Leeks', 'Beans'], links: 1 },
  },
  {
    page: 'moved-domain',
    path: 'posts/name/',
    leftOut: {
      why: 'other-permalink',
      names: ['https://ann-old.example/posts/name/'],
      links: 2,
    },
  },
  { page: 'card-home', path: '' },
]

describe('pages of layouts that users have', () => {
  for (const { page, path, targets = [], leftOut } of CASES) {
    it(`tells of ${page} ${targets.length === 0 ? 'nobody' : 'whom the post links to'}`, async (t) => {
      const found = await readPages(t, { [path]: page })
      assert.deepEqual(
        found.targets,
        targets.map((target) => `${path} ${target}`),
      )
      assert.deepEqual(found.leftOut, leftOut ? [{ post: path || '/', ...leftOut }] : [])
    })
  }

  it('names no list whose links the posts in it tell of', async (t) => {
    const found = await readPages(t, { '': 'h-feed-home', 'notes/2/': 'note-in-feed' })
    assert.deepEqual(found.targets, [`notes/2/ ${FRIEND}`])
    assert.deepEqual(found.leftOut, [])
  })
})
