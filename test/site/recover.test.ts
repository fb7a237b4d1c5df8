import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createSite } from '../../lib/site/site.ts'
import { dueName } from '../../lib/store/due-key.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { SETTINGS } from '../netlify/settings.ts'
import { NO_DNS } from '../support/no-dns.ts'

const NOON = new Date('2026-11-21T12:00:00Z')
const now = () => NOON
const QUEUES = ['webmention-queue', 'pm-queue', 'intertalk-outbox', 'fmtp-relay']

/** A site of all protocols whose queues each hold an entry that only another version can read. */
async function withUnknownEntries() {
  const said: string[] = []
  const memory = createMemoryStore({ now })
  const store = { ...memory, report: (line: string) => void said.push(line) }
  for (const name of QUEUES) {
    const id = 'a'.repeat(22)
    await store.createIfAbsent(`${name}-due/${dueName(id, 'bob.example', NOON)}`, true)
    await store.createIfAbsent(`${name}/${id}`, { version: 99, quokka: true })
  }
  const site = new URL('https://alice.example/')
  const options = {
    ...{ site, settings: SETTINGS, store, now, resolver: NO_DNS, owner: undefined },
    files: async () => undefined,
    secrets: createSecrets({ keys: [new Uint8Array(32).fill(7)], site, store, now }),
    fetch: () => Promise.reject(new Error('nothing is to be fetched')),
  }
  return { running: createSite(options, { folder: '.' }), store, said }
}

describe('entries of another version, in the queue of each protocol', () => {
  for (const step of ['recover', 'sweep'] as const) {
    it(`are set aside and told by ${step}(), and stop nothing`, async () => {
      const { running, store, said } = await withUnknownEntries()
      await running[step]()
      assert.equal((await store.list('set-aside/')).length, QUEUES.length)
      for (const name of QUEUES) {
        assert.deepEqual(await store.list(`${name}/`), [], name)
        assert.ok(
          said.some((line) => line.includes(`"${name}"`)),
          name,
        )
      }
      assert.doesNotMatch(said.join(), /quokka/)
    })
  }

  it('are counted when the site starts', async () => {
    const { running, said } = await withUnknownEntries()
    await running.recover()
    await running.recover()
    assert.match(said.at(-1) ?? '', /^4 entries of the store could not be read/)
    assert.equal(said.filter((line) => line.includes('An entry of')).length, QUEUES.length)
  })
})
