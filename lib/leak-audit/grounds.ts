import { explain, type Clue } from './clue.ts'
import type { Evidence } from './evidence.ts'
import type { KnownPlace } from './places.ts'

/** What makes up a source; names of people, places and tags are common property. */
const OF_A_SOURCE = new Set<Clue['kind']>(['title', 'sentence', 'slug', 'input-path'])

/** What a public text has of the evidence: grounds to say that it is no secret. */
export class Grounds {
  readonly #clues = new Set<Clue>()
  /** Runs of eight words. */
  readonly #windows = new Set<number>()
  readonly #addresses = new Set<string>()
  /** How many digits of a place stand there. */
  readonly #places = new Map<KnownPlace<Clue>, number>()

  readonly #isCopied: boolean

  /** @param isCopied The text may be that of the private posts themselves. */
  constructor(isCopied = false) {
    this.#isCopied = isCopied
  }

  readonly addClue = (clue: Clue): void => {
    if (this.#isCopied && OF_A_SOURCE.has(clue.kind)) return
    this.#clues.add(clue.of ?? clue)
  }

  addWindow(key: number | undefined): void {
    if (key !== undefined && !this.#isCopied) this.#windows.add(key)
  }

  addAddress(address: string): void {
    this.#addresses.add(address)
  }

  addPlace(place: KnownPlace<Clue>, digits: number): void {
    this.#places.set(place, Math.max(digits, this.#places.get(place) ?? 0))
  }

  get isEmpty(): boolean {
    const all = [this.#clues, this.#windows, this.#addresses, this.#places]
    return all.every(({ size }) => size === 0)
  }

  /** Takes from the evidence what the text has. */
  explain(evidence: Evidence): void {
    this.#clues.forEach(explain)
    for (const key of this.#windows) evidence.windows.delete(key)
    for (const address of this.#addresses) evidence.addresses.delete(address)
    for (const [place, digits] of this.#places) place.known = Math.max(place.known, digits)
  }

  /** Moves what another text has, too, into grounds of their own. */
  take(other: Grounds): Grounds {
    const both = new Grounds()
    for (const clue of this.#clues) if (other.#clues.has(clue)) both.#clues.add(clue)
    for (const key of this.#windows) if (other.#windows.has(key)) both.#windows.add(key)
    for (const address of this.#addresses) {
      if (other.#addresses.has(address)) both.#addresses.add(address)
    }
    for (const [place, digits] of this.#places) {
      const there = other.#places.get(place)
      if (there !== undefined) both.#places.set(place, Math.min(digits, there))
    }
    for (const clue of both.#clues) this.#clues.delete(clue)
    for (const key of both.#windows) this.#windows.delete(key)
    for (const address of both.#addresses) this.#addresses.delete(address)
    for (const place of both.#places.keys()) this.#places.delete(place)
    return both
  }
}
