import { parseArgs } from 'node:util'
import { redactSecrets } from '../web/redaction.ts'
import { nearest } from '../post/nearest.ts'
import {
  isExpected,
  UsageError,
  type Command,
  type CommandContext,
  type ExitCode,
} from './command.ts'

/** Runs `private-posts` with the arguments behind its name. */
export async function run(
  commands: readonly Command[],
  args: readonly string[],
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal } = context
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal.out(overview(commands))
    return name === undefined ? 2 : 0
  }
  const command = commands.find((candidate) => candidate.name === name)
  if (!command) {
    const meant = nearest(
      name,
      commands.map((candidate) => candidate.name),
    )
    terminal.error(
      `private-posts: there is no command "${redactSecrets(name)}".${meant ? ` Did you mean "${meant}"?` : ''}\n\n${overview(commands)}`,
    )
    return 2
  }
  try {
    const { values, positionals } = parse(command, rest)
    if (values['help'] === true) {
      terminal.out(usage(command))
      return 0
    }
    return await command.run({ values, positionals }, context)
  } catch (error) {
    return report(command, error, context)
  }
}

function parse(command: Command, args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...command.options, help: { type: 'boolean', short: 'h' } },
    })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const [, unknown] = /^Unknown option '--?([\w-]+)/.exec(message) ?? []
    const meant = unknown && nearest(unknown, [...Object.keys(command.options), 'help'])
    const hint =
      unknown && `There is no option --${unknown}.${meant ? ` Did you mean --${meant}?` : ''}`
    throw new UsageError(hint || message, { cause: error })
  }
}

function report(command: Command, error: unknown, { terminal }: CommandContext): ExitCode {
  if (error instanceof UsageError) {
    terminal.error(
      `private-posts ${command.name}: ${redactSecrets(error.message)}\n\n${usage(command)}`,
    )
    return 2
  }
  const text = isExpected(error) ? error.message : error instanceof Error ? error.stack : error
  terminal.error(`private-posts ${command.name}: ${redactSecrets(String(text))}\n`)
  return 1
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  return [
    'Usage: private-posts <command> [options]',
    '',
    ...rows,
    '',
    'private-posts <command> --help tells more. Exit codes: 0 done, 1 refused or our fault,',
    '2 wrong usage, 3 some deliveries failed or stay pending.',
    '',
  ].join('\n')
}

function usage({ name, parameters, summary, help }: Command): string {
  return [
    `Usage: private-posts ${name}${parameters ? ` ${parameters}` : ''}`,
    '',
    summary,
    ...(help.length > 0 ? ['', ...help.map((line) => `  ${line}`)] : []),
    '',
  ].join('\n')
}
