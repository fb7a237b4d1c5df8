import { hashPassphrase } from '../indieauth/owner-passphrase.ts'
import { resolve } from 'node:path'
import type { CommandContext, ExitCode } from './command.ts'
import { readLinkedSite } from './home-rels.ts'
import { homePageStep } from './next-steps.ts'
import { DEFAULT_LEDGER } from './site.ts'

/**
 * `private-posts init passphrase`: asks for the owner's passphrase and prints what is kept of it. The
 * passphrase itself is neither printed nor kept, and is no argument, which other users of the machine could see.
 */
export async function initPassphrase({
  cwd,
  terminal,
  readSecret,
}: CommandContext): Promise<ExitCode> {
  const passphrase = await readSecret('A passphrase for your inbox and for signing in elsewhere: ')
  const owner = await hashPassphrase(passphrase)
  terminal.error('Set this environment variable where your site runs:\n')
  terminal.out(`PRIVATE_POSTS_OWNER=${owner}\n`)
  const site = await readLinkedSite(resolve(cwd, DEFAULT_LEDGER))
  terminal.error(`\n${homePageStep(site)}`)
  return 0
}
