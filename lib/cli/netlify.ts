import { DEFAULT_LEDGER } from './site.ts'
import type { ScaffoldOptions } from './scaffold.ts'

/** Our own build plugin, where npm puts it. */
const BUILD_PLUGIN = './node_modules/eleventy-plugin-private-posts/dist/netlify-build-plugin'

/** The build settings for Netlify. Basic strings of TOML take any JSON string. */
export function netlifyToml({ build, output, node, ledger }: ScaffoldOptions): string {
  const elsewhere = ledger === DEFAULT_LEDGER ? '' : ` --ledger ${shellQuote(ledger)}`
  return `# Written by \`private-posts init netlify\`.
[build]
  command = ${JSON.stringify(`${build} && npx private-posts check ${shellQuote(output)}${elsewhere}`)}
  publish = ${JSON.stringify(output)}

[build.environment]
  NODE_VERSION = ${JSON.stringify(node)}

# After each deploy: asks the deliver function to tell the recipients.
[[plugins]]
  package = ${JSON.stringify(BUILD_PLUGIN)}
`
}

function shellQuote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
