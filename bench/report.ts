/** A table for people, and the same as data for programs. */
export interface Report {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly notes: readonly string[]
  readonly data: unknown
}

const WIDTH = 100

/** The first column is aligned to the left, numbers to the right. */
export function renderReport({ title, columns, rows, notes }: Report): string {
  const widths = columns.map((_, index) =>
    Math.max(...[columns, ...rows].map((row) => (row[index] ?? '').length)),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) =>
        index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return [
    title,
    '',
    line(columns),
    widths.map((width) => '-'.repeat(width)).join('  '),
    ...rows.map(line),
    '',
    ...notes.flatMap(wrap),
    '',
  ].join('\n')
}

export function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}

function wrap(note: string): string[] {
  const lines = ['']
  for (const word of note.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last !== '' && last.length + word.length >= WIDTH) lines.push(`  ${word}`)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines
}
