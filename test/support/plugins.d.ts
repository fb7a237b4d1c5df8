/** Eleventy's plugins ship no declarations; a plugin is all that is used of them. */
declare module '@11ty/eleventy-plugin-rss' {
  export const feedPlugin: unknown
}
declare module '@11ty/eleventy-img' {
  export const eleventyImageTransformPlugin: unknown
  /** Makes smaller pictures of one, by format. */
  const image: (source: string, options: object) => Promise<Record<string, { url: string }[]>>
  export default image
}
declare module 'eleventy-plugin-og-image' {
  const plugin: unknown
  export default plugin
}

declare module '@11ty/eleventy-plugin-bundle' {
  const plugin: unknown
  export default plugin
}
declare module '@11ty/eleventy-plugin-webc' {
  const eleventyWebcPlugin: unknown
  export default eleventyWebcPlugin
}
declare module '@11ty/eleventy-plugin-vite' {
  const plugin: unknown
  export default plugin
}
