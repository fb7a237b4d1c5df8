/**
 * Private posts for Eleventy: the plugin, and the types of its options.
 *
 * @module
 */
import { addPrivatePosts } from './eleventy/plugin.ts'
import type { EleventyConfig } from './eleventy/eleventy-config.ts'
import type { PrivatePostsOptions } from './eleventy/options.ts'

export type { PrivatePostsOptions } from './eleventy/options.ts'
export { ConfigurationError } from './web/errors.ts'

/**
 * The Eleventy plugin.
 *
 * @throws {ConfigurationError} when an option is wrong: the build stops and says which one.
 * @example
 * ```js
 * eleventyConfig.addPlugin(privatePosts, { me: 'https://alice.example/' })
 * ```
 */
export default function privatePosts(eleventyConfig: object, options: PrivatePostsOptions): void {
  addPrivatePosts(eleventyConfig as EleventyConfig, options, {
    cwd: process.cwd(),
    variables: process.env,
    now: () => new Date(),
    print: (line) => console.log(line),
    planBuild: async (build) => (await import('./deploy/plan-file.ts')).planBuildFile(build),
    letterFiles: async (build) => (await import('./deploy/letter-files.ts')).letterFiles(build),
  })
}
