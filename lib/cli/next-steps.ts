import type { ScaffoldOptions } from './scaffold.ts'

const PLUGIN = (
  tokens: ScaffoldOptions['tokens'],
) => `Add the plugin to your Eleventy configuration:

    import privatePosts from 'eleventy-plugin-private-posts'

    export default function (eleventyConfig) {
      eleventyConfig.addPlugin(privatePosts, {
        me: 'https://you.example/', // your own profile URL${tokens === 'derived' ? "\n        tokens: 'derived'," : ''}
      })
    }
`

const MAKE_SECRET = `openssl rand -base64 32 | tr '+/' '-_'`

/** What no file can do for the author. */
export function githubPagesSteps({ tokens, ledger }: ScaffoldOptions): readonly string[] {
  return [
    PLUGIN(tokens),
    `Make the repository private: the sources of the posts and ${ledger} are in it. (GitHub Pages from a\nprivate repository needs a paid plan. The published site is public; its private pages have secret addresses.)`,
    'In Settings → Pages, set the source to "GitHub Actions".',
    'A project site (https://you.github.io/blog/) needs its base path in the build:\n--build "npx eleventy --pathprefix=/blog/".',
    ...(tokens === 'derived'
      ? [
          `Set the secret PRIVATE_POSTS_SECRET in Settings → Secrets and variables → Actions, to the output of:\n\n    ${MAKE_SECRET}\n`,
        ]
      : []),
    `Commit ${ledger} once you have built at home, and pull before you build again: the workflow commits it too.`,
  ]
}

/** What no file can do for the author, and what this version cannot do on Netlify. */
export function netlifySteps({ tokens, ledger }: ScaffoldOptions): readonly string[] {
  const remember =
    tokens === 'derived'
      ? `Set the environment variable PRIVATE_POSTS_SECRET in Netlify (Site configuration → Environment\nvariables), and the same at home, to the output of:\n\n    ${MAKE_SECRET}\n`
      : `Build at home before each push that adds a private post or a recipient, and commit ${ledger}: a build\non Netlify keeps no files, so it refuses to make new links. (With --tokens derived it need not keep any.)`
  return [
    PLUGIN(tokens),
    remember,
    'Keep the repository private: the sources of the posts are in it, and the ledger.',
    'After each deploy, run private-posts send --site https://you.example/ at home or in a CI job: this version\ndoes not deliver from Netlify itself. Delivery by Netlify Functions comes with a later version.',
    "When you revoke a link, delete the old deploys too (Deploys, in Netlify's web interface): each stays reachable\nat an address of its own.",
  ]
}
