import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Part } from './options.ts'
import { drawGrowth } from './picture.ts'
import { isMissed, type Aim, type Report } from './report.ts'

const FOLDER = import.meta.dirname

/** What the results were measured on, and with. */
export interface Circumstances {
  readonly machine: string
  readonly date: string
  readonly minutes: number
}

/** Writes RESULTS.md, and the pictures of the growth beside it. */
export async function writeResults(
  reports: ReadonlyMap<Part, Report>,
  { machine, date, minutes }: Circumstances,
): Promise<void> {
  const all = [...reports.values()]
  const pictures = new Map<Report, string[]>()
  for (const report of all) {
    const links: string[] = []
    for (const growth of report.growth ?? []) {
      const file = `results-${growth.name}.svg`
      writeFileSync(join(FOLDER, file), `${await drawGrowth(growth)}\n`)
      links.push(`![${growth.title}](${file})`)
    }
    pictures.set(report, links)
  }
  const text = [
    '# Results',
    `Written by \`npm run bench\` (${[...reports.keys()].join(', ')}) in ${minutes.toFixed(0)} minutes on ${date}. ${machine}. Times are the median (lowest–highest); CPU is user and system time of all threads of the process, from its start to its end.`,
    '## Aims',
    table(
      ['', 'part', 'what', 'aim', 'measured'],
      [...reports].flatMap(([part, { aims = [] }]) => aims.map((aim) => rowOfAim(part, aim))),
    ),
    ...[...reports].flatMap(([part, report]) => [
      `## ${part}`,
      `${report.title}.`,
      table(report.columns, report.rows),
      ...(pictures.get(report) ?? []),
      ...(report.profile !== undefined && report.aims?.some(isMissed)
        ? [`What is left, where an aim is missed: ${report.profile}`]
        : []),
      ...report.notes,
    ]),
  ]
  writeFileSync(join(FOLDER, 'RESULTS.md'), `${text.join('\n\n')}\n`)
}

function rowOfAim(part: Part, { what, aim, reached, isReached }: Aim): string[] {
  return [isReached ? 'reached' : '**missed**', part, what, aim, reached]
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
}
