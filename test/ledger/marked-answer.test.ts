import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { issueCapabilityToken } from '../../lib/capability-url/capability-url.ts'
import { issueLinks, type SeenPost } from '../../lib/ledger/issue.ts'
import { emptyLedger, type Ledger } from '../../lib/ledger/ledger.ts'
import { withMarkedAnswer } from '../../lib/post/marked-answer.ts'
import { readPost } from '../../lib/post/post.ts'
import { BOB, fates, MUM, NOW } from './builds.ts'

const PATH = 'private/answer.md'
const url = new URL('https://bob.example/notes/1')

/** Builds the post, whose answer is known only where its page is rendered. */
function build(ledger: Ledger, page: SeenPost['page'], isMarked: boolean): Ledger {
  const rules = { me: new URL('https://alice.example/'), groups: {}, isNamedPrivate: () => true }
  const source = readPost(PATH, { audience: [MUM] }, rules) ?? assert.fail()
  const post = isMarked ? withMarkedAnswer(source, { property: 'in-reply-to', url }, {}) : source
  const sight = { publicPosts: new Map(), sourceAt: () => 'text' as const, groups: new Map() }
  return issueLinks(ledger, {
    ...sight,
    privatePosts: [{ post, fingerprint: 'f', page }],
    now: NOW,
    mint: issueCapabilityToken,
  }).ledger
}

describe('an answer that is known only when its page is rendered', () => {
  const first = build(emptyLedger(), 'written', true)
  const linksOf = ({ posts }: Ledger) => fates(posts[PATH]?.links)

  it('gives the author of its parent a link', () => {
    assert.deepEqual(linksOf(first), [`${MUM} 0 live`, `${BOB} 0 live`])
  })

  for (const page of ['unchanged', 'draft'] as const) {
    it(`keeps that link in a build of which its page is ${page}`, () => {
      const later = build(first, page, false)
      assert.deepEqual(linksOf(later), linksOf(first))
      const { inReplyTo, implied, marked } = later.posts[PATH] ?? assert.fail()
      assert.deepEqual([inReplyTo, implied, marked], [url.href, BOB, true])
      assert.deepEqual(linksOf(build(later, 'written', false)), [
        `${MUM} 0 live`,
        `${BOB} 0 removed`,
      ])
    })
  }
})
