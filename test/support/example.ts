import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseLedger } from '../../lib/ledger/ledger-text.ts'
import type { Ledger } from '../../lib/ledger/ledger.ts'
import { readFileSync } from 'node:fs'
import { listen } from '../../lib/web/node-server.ts'
import { createStaticSite } from '../../lib/web/static-site.ts'
import { REPOSITORY, runNode } from './site.ts'

/** Alice's blog of `example-site`, built and served on this machine. */
export interface Example {
  readonly alice: URL
  readonly bob: URL
  readonly output: string
  readonly ledger: Ledger
  close(): Promise<void>
}

export async function serveExample(): Promise<Example> {
  const folder = mkdtempSync(join(tmpdir(), 'private-posts-example-'))
  const output = join(folder, 'site')
  const server = await listen(createStaticSite({ folder: output }))
  const alice = new URL(`http://alice.localhost:${server.port}/`)
  const bob = new URL(`http://bob.localhost:${server.port}/`)
  const ledgerFile = join(folder, 'ledger.json')
  const { exitCode, output: log } = await runNode(
    [
      '--import',
      'tsx',
      'node_modules/@11ty/eleventy/cmd.cjs',
      '--config=example-site/eleventy.config.js',
      `--output=${output}`,
    ],
    {
      cwd: REPOSITORY,
      variables: { ALICE_URL: alice.href, BOB_URL: bob.href, EXAMPLE_LEDGER: ledgerFile },
    },
  )
  if (exitCode !== 0) throw new Error(`the example does not build:\n${log}`)
  return {
    alice,
    bob,
    output,
    ledger: parseLedger(readFileSync(ledgerFile, 'utf8'), ledgerFile),
    async close() {
      await server.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** The address of a post's copy for one recipient (`null`: of an unlisted post). */
export function copyUrl({ alice, ledger }: Example, post: string, recipient: string | null): URL {
  const record = Object.values(ledger.posts).find(({ path }) => path.endsWith(post))
  const link = record?.links.find((link) => link.recipient === recipient && !link.revoked)
  if (!link) throw new Error(`${post} has no link for ${recipient}`)
  return new URL(`p/${link.token}/`, alice)
}
