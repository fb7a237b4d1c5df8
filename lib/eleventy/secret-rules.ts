import type { AuditException } from '../leak-audit/finding.ts'
import { exceptsSecretsOf } from '../leak-audit/finding.ts'
import type { SecretRules } from '../web/secret-url.ts'

/** What the site's settings say of secret addresses in the post at `path`. */
export function secretRulesFor(
  path: string,
  {
    gatePrefix,
    auditExceptions,
  }: { readonly gatePrefix: string; readonly auditExceptions: readonly AuditException[] },
): SecretRules {
  const isExcepted = exceptsSecretsOf(auditExceptions, path)
  return { gatePrefixes: [gatePrefix], ...(isExcepted && { isPublic: () => true }) }
}
