/** Eleventy's plugins ship no declarations; a plugin is all that is used of them. */
declare module '@11ty/eleventy-plugin-rss' {
  export const feedPlugin: unknown
}
declare module '@11ty/eleventy-img' {
  export const eleventyImageTransformPlugin: unknown
}
