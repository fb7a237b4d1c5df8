/** What the plugin may know of the process that it runs in. */
export interface PluginEnvironment {
  readonly cwd: string
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly now: () => Date
  /** Writes one line for the author. */
  readonly print: (line: string) => void
}

/** Build servers set `CI`; some say so with an empty or a false value that they are none. */
export function isCi({ variables }: PluginEnvironment): boolean {
  const value = variables['CI'] ?? (variables['GITHUB_ACTIONS'] || variables['NETLIFY'] || '')
  return !['', '0', 'false'].includes(value.toLowerCase())
}
