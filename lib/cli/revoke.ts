import { linkState, type Ledger, type Link } from '../ledger/ledger.ts'
import { revokeLinks, type LinkSelection } from '../ledger/revoke.ts'
import type { Command, ExitCode, Terminal } from './command.ts'
import { openSite, printable, recipientName, selectLinks, SITE_HELP, SITE_OPTIONS } from './site.ts'

/** What must be said wherever a link is taken back. */
export const NOT_TAKEN_BACK = `What it does not do:
  - On Netlify each old deploy stays reachable at an address of its own, with the old links in it,
    until you delete it (Deploys, in Netlify's web interface).
  - Behind the gate (access: gate), a revoked reader gets in until the next deploy.
  - What went as a message (rel-pm, intertalk, FMTP) is in the recipient's inbox, and stays there.
  - What a recipient has read, saved or passed on cannot be taken back.
`

/** Takes links back for good. */
export const revokeCommand: Command = {
  name: 'revoke',
  summary: 'Takes back the links of a post, or of one of its recipients, for good.',
  parameters: '<post> [recipient] [options]',
  help: SITE_HELP,
  options: SITE_OPTIONS,

  async run({ positionals, values }, context) {
    const now = context.now()
    const change = await openSite(values, context).update(async (before) => {
      const selection = selectLinks(before, positionals)
      const { ledger, revoked } = revokeLinks(before, selection, now)
      return { ledger, result: changedLinks(before, selection, revoked) }
    })
    return reportChange(context.terminal, change, {
      json: values['json'] === true,
      now,
      done: 'Revoked',
      nothing: 'No link of it is live, so that there is nothing to revoke.',
      next: REVOKED_NEXT,
    })
  },
}

const REVOKED_NEXT = `
What to do now:
  1. Build and deploy: until then the links still work, and the gate lets these readers in. Commit the ledger.
  2. private-posts send, after the deploy: tells the recipients' sites that the page is gone. Sites that
     understand it remove what they have.
${NOT_TAKEN_BACK}To change your mind: private-posts rotate, naming the recipient.
`

/** Links of one post that a command has changed. */
interface ChangedLinks {
  readonly post: string
  readonly links: readonly Link[]
}

export function changedLinks(
  { posts }: Ledger,
  { postId }: LinkSelection,
  links: readonly Link[],
): ChangedLinks {
  return { post: posts[postId]?.path ?? postId, links }
}

/** Tells what was done to which links, without their secrets, and what is left to do. */
export function reportChange(
  { out, error }: Terminal,
  { post, links }: ChangedLinks,
  words: {
    readonly json: boolean
    readonly now: Date
    readonly done: string
    readonly nothing: string
    readonly next: string
  },
): ExitCode {
  if (words.json) out(`${JSON.stringify({ links: links.map(row) }, null, 2)}\n`)
  if (links.length === 0) {
    error(`${printable(post)}: ${words.nothing}\n`)
    return 1
  }
  if (words.json) return 0
  const names = links.map((link) => `  ${printable(recipientName(link))}\n`)
  out(`${words.done}, in ${printable(post)}:\n${names.join('')}${words.next}`)
  return 0

  function row(link: Link) {
    const { recipient, expires = null } = link
    return { post, recipient, state: linkState(link, words.now), expires }
  }
}
