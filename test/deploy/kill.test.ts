import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { DeliveryRow } from '../../lib/deploy/report.ts'
import { openLedgerFile } from '../../lib/ledger/ledger-file.ts'
import { journalFolderOf } from '../../lib/ledger/state-folder.ts'
import { createDeployedSite, fakeLink, type DeployedSite } from '../support/deployed-site.ts'
import { createReceiver } from '../support/receiver.ts'

const PROGRAM = join(import.meta.dirname, '../../lib/cli/main.ts')
const PUBLIC = 40
const PRIVATE = 5
const PARALLEL = 2
/** When the sender is killed: after how many more deliveries, and how many milliseconds after that. */
const MOMENTS = [
  [3, 7],
  [1, 0],
  [6, 13],
  [2, 4],
  [5, 1],
  [4, 10],
  [1, 15],
] as const

/** A site with 45 deliveries, and what all its senders wrote together. */
async function setUp(t: TestContext, after = 4) {
  const receiver = await createReceiver({ endpoint: () => ({ status: 202, after }) })
  t.after(() => receiver.close())
  const site = await createDeployedSite(t)
  const targets = Array.from({ length: PUBLIC }, (_, i) => receiver.url(`host${i % 9}`, `/${i}`))
  const recipients = Array.from({ length: PRIVATE }, (_, i) => receiver.url(`friend${i}`))
  await site.publish('posts/a', targets)
  await site.publishPrivately({ path: 'x.md', links: recipients.map((me, i) => fakeLink(me, i)) })
  return { receiver, site, targets: [...targets, ...recipients].toSorted() }
}

function start(site: DeployedSite, output: string[], ...more: string[]): ChildProcess {
  const args = ['--site', site.url.href, '--wait', '0', '--allow-loopback', '--json', ...more]
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), PROGRAM, 'send', ...args],
    {
      cwd: site.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => output.push(text))
  }
  return child
}

async function until(child: ChildProcess, condition: () => boolean): Promise<void> {
  while (child.exitCode === null && !condition()) await delay(1)
}

/** As if the next run came some seconds later: the dead hold no locks then. */
async function letLocksGoStale({ ledgerFile }: DeployedSite): Promise<void> {
  const longAgo = new Date(Date.now() - 60_000)
  for (const lock of [`${ledgerFile}.lock`, `${ledgerFile}.send.lock`]) {
    await utimes(lock, longAgo, longAgo).catch(() => {})
  }
}

describe('a sender that is killed', () => {
  it(
    'loses nothing, and tells nobody twice but those in flight',
    { timeout: 120_000 },
    async (t) => {
      const { site, receiver, targets } = await setUp(t)
      const output: string[] = []
      let kills = 0
      for (let isDone = false; !isDone;) {
        const before = receiver.taken.length
        const child = start(site, output, '--parallel', String(PARALLEL))
        const ended = once(child, 'exit')
        const [more, pause] = MOMENTS[kills % MOMENTS.length] ?? [1, 0]
        await until(child, () => receiver.taken.length >= before + more)
        await delay(pause)
        if (child.exitCode === null && kills < 20) child.kill('SIGKILL')
        const [code, signal] = await ended
        if (signal === 'SIGKILL') kills++
        else assert.equal(code, 0, output.join(''))
        isDone = signal === null
        await letLocksGoStale(site)
      }
      const told = receiver.taken.map(({ target }) => target ?? '')
      assert.ok(kills >= 5, `${kills} kills`)
      assert.deepEqual([...new Set(told)].toSorted(), targets)
      const repeated = told.length - targets.length
      assert.ok(repeated <= kills * PARALLEL, `${told.length} after ${kills} kills`)
      t.diagnostic(`${kills} kills, ${repeated} repeated`)

      const { deliveries } = await site.ledger()
      assert.deepEqual(deliveries.map(({ target }) => target).toSorted(), targets)
      assert.ok(deliveries.every(({ outcome }) => outcome === 'delivered'))
      assert.doesNotMatch(output.join(''), /[0-9a-hjkmnp-tv-z]{26}/i)
      assert.doesNotMatch(output.join(''), /Warning/)
    },
  )

  it('sends again exactly what was in flight, and says so', { timeout: 60_000 }, async (t) => {
    const [all, answered, inFlight] = [150, 20, 64]
    let posts = 0
    const receiver = await createReceiver({
      endpoint: () => (++posts > answered ? 'stall' : 202),
    })
    t.after(() => receiver.close())
    const site = await createDeployedSite(t)
    const targets = Array.from({ length: all }, (_, i) => receiver.url(`host${i % 50}`, `/${i}`))
    await site.publish('posts/a', targets)
    const ledger = openLedgerFile(site.ledgerFile)
    const delivered = async () =>
      (await ledger.read()).deliveries.filter(({ outcome }) => outcome === 'delivered')

    const child = start(site, [])
    const ended = once(child, 'exit')
    await until(child, () => posts === answered + inFlight)
    while ((await delivered()).length < answered) await delay(5)
    child.kill('SIGKILL')
    await ended
    const begun = receiver.log.flatMap(({ target }) => target ?? [])
    const taken = receiver.taken.map(({ target }) => target)
    assert.deepEqual([begun.length, taken.length], [answered + inFlight, answered])

    await letLocksGoStale(site)
    receiver.forget()
    receiver.script({})
    const output: string[] = []
    assert.deepEqual(await once(start(site, output), 'exit'), [0, null], output.join(''))
    const again = receiver.taken.flatMap(({ target }) => target ?? [])
    assert.deepEqual(
      again.toSorted(),
      targets.filter((target) => !taken.includes(target)).toSorted(),
    )
    const report = JSON.parse(output.join('').replace(/^[^{]*/, '')) as {
      deliveries: DeliveryRow[]
    }
    const said = report.deliveries.filter(({ reason }) =>
      reason.includes('was in flight when the last run was stopped; sent again'),
    )
    assert.deepEqual(
      said.map(({ target }) => target).toSorted(),
      begun.filter((target) => !taken.includes(target)).toSorted(),
    )
    assert.ok((await delivered()).every((record) => record.inFlight === undefined))
    assert.equal((await delivered()).length, all)
    assert.deepEqual(await readdir(journalFolderOf(site.ledgerFile)), ['.gitignore'])
  })

  it('finishes what is under way when it is only interrupted', async (t) => {
    const { site, receiver, targets } = await setUp(t, 30)
    const output: string[] = []
    const child = start(site, output, '--parallel', '4')
    const ended = once(child, 'exit')
    await until(child, () => receiver.log.filter(({ method }) => method === 'POST').length >= 5)
    child.kill('SIGINT')
    assert.deepEqual(await ended, [3, null])
    const told = receiver.taken.length
    assert.ok(told >= 5 && told < 10, `${told} told`)
    assert.equal((await site.ledger()).deliveries.length, told)
    assert.match(output.join(''), /interrupted: send again/)

    const again = start(site, output)
    assert.deepEqual(await once(again, 'exit'), [0, null])
    assert.deepEqual(receiver.taken.map(({ target }) => target).toSorted(), targets)
  })

  it('shares its work with nobody', async (t) => {
    const { site, receiver, targets } = await setUp(t, 30)
    const output: string[] = []
    const first = start(site, output, '--parallel', '1')
    const firstEnded = once(first, 'exit')
    await until(first, () => receiver.taken.length > 0)
    const [code] = await once(start(site, output), 'exit')
    assert.equal(code, 1)
    assert.match(output.join(''), /another "private-posts send" is at work on it/)
    assert.deepEqual(await firstEnded, [0, null])
    assert.deepEqual(receiver.taken.map(({ target }) => target).toSorted(), targets)
  })
})
