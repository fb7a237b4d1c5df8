import type { Parcel } from '../../lib/delivery/delivery.ts'
import { letterIdOf, type Letter } from '../../lib/delivery/letter.ts'

/** A parcel to its target, with a letter in it that fits; what is given is as given. */
export function createParcel({
  letter,
  ...parcel
}: Pick<Parcel, 'source' | 'target' | 'exposure' | 'recipient'> &
  Partial<Pick<Parcel, 'destination'>> & { readonly letter?: Partial<Letter> }): Parcel {
  const { source, target, recipient } = parcel
  const made: Letter = {
    id: letterIdOf(source),
    version: 'v1',
    url: source.href,
    text: 'Dinner?',
    audience: recipient === null ? [] : [recipient],
    ...letter,
  }
  return { destination: target, ...parcel, letter: async () => made }
}
