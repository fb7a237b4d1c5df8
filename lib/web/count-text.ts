/** `1 page`, `2 pages`: how many there are of something whose name takes an "s". */
export function countText(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
