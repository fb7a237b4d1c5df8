import { createRequire } from 'node:module'

/** The navigation plugin ships as CommonJS without declarations. */
export const eleventyNavigationPlugin: unknown = createRequire(import.meta.url)(
  '@11ty/eleventy-navigation',
)
