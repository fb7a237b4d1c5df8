import { ConfigurationError } from '../web/errors.ts'
import type { Variables } from './secret-keys.ts'
import { canParseUrl } from '../web/parse-url.ts'

/**
 * The address of `PRIVATE_POSTS_BUILD_HOOK`, where the host builds the site anew. It is a secret.
 *
 * @throws {ConfigurationError} without the value
 */
export function readBuildHook(variables: Variables): URL | undefined {
  const value = variables['PRIVATE_POSTS_BUILD_HOOK']?.trim()
  if (value === undefined || value === '') return undefined
  if (/^https?:/i.test(value) && canParseUrl(value)) return new URL(value)
  throw new ConfigurationError(
    "PRIVATE_POSTS_BUILD_HOOK is no web address. To do: copy it from your host's settings again, or remove it.",
  )
}
