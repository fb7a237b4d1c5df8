import { findPrivacyWords } from '../post/privacy-words.ts'
import type { FrontMatter } from '../post/visibility.ts'
import type { BuildState } from './build-state.ts'
import { inputPathOf, type ContentMap } from './eleventy-config.ts'

/**
 * Remembers that a public post calls itself a draft. Eleventy does not know the word: whether the post has a
 * page is known only later.
 */
export function noteDrafts(state: BuildState, path: string, data: FrontMatter): void {
  if (data['visibility'] !== undefined) return
  const words = findPrivacyWords(data)
  const word = words.find(({ effect }) => effect === 'if-built') ?? words.find(isWarning)
  if (word) state.publicDrafts.set(path, word.effect === 'if-built' ? 'unpublished' : 'draft')
}

const isWarning = ({ effect }: { readonly effect: string }) => effect === 'warning'

/** Says which of those have a public page after all. While somebody writes, that is as it should be. */
export function judgeDrafts(state: BuildState, urls: ContentMap['inputPathToUrl']): void {
  if (state.event.runMode !== 'build') return
  const drafts: string[] = []
  for (const [inputPath, pages] of Object.entries(urls)) {
    const path = inputPathOf(inputPath)
    const kind = state.publicDrafts.get(path)
    if (kind === undefined || !pages.some((url) => typeof url === 'string')) continue
    if (kind === 'draft') drafts.push(path)
    else {
      state.problems.push(
        `${path}: the post says that it is not published ("published: false" or the like). Eleventy does not know the word, and the post has a public page. To do: write "permalink: false" for no page, "visibility: private", or "visibility: public" if everybody may read it.`,
      )
    }
  }
  if (drafts.length === 0) return
  state.warnings.push(
    `${drafts.length === 1 ? 'A draft has a public page' : `${drafts.length} drafts have public pages`}: ${drafts.join(', ')}. Eleventy does not know "draft: true". To do: leave drafts out as https://www.11ty.dev/docs/config-preprocessors/#example-drafts shows, or write "visibility: public".`,
  )
}
