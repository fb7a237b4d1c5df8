/** Characters that a screen does not show: zero-width ones, soft hyphens, byte order marks, NUL. */
const INVISIBLE =
  /[\0\u00AD\u034F\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFE00-\uFE0F\uFEFF\uFFFD]/gu
/** Cyrillic, Greek and odd Latin letters, and below each the ASCII letter that it looks like. */
const FOREIGN = 'аеіјкмнорстухѕвАВЕЅІЈКМНОРСТУХοναιρτυκΟΝΑΙΡΤΥΕΚΒΜıɑɡℓ'
const FAMILIAR = 'aeijkmhopctyxsbABESIJKMHOPCTYXovaiptukONAIPTYEKBMiagl'
const LOOK_ALIKES = new Map([...FOREIGN].map((letter, at) => [letter, FAMILIAR.charAt(at)]))
/** Nothing to do for them, and most words and texts are like that. */
const PLAIN = /^[a-z\d]*$/
const ASCII = /^[\x01-\x7F]*$/

/**
 * The text as a person sees it: without invisible characters and accents, and with an ASCII letter where
 * a full-width letter or one of another alphabet looks like it. Line ends stay.
 */
export function asSeen(text: string): string {
  if (ASCII.test(text)) return text
  const visible = text.replace(INVISIBLE, '').normalize('NFKD').replace(/\p{M}/gu, '')
  return visible.replace(/[^\x00-\x7F]/gu, (letter) => LOOK_ALIKES.get(letter) ?? letter)
}

/** A key or a word in the one spelling that is compared: `Shared_With` and `sharedWith` are `sharedwith`. */
export function foldWord(text: string): string {
  if (PLAIN.test(text)) return text
  return asSeen(text)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
}
