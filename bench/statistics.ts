/** The middle of several measurements, and how far they lie apart. */
export interface Spread {
  readonly median: number
  readonly lowest: number
  readonly highest: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (index: number) => sorted[index] ?? Number.NaN
  const middle = (sorted.length - 1) / 2
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    lowest: at(0),
    highest: at(sorted.length - 1),
  }
}

/** How many times the peer, repetition by repetition: what slowed down both is nobody's fault. */
export function ratioOf(values: readonly number[], peer: readonly number[]): Spread {
  return spreadOf(values.map((value, index) => value / (peer[index] ?? Number.NaN)))
}

export function describeSpread(
  { median, lowest, highest }: Spread,
  { unit = '', digits = 2 }: { readonly unit?: string; readonly digits?: number } = {},
): string {
  if (Number.isNaN(median)) return '-'
  const [middle, low, high] = [median, lowest, highest].map((value) => value.toFixed(digits))
  // What was measured once has no spread.
  return lowest === highest ? `${middle}${unit}` : `${middle}${unit} (${low}–${high})`
}

/** The order of turn `turn`, so that nobody always comes first. */
export function rotate<Item>(items: readonly Item[], turn: number): Item[] {
  const start = turn % Math.max(items.length, 1)
  return [...items.slice(start), ...items.slice(0, start)]
}
