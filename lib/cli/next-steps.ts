import { headElement, homeLinks, layoutLinks, type HeadLink } from './home-rels.ts'
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
    `${tokens === 'derived' ? 'Set' : 'To write to people by intertalk or FMTP (user@domain), set'} the secret PRIVATE_POSTS_SECRET in Settings → Secrets and variables → Actions, to the output of:\n\n    ${MAKE_SECRET}\n`,
    `Commit ${ledger} once you have built at home, and pull before you build again: the workflow commits it too.`,
  ]
}

/** What no file can do for the author. */
export function netlifySteps({ tokens, ledger, site }: ScaffoldOptions): readonly string[] {
  const remember =
    tokens === 'derived'
      ? []
      : [
          `Build at home before each push that adds a private post or a recipient, and commit ${ledger}: a build\non Netlify keeps no files, so it refuses to make new links. (With --tokens derived it need not keep any.)`,
        ]
  return [
    PLUGIN(tokens),
    `Set the environment variable PRIVATE_POSTS_SECRET in Netlify (Site configuration → Environment variables)\nto the output of:\n\n    ${MAKE_SECRET}\n\nWith it, the build brings the functions along: the gate, the token endpoint, the receiver, the delivery.`,
    'For an inbox, and to sign in elsewhere with your own site, set PRIVATE_POSTS_OWNER to what this prints:\n\n    npx private-posts init passphrase\n',
    ...remember,
    'Keep the repository private: the sources of the posts are in it, and the ledger.',
    `To receive webmentions, and to send and receive private messages, put this into the head of your layout:\n\n${listed(layoutLinks(site))}`,
    homePageStep(site),
    'Deploy. Recipients are told by the deliver function after each deploy; "Functions" in Netlify\'s web interface\nshows what came of it.',
    "When you revoke a link, delete the old deploys too (Deploys, in Netlify's web interface): each stays reachable\nat an address of its own.",
  ]
}

/** How others find the server that the site is, for its readers and for its owner. */
export function homePageStep(site: ScaffoldOptions['site']): string {
  return `So that you can sign in elsewhere as your site, and that readers' sites can ask yours for what you wrote to\nthem, put this into the head of your home page, unless that names an IndieAuth server already:\n\n${listed(homeLinks(site))}`
}

function listed(links: readonly HeadLink[]): string {
  return links.map((link) => `    ${headElement(link)}\n`).join('')
}
