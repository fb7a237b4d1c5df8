import { DEFAULT_LEDGER } from './site.ts'
import type { ScaffoldOptions } from './scaffold.ts'

/** The build settings for Netlify. Basic strings of TOML take any JSON string. */
export function netlifyToml({ build, output, node, ledger }: ScaffoldOptions): string {
  const elsewhere = ledger === DEFAULT_LEDGER ? '' : ` --ledger ${shellQuote(ledger)}`
  return `# Written by \`private-posts init netlify\`.
[build]
  command = ${JSON.stringify(`${build} && npx private-posts check ${shellQuote(output)}${elsewhere}`)}
  publish = ${JSON.stringify(output)}

[build.environment]
  NODE_VERSION = ${JSON.stringify(node)}
`
}

function shellQuote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
