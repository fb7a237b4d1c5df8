import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { nameOf, type SiteShape, type SiteSizes } from './generated-site.ts'
import { ELEVENTY, PLUGIN } from './plugin.ts'

/** A way to give a private post to its recipients. */
export interface Way {
  readonly name: string
  readonly shape: SiteShape
  /** Arguments of Node, one process after the other. */
  readonly processes: readonly (readonly string[])[]
  /** What a deployment must not have: the posts in the clear. */
  readonly remove?: string
  /** How many pages for recipients there must be, and where. */
  readonly copies: number
  readonly isCopy: RegExp
  /** Where the site has other sizes than that of its peers. */
  readonly sizes?: Partial<SiteSizes>
  /** It builds again what it has built. */
  readonly isRepeated?: boolean
}

const PLAIN_CONFIG = 'export default function () {}\n'
const BUILD = [ELEVENTY, '--quiet']

/** What the same posts cost when they are public. */
export function plain(): Way {
  return {
    name: 'Eleventy, all posts public',
    shape: {
      privateFrontMatter: (number) => `tags: post\npermalink: /posts/${nameOf(number)}/`,
      config: PLAIN_CONFIG,
    },
    processes: [BUILD],
    copies: 0,
    isCopy: /^$/,
  }
}

/** By hand, as the documentation of Eleventy makes many pages of one template. */
export function paginated({ private: posts, recipients }: SiteSizes): Way {
  const copiesOf = (number: number) =>
    recipientsOf(recipients).map((me) => `  - { me: "${me}", token: ${tokenOf(number, me)} }`)
  return {
    name: 'Eleventy, a paginated page per recipient',
    shape: {
      privateFrontMatter: (number) =>
        [
          'eleventyExcludeFromCollections: true',
          'pagination: { data: copies, size: 1, alias: copy }',
          'permalink: "/p/{{ copy.token }}/"',
          'copies:',
          ...copiesOf(number),
        ].join('\n'),
      config: PLAIN_CONFIG,
    },
    processes: [BUILD],
    copies: posts * recipients,
    isCopy: /^p\/[0-9a-f]{26}\/index\.html$/,
  }
}

/** A password for each recipient, and the posts encrypted with it. */
export function encrypted({ private: posts, recipients }: SiteSizes): Way | undefined {
  const command = staticrypt()
  if (command === undefined) return undefined
  const encryptFor = (me: string, index: number) => [
    ...[command, '_site/private', '--recursive', '--directory', `_site/for/${index}`],
    ...['--password', tokenOf(-1, me), '--config', 'false', '--salt', tokenOf(-2, me, 32)],
  ]
  return {
    name: 'Eleventy, then staticrypt per recipient',
    shape: {
      privateFrontMatter: (number) =>
        `eleventyExcludeFromCollections: true\npermalink: /private/${nameOf(number)}/`,
      config: PLAIN_CONFIG,
    },
    processes: [BUILD, ...recipientsOf(recipients).map(encryptFor)],
    remove: '_site/private',
    copies: posts * recipients,
    isCopy: /^for\/\d+\/(?:private\/)?[\w-]+\/index\.html$/,
  }
}

export function ours({ private: posts, recipients }: SiteSizes): Way {
  const audience = JSON.stringify(recipientsOf(recipients))
  return {
    name: 'Eleventy with this plugin',
    shape: {
      privateFrontMatter: () => `tags: post\naudience: ${audience}`,
      config: `import privatePosts from '${pathToFileURL(PLUGIN).href}'
export default function (eleventyConfig) {
  eleventyConfig.addPlugin(privatePosts, { me: 'https://alice.example/' })
}
`,
    },
    processes: [BUILD],
    copies: posts * recipients,
    isCopy: /^p\/[0-9a-hjkmnp-tv-z]{26}\/index\.html$/,
  }
}

/** The plugin is there, and has nothing to do. */
export function unused(): Way {
  const sizes = { private: 0, recipients: 1 }
  return {
    ...ours({ posts: 0, ...sizes }),
    name: 'Eleventy with this plugin, no private post',
    sizes,
  }
}

export function unchanged(sizes: SiteSizes): Way {
  return {
    ...ours(sizes),
    name: 'Eleventy with this plugin, built again unchanged',
    isRepeated: true,
  }
}

function recipientsOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `https://reader-${index}.example/`)
}

/** As unguessable as is needed here: different for each, and the same in every run. */
function tokenOf(number: number, me: string, length = 26): string {
  return createHash('sha256').update(`${number} ${me}`).digest('hex').slice(0, length)
}

function staticrypt(): string | undefined {
  try {
    const description = createRequire(import.meta.url).resolve('staticrypt/package.json')
    return join(dirname(description), 'cli/index.js')
  } catch {
    return undefined
  }
}
