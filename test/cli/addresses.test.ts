import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { linksCommand } from '../../lib/cli/links.ts'
import { revokeCommand } from '../../lib/cli/revoke.ts'
import { rotateCommand } from '../../lib/cli/rotate.ts'
import { statusCommand } from '../../lib/cli/status.ts'
import type { Command } from '../../lib/cli/command.ts'
import { emptyLedger, type Ledger } from '../../lib/ledger/ledger.ts'
import { BOB, build, fates, tokenOf } from '../ledger/builds.ts'
import { delivery, DINNER, execute, readLedger, SITE, siteWith } from './command-line.ts'

const DAVE = 'dave@chat.example'
const DAVES_MAIL = `mailto:${DAVE}`
const TRIP = 'private/trip.md'
const ledger: Ledger = {
  ...build(emptyLedger(), {
    [DINNER]: { audience: [BOB, DAVE, DAVES_MAIL] },
    [TRIP]: { audience: [BOB, DAVE], access: 'gate' },
  }).ledger,
  site: SITE,
  deliveries: [delivery({ recipient: DAVE, target: `acct:${DAVE}`, outcome: 'skipped' })],
}

async function run(command: Command, ...args: string[]) {
  const cwd = siteWith(ledger)
  const { code, out, error } = await execute(command, args, { cwd })
  assert.deepEqual([code, error], [0, ''])
  return { out, after: readLedger(cwd) }
}

describe('commands about somebody with an address', () => {
  it('links: their own link, and behind the gate an invitation, since they have no site to sign in with', async () => {
    const { out } = await run(linksCommand, '--json')
    const { links } = JSON.parse(out) as { links: Record<string, unknown>[] }
    const [dinner, trip] = links.filter(({ recipient }) => recipient === DAVE)
    assert.equal(dinner?.['url'], `https://alice.example/p/${tokenOf(ledger, DINNER, DAVE)}/`)
    assert.equal(dinner?.['mail'], null)
    const invitation = `https://alice.example/invitation/${tokenOf(ledger, TRIP, DAVE)}`
    assert.deepEqual([trip?.['url'], trip?.['invitation']], [invitation, invitation])
    assert.match(String(trip?.['gate']), /^https:\/\/alice\.example\/private\/\w{12}\/$/)
    // As the option "invitations" says: for nobody else is there another way in.
    assert.notEqual(trip?.['expires'], null)
  })

  it('links: named as the author named them', async () => {
    const { out } = await run(linksCommand, TRIP)
    assert.match(
      out,
      /\n {2}dave@chat\.example · live until .* UTC\n {4}https:\/\/alice\.example\/invitation\//,
    )
  })

  it('revoke and rotate: the address, not the mail address that is spelled alike', async () => {
    const revoked = await run(revokeCommand, DINNER, DAVE)
    assert.deepEqual(fates(revoked.after.posts[DINNER]?.links), [
      `${BOB} 0 live`,
      `${DAVE} 0 revoked`,
      `${DAVES_MAIL} 0 live`,
    ])
    const rotated = await run(rotateCommand, DINNER, DAVE)
    assert.deepEqual(fates(rotated.after.posts[DINNER]?.links), [
      `${BOB} 0 live`,
      `${DAVE} 0 rotated`,
      `${DAVES_MAIL} 0 live`,
      `${DAVE} 1 live`,
    ])
    const [, ...gone] = fates(
      (await run(revokeCommand, TRIP, 'acct:Dave@chat.example')).after.posts[TRIP]?.links,
    )
    assert.deepEqual(gone, [`${DAVE} 0 revoked`])
  })

  it('status: what came of telling them', async () => {
    const { out } = await run(statusCommand, '--json')
    const { posts } = JSON.parse(out) as { posts: { recipients: Record<string, unknown>[] }[] }
    const [dave] = posts[0]?.recipients.filter(({ recipient }) => recipient === DAVE) ?? []
    assert.equal(dave?.['outcome'], 'skipped')
  })
})
