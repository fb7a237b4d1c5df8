import { exceptsSecretsOf, type AuditException } from '../leak-audit/finding.ts'
import type { SecretRules } from '../web/secret-url.ts'

interface SecretSettings {
  readonly gatePrefix: string
  readonly auditExceptions: readonly AuditException[]
  readonly isKnownSecret?: (url: URL) => boolean
}

/** What the site knows of secret addresses. */
export function secretRulesOf({
  gatePrefix,
  isKnownSecret,
}: Omit<SecretSettings, 'auditExceptions'>): SecretRules {
  return { gatePrefixes: [gatePrefix], ...(isKnownSecret && { isKnown: isKnownSecret }) }
}

/** What the site's settings say of secret addresses in the post at `path`. */
export function secretRulesFor(path: string, settings: SecretSettings): SecretRules {
  const isExcepted = exceptsSecretsOf(settings.auditExceptions, path)
  return { ...secretRulesOf(settings), ...(isExcepted && { isPublic: () => true }) }
}
