import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Command } from '../../lib/cli/command.ts'
import { inboxCommand } from '../../lib/cli/inbox.ts'
import { ledgerCommand } from '../../lib/cli/ledger.ts'
import { routesCommand } from '../../lib/cli/routes.ts'
import { sendCommand } from '../../lib/cli/send.ts'
import { serveCommand } from '../../lib/cli/serve.ts'
import { formatLedger } from '../../lib/ledger/ledger-text.ts'
import { emptyLedger } from '../../lib/ledger/ledger.ts'
import { NOW } from '../ledger/builds.ts'
import { aliceLedger, execute, holdsToken, LEDGER, newFolder, siteWith } from './command-line.ts'

const ledger = aliceLedger()
const CONFLICT = formatLedger(ledger).replace(
  /^(\{"link".*\n)/m,
  '<<<<<<< HEAD\n$1=======\n$1>>>>>>> laptop\n',
)

async function run(cwd: string, ...args: readonly string[]) {
  const result = await execute(ledgerCommand, args, { cwd, now: NOW })
  assert.ok(!holdsToken(result.out + result.error, ledger))
  return result
}

describe('private-posts ledger', () => {
  it('says that a ledger is in order, and how large it is', async () => {
    const { code, out } = await run(siteWith(ledger))
    assert.equal(code, 0)
    assert.match(out, /^The ledger is in order: \d+ posts, \d+ links, 0 deliveries\.\n$/)
  })

  it('says what there is to mend, changes nothing, and ends with 1', async () => {
    const cwd = siteWith(ledger)
    writeFileSync(join(cwd, LEDGER), CONFLICT)
    const { code, out } = await run(cwd)
    assert.equal(code, 1)
    assert.match(
      out,
      /^- 1 conflict: both sides are kept\nTo do: run "private-posts ledger --mend"/,
    )
    assert.equal(readFileSync(join(cwd, LEDGER), 'utf8'), CONFLICT)
    assert.equal(existsSync(join(cwd, '.private-posts')), false)
  })

  it('mends it, and keeps the file as it was where only its owner can read it', async () => {
    const cwd = siteWith(ledger)
    writeFileSync(join(cwd, LEDGER), CONFLICT)
    const { code, out } = await run(cwd, '--mend')
    assert.equal(code, 0)
    assert.match(out, /^Mended:\n- 1 conflict.*\nThe ledger has .*\.private-posts\/damaged\/.*\n/)
    assert.equal(readFileSync(join(cwd, LEDGER), 'utf8'), formatLedger(ledger))

    const folder = join(cwd, '.private-posts/damaged')
    const [copy = ''] = readdirSync(folder).filter((name) => name !== '.gitignore')
    assert.equal(readFileSync(join(folder, copy), 'utf8'), CONFLICT)
    assert.deepEqual(
      [folder, join(folder, copy)].map((path) => statSync(path).mode & 0o777),
      [0o700, 0o600],
    )
    assert.equal((await run(cwd)).code, 0)
  })

  it('changes nothing of a ledger that is in order', async () => {
    const cwd = siteWith(ledger)
    const { ino } = statSync(join(cwd, LEDGER))
    assert.equal((await run(cwd, '--mend')).code, 0)
    assert.equal(statSync(join(cwd, LEDGER)).ino, ino)
    assert.equal(existsSync(join(cwd, '.private-posts')), false)
  })

  it('prints one JSON object', async () => {
    const cwd = siteWith(ledger)
    writeFileSync(join(cwd, LEDGER), CONFLICT)
    const { out } = await run(cwd, '--json')
    assert.deepEqual(
      { ...JSON.parse(out), posts: 0, links: 0 },
      {
        ...{ posts: 0, links: 0, deliveries: 0 },
        ...{ problems: ['1 conflict: both sides are kept'], touched: [], mended: false },
      },
    )
  })

  it('does not take a file of which nothing can be read for an empty ledger', async () => {
    const cwd = siteWith(ledger)
    writeFileSync(join(cwd, LEDGER), '')
    const { code, error } = await run(cwd, '--mend')
    assert.notEqual(code, 0)
    assert.match(error, /nothing of it can be read\. To do: restore it/)
    assert.equal(readFileSync(join(cwd, LEDGER), 'utf8'), '')
  })
})

describe('private-posts ledger --create', () => {
  it('makes an empty ledger that only its owner can read', async () => {
    const cwd = newFolder()
    const { code, out } = await run(cwd, '--create')
    assert.equal(code, 0)
    assert.match(
      out,
      /^private-posts\.ledger\.json: created\. To do: build the site with the plugin/,
    )
    assert.equal(readFileSync(join(cwd, LEDGER), 'utf8'), formatLedger(emptyLedger()))
    assert.equal(statSync(join(cwd, LEDGER)).mode & 0o777, 0o600)
    assert.equal((await run(cwd)).code, 0)
  })

  it('never replaces one', async () => {
    const cwd = siteWith(ledger)
    const before = readFileSync(join(cwd, LEDGER), 'utf8')
    const { code, error } = await run(cwd, '--create')
    assert.equal(code, 1)
    assert.match(error, /there is one already, and it stays as it is/)
    assert.equal(readFileSync(join(cwd, LEDGER), 'utf8'), before)
  })

  it('is not mending', async () => {
    const cwd = newFolder()
    assert.equal((await run(cwd, '--create', '--mend')).code, 2)
    assert.equal(existsSync(join(cwd, LEDGER)), false)
  })
})

describe('a site without private posts', () => {
  const commands: readonly (readonly [Command, ...string[]])[] = [
    [sendCommand, '--site', 'https://alice.example', '--dry-run'],
    [serveCommand, '--site', 'https://alice.example'],
    [inboxCommand],
    [routesCommand],
  ]
  for (const [command, ...args] of commands) {
    it(`${command.name}: says how to make a ledger, and then to build`, async () => {
      const cwd = newFolder()
      const missing = await execute(command, args, { cwd, now: NOW })
      assert.notEqual(missing.code, 0)
      assert.match(missing.error, /no such file.*"private-posts ledger --create", then build/)
      await run(cwd, '--create')
      const unbuilt = await execute(command, args, { cwd, now: NOW })
      assert.notEqual(unbuilt.code, 0)
      assert.match(
        unbuilt.error,
        /no settings of a site yet\. To do: build the site with the plugin/,
      )
    })
  }
})
