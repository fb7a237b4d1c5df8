import type { BuildState, BuiltPost } from './build-state.ts'
import type { ResolvedOptions } from './options.ts'

/** Where a private post lies as long as it is built: a folder with a name that is new in each build. */
export function buildAddress(
  { placeholders }: BuildState,
  { number, post }: BuiltPost,
  { prefix, gatePrefix }: Pick<ResolvedOptions, 'prefix' | 'gatePrefix'>,
): string {
  const place = post.access === 'gate' ? gatePrefix : prefix
  return `${place}${placeholders.page(number)}/`
}
