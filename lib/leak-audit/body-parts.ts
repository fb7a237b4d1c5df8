import { decode } from './escapes.ts'
import { splitMarkup } from './markup.ts'
import { imageTexts, markEdges, pageText } from './source-text.ts'
import { BLOCK, wordsOf, type Words } from './words.ts'

/** The words of a source, in the stretches in which they will stand on the page. */
export function bodyParts(source: string): Words[] {
  const stretches = markEdges(pageText(source)).split(BLOCK)
  return [...stretches, ...imageTexts(source)].flatMap((stretch) => {
    const { plain, joined = '', inside } = splitMarkup(stretch)
    return [plain, joined, ...inside.split(BLOCK)]
      .map((text) => wordsOf(decode(text)))
      .filter(({ length }) => length > 0)
  })
}
