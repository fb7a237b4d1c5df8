import { refuseProblems } from './build-error.ts'
import type { BuildState } from './build-state.ts'
import type { ClassificationOptions } from './classification.ts'
import { inputPathOf, type EleventyConfig } from './eleventy-config.ts'
import { describeUnread } from './source-head.ts'

/** `eleventy.layouts`: input paths of the pages that use a layout, by the layout's. */
type LayoutUse = Readonly<Record<string, readonly string[]>>

/**
 * Reads the heads of layouts, too: what a layout says of readers counts for each page that uses it. Eleventy
 * knows the layouts when the public pages are rendered, and none is written yet.
 */
export function readLayoutHeads(
  eleventyConfig: EleventyConfig,
  currentState: () => BuildState,
  { readHead, headRules }: ClassificationOptions,
): void {
  eleventyConfig.on('eleventy.layouts', (layouts: LayoutUse) => {
    const state = currentState()
    if (state.isPublicSiteBuilt) return
    for (const [inputPath, pages] of Object.entries(layouts)) {
      const [data] = pages.flatMap((page) => state.templateData.get(inputPathOf(page)) ?? [])
      const path = inputPathOf(inputPath)
      const problem = data && describeUnread(path, readHead(path), data, headRules())
      if (problem !== undefined) state.problems.push(problem)
    }
    refuseProblems(state)
  })
}
