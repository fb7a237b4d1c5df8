import type { TestContext } from 'node:test'
import { createDeployedSite, type DeployedSite } from './deployed-site.ts'
import { createReceiver, type Receiver } from './receiver.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

/** A deployed site, and receivers for it to tell. */
export async function createSiteAndReceiver(
  t: Pick<TestContext, 'after'>,
  options?: { timeout?: number },
): Promise<{ site: DeployedSite; receiver: Receiver }> {
  const receiver = await createReceiver()
  t.after(() => receiver.close())
  return { receiver, site: await createDeployedSite(t, options) }
}

/** The targets that receivers were told of, whatever they answered. */
export function notified({ log }: Receiver): string[] {
  const targets = log.filter(({ method }) => method === 'POST').map(({ target }) => target ?? '')
  return targets.toSorted()
}
