import { pathPrefixOf, type EleventyConfig } from './eleventy-config.ts'
import type { PluginEnvironment } from './environment.ts'
import { byProperty, mentionsOf, type Mention } from './mention-list.ts'
import type { ResolvedOptions } from './options.ts'

/** The public mentions of the site, as data and by page; returns those that layouts were given. */
export function addMentions(
  eleventyConfig: EleventyConfig,
  options: ResolvedOptions,
  environment: PluginEnvironment,
): () => readonly Mention[] {
  let mentions: readonly Mention[] = []
  const mentionsFor = (page: unknown) => mentionsOf(mentions, page, pathPrefixOf(eleventyConfig))
  // The filters are always there, so that a layout need not ask whether the option is set.
  eleventyConfig.addFilter('mentionsFor', mentionsFor)
  eleventyConfig.addFilter('mentionsByProperty', (page) => byProperty(mentionsFor(page)))
  if (options.mentions === false) return () => []

  eleventyConfig.addGlobalData('mentions', () => mentions)
  eleventyConfig.on('eleventy.before', async () => {
    const { fetchMentions } = await import('./mentions.ts')
    mentions = await fetchMentions(options, environment, pathPrefixOf(eleventyConfig))
  })
  return () => mentions
}
