import { relative, resolve } from 'node:path'
import { createLedgerFile, mendLedgerFile } from '../ledger/ledger-file.ts'
import { countText } from '../web/count-text.ts'
import { redactSecrets } from '../web/redaction.ts'
import { ConfigurationError } from '../web/errors.ts'
import { textOption, UsageError, type Command } from './command.ts'
import { DEFAULT_LEDGER, ledgerFileOf, printable, SITE_HELP, SITE_OPTIONS } from './site.ts'

/** Whether the ledger is in order, and what can be done if not. Prints no secret. */
export const ledgerCommand: Command = {
  name: 'ledger',
  summary: 'Says whether the ledger is in order, and mends it after a merge conflict or damage.',
  parameters: '[--mend|--create] [options]',
  help: [
    '--create       make an empty one; the plugin then keeps its settings in it from the next build on,',
    '               also where no post is private, so that send, serve, inbox and routes find them',
    '--mend         mend it: keep both sides of a merge conflict, and every line that can be read;',
    '               the file as it was is kept in the folder .private-posts/damaged',
    ...SITE_HELP,
    'Ends with 1 if there is something to mend.',
  ],
  options: { ...SITE_OPTIONS, mend: { type: 'boolean' }, create: { type: 'boolean' } },

  async run({ positionals, values }, context) {
    const [word] = positionals
    if (word !== undefined) throw new UsageError(`"${redactSecrets(word)}" is one word too many`)
    const { cwd, terminal, now } = context
    const write = values['mend'] === true
    if (values['create'] === true) {
      if (write) throw new UsageError('--create and --mend do not go together')
      const name = textOption(values, 'ledger') ?? DEFAULT_LEDGER
      await create(resolve(cwd, name), name)
      const text = `${printable(name)}: created. To do: build the site with the plugin, which writes its settings into it.\n`
      terminal.out(
        values['json'] === true ? `${JSON.stringify({ created: name }, null, 2)}\n` : text,
      )
      return 0
    }
    const file = ledgerFileOf(values, context)
    const { ledger, notes, posts, copy } = await mendLedgerFile(file, { now: now(), write })
    const links = Object.values(ledger.posts).flatMap((record) => record.links)
    const report = {
      posts: Object.keys(ledger.posts).length,
      links: links.length,
      deliveries: ledger.deliveries.length,
      problems: notes.map(speakable),
      touched: posts.map(speakable),
      mended: copy !== undefined,
      ...(copy !== undefined && { copy: relative(cwd, copy) }),
    }
    terminal.out(values['json'] === true ? `${JSON.stringify(report, null, 2)}\n` : format(report))
    return write || notes.length === 0 ? 0 : 1
  },
}

/** @throws {ConfigurationError} if there is a file already: a ledger that is lost cannot be made again */
async function create(file: string, name: string): Promise<void> {
  if (await createLedgerFile(file)) return
  throw new ConfigurationError(
    `${name}: there is one already, and it stays as it is. To do: nothing; build the site with the plugin.`,
  )
}

interface Report {
  readonly posts: number
  readonly links: number
  readonly deliveries: number
  readonly problems: readonly string[]
  /** Posts whose readers may need a new link. */
  readonly touched: readonly string[]
  readonly mended: boolean
  readonly copy?: string
}

function format({ posts, links, deliveries, problems, touched, mended, copy }: Report): string {
  const size = `${countText(posts, 'post')}, ${countText(links, 'link')}, ${deliveries === 1 ? '1 delivery' : `${deliveries} deliveries`}`
  if (problems.length === 0 && !mended) return `The ledger is in order: ${size}.\n`
  const lines = problems.map((problem) => `- ${problem}`)
  if (!mended) {
    return `${lines.join('\n')}\nTo do: run "private-posts ledger --mend", which leaves ${size}.\n`
  }
  const build =
    touched.length === 0
      ? 'To do: build and send as always.'
      : `To do: look at these posts, then build and send again: ${touched.join(', ')}. Where a link could not be read, its reader gets another.`
  return `${['Mended:', ...lines].join('\n')}\nThe ledger has ${size}. As it was, it is in ${copy}.\n${build}\n`
}

function speakable(text: string): string {
  return printable(redactSecrets(text))
}
