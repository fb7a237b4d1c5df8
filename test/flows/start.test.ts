import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { listen } from '../../lib/web/node-server.ts'
import { parseLedger } from '../../lib/ledger/ledger-text.ts'
import { REPOSITORY, runNode } from '../support/site.ts'

const data = mkdtempSync(join(tmpdir(), 'private-posts-start-'))
after(() => rmSync(data, { recursive: true }))

describe('npm start -- --once', () => {
  it('delivers to everybody by their own protocol the first time, and sends nothing the second', async () => {
    const port = await freePort()
    const start = () =>
      runNode(
        ['--import', 'tsx', 'example-site/start.ts', '--once', '--data', data, '--port', port],
        { cwd: REPOSITORY, variables: { CI: 'true' } },
      )
    const first = await start()
    assert.equal(first.exitCode, 0, first.output)
    const { deliveries, posts } = ledger()
    const delivered = deliveries.filter(({ outcome }) => outcome === 'delivered')
    assert.ok(delivered.length >= 10)
    const protocols = new Set(delivered.map(({ protocol }) => protocol))
    assert.deepEqual([...protocols].toSorted(), [
      'fmtp',
      'intertalk',
      'private-webmention',
      'rel-pm',
      'webmention',
    ])
    const answers = 4
    const reports = first.stdout.match(/^ {2}delivered /gm)?.length ?? 0
    assert.ok(reports >= delivered.length + answers, first.stdout)
    assert.equal(first.stdout.match(/^ {2}✓ /gm)?.length, 9)
    assert.doesNotMatch(first.stdout, /✗/)

    const second = await start()
    assert.equal(second.exitCode, 0, second.output)
    assert.doesNotMatch(second.stdout, /^ {2}delivered /m, 'nobody hears anything new')
    assert.equal(second.stdout.match(/^ {2}✓ /gm)?.length, 9)

    for (const { links } of Object.values(posts)) {
      for (const { token } of links) {
        assert.ok(!`${first.output}${second.output}`.includes(token), 'no link in any output')
      }
    }
  })
})

function ledger() {
  return parseLedger(readFileSync(join(data, 'alice/private-posts.ledger.json'), 'utf8'), 'ledger')
}

async function freePort(): Promise<string> {
  const server = await listen(async () => new Response())
  await server.close()
  return String(server.port)
}
