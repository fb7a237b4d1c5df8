import type { TestContext } from 'node:test'
import assert from 'node:assert/strict'
import type { DeliveryRow } from '../../lib/deploy/report.ts'
import type { SendOptions } from '../../lib/deploy/send.ts'
import type { Link } from '../../lib/ledger/ledger.ts'
import { FetchError } from '../../lib/web/errors.ts'
import { createDeployedSite, fakeLink } from './deployed-site.ts'
import { scriptedMessenger, scriptedProtocol } from './scripted-protocol.ts'

export const BOB = 'https://bob.example/'
export const LOST = 'lost@lenore.example'
export const POST = 'private/x.md'

/** A site with one private post, and a protocol of each kind, in this order: page, profile, address. */
export async function createSiteWithProtocols(
  t: TestContext,
  recipients: readonly string[] = [BOB],
) {
  const site = await createDeployedSite(t)
  const page = scriptedProtocol('page')
  const profile = scriptedMessenger('profile', 'profile')
  const address = scriptedMessenger('address', 'address')
  const protocols = [page, profile, address]
  const links = recipients.map((recipient, number) => fakeLink(recipient, number))
  const publish = (title: string, more: readonly Link[] = links) =>
    site.publishPrivately({ path: POST, title, links: [...more] })
  await publish('one')
  return {
    ...{ site, page, profile, address, protocols, links, publish },
    send: (options: Partial<SendOptions> = {}) => site.send({ protocols, ...options }),
  }
}

/** For a protocol that is spoken nowhere. */
export const none = () => undefined
/** For one that nobody could be asked for. */
export const silent = () => {
  throw new FetchError('bob.example did not answer')
}

/** The one row that there should be. */
export function only(rows: readonly DeliveryRow[]): DeliveryRow {
  assert.equal(rows.length, 1, JSON.stringify(rows))
  return rows[0] ?? assert.fail()
}
