import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { EleventyConfig } from './eleventy-config.ts'
import type { NoticeContext, NoticeRenderer } from './notice.ts'

/** Name of the partial, without extension, that replaces the built-in notice. */
const PARTIAL = 'private-post-notice'

/**
 * Looks for `private-post-notice.*` among the site's includes, and renders it with Eleventy itself.
 *
 * @returns For a build, the renderer of the site's own notice; `undefined` if it has none.
 */
export function createNoticePartial(
  eleventyConfig: EleventyConfig,
): (includes: string | undefined) => Promise<NoticeRenderer | undefined> {
  const eleventy: { templateConfig?: unknown; extensionMap?: unknown } = {}
  eleventyConfig.on('eleventy.config', (templateConfig) => {
    eleventy.templateConfig = templateConfig
  })
  eleventyConfig.on('eleventy.extensionmap', (extensionMap) => {
    eleventy.extensionMap = extensionMap
  })

  return async (includes) => {
    const file = includes === undefined ? undefined : findPartial(includes)
    if (file === undefined) return undefined
    const { RenderPlugin } = await import('@11ty/eleventy')
    const render = await RenderPlugin.File(file, {
      templateConfig: eleventy.templateConfig,
      extensionMap: eleventy.extensionMap,
    })
    return async (context: NoticeContext) => String(await render({ ...context }))
  }
}

function findPartial(includes: string): string | undefined {
  if (!existsSync(includes)) return undefined
  const name = readdirSync(includes).find((entry) => entry.startsWith(`${PARTIAL}.`))
  return name === undefined ? undefined : join(includes, name)
}
