/** What was aimed at, and what was measured. */
export interface Aim {
  readonly what: string
  /** With its unit: `≤ 1.3×`. */
  readonly aim: string
  readonly reached: string
  readonly isReached: boolean
}

/** How a measure grows. */
export interface Growth {
  /** Name of the file, without its extension. */
  readonly name: string
  readonly title: string
  readonly x: string
  readonly y: string
  readonly points: readonly { readonly series: string; readonly x: number; readonly y: number }[]
}

/** A table for people, and the same as data for programs. */
export interface Report {
  readonly title: string
  readonly aims?: readonly Aim[]
  readonly growth?: readonly Growth[]
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly notes: readonly string[]
  /** Where an aim is missed: what is left and why, as a profile says. */
  readonly profile?: string
  readonly data: unknown
}

const WIDTH = 100

/** The first column is aligned to the left, numbers to the right. */
export function renderReport({ title, columns, rows, notes, profile, aims = [] }: Report): string {
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
    ...aims.map(describeAim),
    ...(profile !== undefined && aims.some(isMissed) ? wrap(`What is left: ${profile}`) : []),
    ...notes.flatMap(wrap),
    '',
  ].join('\n')
}

/** An aim with a bound from above. */
export function atMost(what: string, bound: number, reached: number, unit: string): Aim {
  return {
    ...{ what, aim: `≤ ${bound}${unit}`, reached: `${round(reached)}${unit}` },
    isReached: reached <= bound,
  }
}

/** An aim with a bound from below. */
export function atLeast(what: string, bound: number, reached: number, unit: string): Aim {
  return {
    ...{ what, aim: `≥ ${bound}${unit}`, reached: `${round(reached)}${unit}` },
    isReached: reached >= bound,
  }
}

export function isMissed({ isReached }: Aim): boolean {
  return !isReached
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

function describeAim({ what, aim, reached, isReached }: Aim): string {
  return `${isReached ? 'reached' : 'MISSED '}  ${what}: ${reached} (aim ${aim})`
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
