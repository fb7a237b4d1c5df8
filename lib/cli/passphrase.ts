import { hashPassphrase } from '../indieauth/owner-passphrase.ts'
import type { CommandContext, ExitCode } from './command.ts'

/**
 * `private-posts init passphrase`: asks for the owner's passphrase and prints what is kept of it. The
 * passphrase itself is neither printed nor kept, and is no argument, which other users of the machine could see.
 */
export async function initPassphrase({ terminal, readSecret }: CommandContext): Promise<ExitCode> {
  const passphrase = await readSecret('A passphrase for your inbox and for signing in elsewhere: ')
  const owner = await hashPassphrase(passphrase)
  terminal.error('Set this environment variable where your site runs:\n')
  terminal.out(`PRIVATE_POSTS_OWNER=${owner}\n`)
  return 0
}
