import { join, posix } from 'node:path'

/** One kind of bundle of eleventy-plugin-bundle, as far as it is used here. */
export interface BundleManager {
  readonly name: string
  readonly fileExtension?: string | undefined
  /** Writes a page's bundle into a folder of the output, and says where it is on the site. */
  writeBundle(
    page: BundlePage,
    buckets: unknown,
    options: { readonly output: string },
  ): Promise<string | undefined>
}

interface BundlePage {
  readonly inputPath: string
  readonly url: string
}

const PAGE = /^x?html?$/i

/**
 * Lets the bundles of HTML that private pages write lie beside these pages. Stylesheets and scripts are moved
 * later, with all other files that only private pages name; a bundle of HTML looks like a public page.
 *
 * @param addressOf Folder of a private page while it is built.
 * @returns Takes it back.
 */
export function bundleBesidePages(
  managers: Readonly<Record<string, BundleManager>>,
  addressOf: (inputPath: string) => string | undefined,
): () => void {
  const ofPages = Object.values(managers).filter(({ fileExtension, name }) =>
    PAGE.test(fileExtension ?? name),
  )
  for (const manager of ofPages) {
    const write = manager.writeBundle.bind(manager)
    manager.writeBundle = async (page, buckets, options) => {
      const address = addressOf(page.inputPath)
      if (address === undefined) return write(page, buckets, options)
      const url = await write(page, buckets, { ...options, output: join(options.output, address) })
      return url && posix.relative(page.url, posix.join(address, url))
    }
  }
  return () => {
    for (const manager of ofPages) Reflect.deleteProperty(manager, 'writeBundle')
  }
}
