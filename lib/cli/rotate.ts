import { rotateLinks } from '../ledger/revoke.ts'
import type { Command } from './command.ts'
import { changedLinks, NOT_TAKEN_BACK, reportChange } from './revoke.ts'
import { mintAtHome, openSite, selectLinks, SITE_HELP, SITE_OPTIONS } from './site.ts'

/** Gives new links for old. */
export const rotateCommand: Command = {
  name: 'rotate',
  summary: 'Gives new links for old, when one has come into wrong hands.',
  parameters: '<post> [recipient] [options]',
  help: [
    ...SITE_HELP,
    'Recipients whose link was revoked by hand get a new one only when you name them.',
    "Sites with tokens: 'derived' need PRIVATE_POSTS_SECRET in the environment.",
  ],
  options: SITE_OPTIONS,

  async run({ positionals, values }, context) {
    const now = context.now()
    const change = await openSite(values, context).update(async (before) => {
      const selection = selectLinks(before, positionals)
      const mint = mintAtHome(before.site?.tokens ?? 'random', context.environment)
      const { ledger, issued } = rotateLinks(before, selection, now, mint)
      return { ledger, result: changedLinks(before, selection, issued) }
    })
    return reportChange(context.terminal, change, {
      json: values['json'] === true,
      now,
      done: 'New links',
      nothing:
        'No link of it can be rotated: none is live. (A link that was revoked by hand: name its recipient.)',
      next: ROTATED_NEXT,
    })
  },
}

const ROTATED_NEXT = `
What to do now:
  1. Build and deploy: until then the old links work and the new ones do not. Commit the ledger.
  2. private-posts send, after the deploy: tells recipients with a website or an address of the new link.
  3. private-posts links <post>: prints the new links, to hand over to everybody else.
${NOT_TAKEN_BACK}`
